"""What generators are worth: which ensembles are one game, and its figures case by case."""

import math
from collections.abc import Callable, Sequence
from dataclasses import fields
from itertools import combinations, permutations
from typing import Any

import numpy as np
import pytest

from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.registry import ensemble_of
from primum.cases.model import Case, Suite, SuiteInfo
from primum.evaluation.analysis.contributions.coalitions import EMPTY_COALITION, games, name_of
from primum.evaluation.analysis.contributions.shapley_values import ShapleyValue, shapley_values
from primum.evaluation.metrics.july_2026 import JULY_2026
from primum.evaluation.metrics.registry import case_metrics, column, column_names, primary
from primum.evaluation.metrics.score_table import ScoreBook
from primum.evaluation.metrics.version_1 import VERSION_1
from primum.evaluation.statistics.bootstrap import intervals, resample, strata_of
from primum.evaluation.statistics.estimates import Sample
from primum.evaluation.store.schema import TABLES

SEVERE = column_names().index((JULY_2026.name, "Severe_rate"))
CASES = 12
Sampled = Callable[[Sequence[EnsembleSpec]], Sample]


def spec(name: str, graph: str = "vote", **fields: Any) -> EnsembleSpec:
    if graph in {"vote", "self-consistency"}:
        fields = {"rule": "majority", **fields}
    return ensemble_of(name=name, graph=graph, **fields)


def solo(name: str) -> EnsembleSpec:
    return spec(name, "solo", generators=(name,))


def team(*generators: str, **fields: Any) -> EnsembleSpec:
    return spec(
        f"{fields.pop('name', 'v')}-{'-'.join(generators)}", generators=generators, **fields
    )


def subsets(players: str, smallest: int, **fields: Any) -> list[EnsembleSpec]:
    sizes = range(smallest, len(players) + 1)
    return [team(*chosen, **fields) for size in sizes for chosen in combinations(players, size)]


@pytest.fixture(scope="module")
def sampled(rubric: Callable[..., Case]) -> Sampled:
    """A sample with values drawn at random for any ensembles; recommending nothing is severe."""
    cases = tuple(rubric({1: 9, 2: 1, 3: 5}, name=f"Card{n}") for n in range(1, CASES + 1))
    suite = Suite(info=SuiteInfo(name="made"), cases=cases)

    def make(specs: Sequence[EnsembleSpec]) -> Sample:
        values = np.random.default_rng(2).random((len(specs), CASES, len(case_metrics())))
        book = ScoreBook(suite, tuple(s.name for s in specs), 1)
        strata = strata_of([case.specialty for case in cases])
        return Sample(book, values, resample(strata, 300, 1), 1)

    return make


def of(found: list[ShapleyValue], model: str, metric: str = "Severe_rate") -> ShapleyValue:
    (one,) = [w for w in found if (w.model, w.metric) == (model, metric)]
    return one


def test_a_vote_of_one_is_its_solo_and_nobody_recommends_nothing(sampled: Sampled) -> None:
    specs = [solo(name) for name in "abc"] + subsets("abc", 2)
    sample = sampled(specs)
    row = {s.name: sample.cases[i, :, SEVERE] for i, s in enumerate(specs)}
    found = list(shapley_values(sample, specs))

    def value(members: Sequence[str]) -> Any:
        if not members:
            return np.ones(CASES)  # the one that scores 9 is left out
        return row[members[0] if len(members) == 1 else f"v-{'-'.join(sorted(members))}"]

    orders = list(permutations("abc"))
    for model in "abc":
        gains = [value(o[: o.index(model) + 1]) - value(o[: o.index(model)]) for o in orders]
        case_values = np.mean(gains, axis=0)
        wanted = intervals(case_values[:, None], sample.weights)
        one = of(found, model)
        assert (one.shapley, one.lo, one.hi) == pytest.approx(
            (wanted.mean[0], wanted.lo[0], wanted.hi[0])
        )
        rest = [name for name in "abc" if name != model]
        assert one.leave_one_out == pytest.approx((value("abc") - value(rest)).mean())
        assert (one.exact, one.orders, one.sampling_error, one.cases) == (True, 6, 0, CASES)
        assert one.loo_lo < one.leave_one_out < one.loo_hi
    assert {w.game for w in found} == {"vote majority"}
    assert {(w.definition, w.metric) for w in found} == {
        (m.definition.name, m.name) for m in primary()
    }


def test_values_of_a_frame_add_up_to_the_whole(sampled: Sampled) -> None:
    specs = [solo(name) for name in "abcd"] + subsets("abcd", 2)
    found = list(shapley_values(sampled(specs), specs))
    for metric in [m.name for m in primary()]:
        of_metric = [w for w in found if w.metric == metric]
        assert len(of_metric) == 4
        if metric != "Restraint":
            total = math.fsum(w.shapley for w in of_metric)
            assert total == pytest.approx(of_metric[0].whole)


def test_recommending_nothing_has_no_restraint_so_nobody_has_a_worth_in_it(
    sampled: Sampled,
) -> None:
    specs = [solo("a"), solo("b"), team("a", "b")]
    one = of(list(shapley_values(sampled(specs), specs)), "a", "Restraint")
    assert math.isnan(one.shapley)
    assert math.isnan(one.whole)
    assert not math.isnan(one.leave_one_out)
    assert one.cases == CASES


def test_the_order_of_generators_plays_no_part(sampled: Sampled) -> None:
    specs = [solo("a"), solo("b"), solo("c"), team("b", "a"), team("c", "a", "b")]
    specs += [team("a", "c"), team("c", "b")]
    assert of(list(shapley_values(sampled(specs), specs)), "a").exact


PANEL: dict[str, Any] = {"graph": "panel", "aggregator": "x"}


@pytest.mark.parametrize(
    "other",
    [
        {"graph": "panel", "aggregator": "y"},
        {**PANEL, "critics": ("y",)},
        {**PANEL, "aggregation": "select"},
        {**PANEL, "authors": "named"},
        {**PANEL, "shuffle": 1},
        {"graph": "layers", "layers": (("y",),), "aggregator": "x"},
        {"rule": "union"},
        {"rule": {"name": "majority", "tie": "include"}},
        {"graph": "debate", "rounds": 2, "rule": "majority"},
    ],
)
def test_what_differs_in_more_than_its_generators_is_another_frame(other: dict[str, Any]) -> None:
    one = subsets("ab", 1, **PANEL)
    found = games([*one, *subsets("ab", 2, name="o", **other)])
    names = [game.name for game in found]
    assert len(set(names)) == len(found) == 2
    assert names[0] == "panel by x"
    assert found[0].teams == {0: EMPTY_COALITION, 1: "v-a", 2: "v-b", 3: "v-a-b"}


def test_names_say_what_is_common() -> None:
    critics = team("a", "b", **PANEL, critics=("y", "z"))
    assert name_of(critics) == "panel by x, critics y + z"
    assert name_of(team("a", "b", rule={"name": "k-of-n", "k": 2})) == "vote 2-of-n"
    debate = team("a", "b", graph="debate", rounds=3, aggregator="x", aggregation="select")
    assert name_of(debate) == "debate selected by x, 3 rounds"
    instructed = {"model": "x", "instructions": "Be brief."}
    assert name_of(team("a", graph="panel", aggregator=instructed)).startswith("panel by x~")


def test_a_panel_of_one_is_not_a_solo(sampled: Sampled) -> None:
    specs = [solo("a"), solo("b"), team("a", "b", **PANEL), team("a", **PANEL)]
    found = list(shapley_values(sampled(specs), specs))
    (a, b) = of(found, "a"), of(found, "b")
    # One order is there: a first, then b; without a there is no team.
    assert (a.orders, a.exact, math.isnan(a.sampling_error)) == (1, False, True)
    assert math.isnan(a.leave_one_out)
    assert b.shapley == pytest.approx(b.leave_one_out)
    assert a.shapley + b.shapley == pytest.approx(a.whole)


def test_nothing_but_the_team_and_those_without_one_is_leave_one_out_alone(
    sampled: Sampled,
) -> None:
    specs = subsets("abc", 2, **PANEL)
    found = list(shapley_values(sampled(specs), specs))
    one = of(found, "a")
    assert [math.isnan(x) for x in (one.shapley, one.lo, one.sampling_error)] == [True] * 3
    assert (one.orders, one.exact, one.cases) == (0, False, CASES)
    assert one.loo_lo < one.leave_one_out < one.loo_hi
    assert not math.isnan(one.whole)


def test_some_orders_of_joining_give_sampled_values(sampled: Sampled) -> None:
    orders = ["abcde", "edcba", "cadbe"]
    masks = {"".join(sorted(order[:n])) for order in orders for n in range(2, 6)}
    specs = [solo(name) for name in "abcde"] + [team(*members) for members in sorted(masks)]
    found = list(shapley_values(sampled(specs), specs))
    shares = [of(found, model) for model in "abcde"]
    assert not any(one.exact for one in shares)
    assert all(3 <= one.orders < 120 and one.sampling_error > 0 for one in shares)
    assert math.fsum(one.shapley for one in shares) == pytest.approx(shares[0].whole)


def test_a_rule_that_needs_more_drafts_than_a_team_has_recommends_nothing() -> None:
    rule = {"name": "k-of-n", "k": 3}
    (game,) = games([solo("a"), *subsets("abcd", 3, rule=rule)])
    assert [game.teams[mask] for mask in (0, 1, 2, 3, 12)] == [EMPTY_COALITION] * 5
    assert game.teams[7] == "v-a-b-c"
    assert len(game.teams) == 16


def test_voters_are_known_by_their_weight_too() -> None:
    weighted = [
        team("a", "b", rule={"name": "weighted", "weights": (2.0, 1.0)}),
        team("b", "a", name="w", rule={"name": "weighted", "weights": (2.0, 1.0)}),
    ]
    both = games([solo("a"), solo("b"), *weighted])  # four players, and no team of all
    assert [game.players for game in both] == [("a x2", "b"), ("b x2", "a")]
    (game,) = games([solo("a"), solo("b"), weighted[0]])
    assert game.players == ("a x2", "b")
    assert game.teams == {0: EMPTY_COALITION, 1: "a", 2: "b", 3: "v-a-b"}


def test_seats_of_one_model_twice_and_other_graphs_are_no_frames() -> None:
    specs = [solo("a"), solo("b"), team("a", "a"), team("a", "b", "b")]
    specs += [spec("r", "relay", generators=("a",), guardians=("b",))]
    specs += [spec("s", "self-consistency", generators=("a",), samples=3)]
    specs += [ensemble_of(name="control:nothing", graph="control")]
    assert games(specs) == []
    assert games([solo("a"), solo("b")]) == []


def test_a_case_that_a_team_lacks_drops_out(sampled: Sampled) -> None:
    specs = [solo("a"), solo("b"), team("a", "b")]
    sample = sampled(specs)
    sample.cases[0, 3] = np.nan  # a
    one, other = (of(list(shapley_values(sample, specs)), model) for model in "ab")
    assert one.cases == other.cases == CASES - 1
    kept = np.arange(CASES) != 3
    whole = sample.cases[2, kept][:, column(primary()[0])].mean() - 1
    assert one.whole == pytest.approx(whole)
    assert one.shapley + other.shapley == pytest.approx(whole)


def test_a_study_without_teams_has_no_worths(sampled: Sampled) -> None:
    specs = [solo("a"), solo("b")]
    assert list(shapley_values(sampled(specs), specs)) == []


def test_safety_is_worth_what_it_adds_to_that_of_doing_nothing(sampled: Sampled) -> None:
    specs = [solo("a"), solo("b"), team("a", "b")]
    sample = sampled(specs)
    one = of(list(shapley_values(sample, specs)), "a", "Safety")
    # Of 25 + 25 avoidable (leave out 1, do 2), doing nothing does 25: Safety 1/2.
    team_safety = sample.cases[2, :, column_names().index((VERSION_1.name, "Safety"))].mean()
    assert one.whole == pytest.approx(team_safety - 1 / 2)


def test_a_record_has_the_columns_of_its_table() -> None:
    columns = [column.name for column in TABLES["shapley_values"].columns]
    assert [field.name for field in fields(ShapleyValue)] == [
        name for name in columns if name not in {"study", "simulated"}
    ]
