"""Team sizes: odds ratios by hand and by scipy, GEE by the sandwich formula and by every answer."""

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.registry import ensemble_of
from primum.cases.model import Case, Suite, SuiteInfo, Variant, VariantMetadata
from primum.core.arrays import Floats
from primum.evaluation.analysis.contributions.gee import NO_ODDS, odds_against_first
from primum.evaluation.analysis.contributions.team_size import TeamSize, odds_ratio, team_sizes
from primum.evaluation.metrics.july_2026 import JULY_2026
from primum.evaluation.metrics.registry import column_names
from primum.evaluation.metrics.score_table import ScoreBook
from primum.evaluation.metrics.version_1 import VERSION_1
from primum.evaluation.statistics.estimates import Sample, case_values
from primum.evaluation.store.schema import TABLES

SEVERE = column_names().index((JULY_2026.name, "Severe_rate"))


def test_an_odds_ratio_by_hand() -> None:
    # 6 of 10 against 2 of 12, 1/2 added to each count.
    ratio, lo, hi = odds_ratio(6, 10, 2, 12)
    wanted = 6.5 * 10.5 / (4.5 * 2.5)
    error = math.sqrt(1 / 6.5 + 1 / 4.5 + 1 / 2.5 + 1 / 10.5)
    assert ratio == pytest.approx(wanted)
    assert lo == pytest.approx(wanted * math.exp(-1.959964 * error), rel=1e-5)
    assert hi == pytest.approx(wanted * math.exp(1.959964 * error), rel=1e-5)


def test_an_odds_ratio_is_scipys_where_a_half_is_nothing() -> None:
    contingency = import_module("scipy.stats.contingency")
    found = odds_ratio(60_000, 100_000, 20_000, 120_000)
    table = [[60_000, 40_000], [20_000, 100_000]]
    theirs = contingency.odds_ratio(table, kind="sample")
    ends = theirs.confidence_interval()
    assert found == pytest.approx((theirs.statistic, ends.low, ends.high), rel=1e-4)


def test_no_event_at_all_still_has_an_odds_ratio() -> None:
    ratio, lo, hi = odds_ratio(0, 5, 0, 7)
    assert lo < 1 < hi
    assert ratio == pytest.approx(0.5 * 7.5 / (5.5 * 0.5))


def sandwich(events: Floats, answers: Floats) -> tuple[Floats, Floats]:
    """Log odds against the first group and their errors, from each case's influence on them.

    The logistic model of groups alone gives each its own share p of events; what a case adds to
    logit p is (events - answers p) / (N p (1 - p)), and the robust variance the sum of squares.
    """
    number = answers.sum(axis=0)
    p = events.sum(axis=0) / number
    influence = (events - answers * p) / (number * p * (1 - p))
    logit = np.log(p / (1 - p))
    apart = influence - influence[:, :1]
    return logit - logit[0], np.sqrt((apart**2).sum(axis=0))


def drawn(seed: int, cases: int = 25, groups: int = 3) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    answers = rng.integers(1, 30, (cases, groups)).astype(float)
    risk = 1 / (1 + np.exp(2 - rng.normal(size=(cases, 1)) + 0.4 * np.arange(groups)))
    return rng.binomial(answers.astype(int), risk).astype(float), answers


@pytest.mark.parametrize("seed", range(4))
def test_odds_are_those_of_the_sandwich_formula(seed: int) -> None:
    events, answers = drawn(seed)
    log_odds, error = sandwich(events, answers)
    found = odds_against_first(events, answers)
    assert all(math.isnan(figure) for figure in found[0])
    for group in (1, 2):
        ends = [log_odds[group] + z * error[group] for z in (0, -1.959964, 1.959964)]
        assert found[group][:3] == pytest.approx(np.exp(ends), rel=1e-5)
        p = math.erfc(abs(log_odds[group] / error[group]) / math.sqrt(2))
        assert found[group].p == pytest.approx(p, rel=1e-4)


def test_odds_are_those_of_every_answer_by_itself_and_of_a_clustered_glm() -> None:
    api = import_module("statsmodels.api")
    events, answers = drawn(7, cases=12)
    case, group = np.nonzero(answers)
    times = answers[case, group].astype(int)
    first = np.concatenate([[0], np.cumsum(times)[:-1]])
    place = np.arange(times.sum()) - np.repeat(first, times)
    outcome = (place < np.repeat(events[case, group], times)).astype(float)
    design = (np.repeat(group, times)[:, None] == np.arange(3)).astype(float)
    design[:, 0] = 1
    clusters, binomial = np.repeat(case, times), api.families.Binomial()
    gee = api.GEE(outcome, design, groups=clusters, family=binomial).fit()
    options = {"groups": clusters, "use_correction": False}
    glm = api.GLM(outcome, design, family=binomial).fit(cov_type="cluster", cov_kwds=options)
    found = odds_against_first(events, answers)
    for theirs in (gee, glm):
        ends = np.exp(theirs.conf_int())
        for at in (1, 2):
            wanted = [np.exp(theirs.params[at]), *ends[at], theirs.pvalues[at]]
            assert tuple(found[at]) == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize("share", [0, 1])
@pytest.mark.parametrize("group", [0, 1])
def test_a_group_with_no_event_or_with_nothing_else_has_no_odds(share: int, group: int) -> None:
    events, answers = drawn(3)
    events[:, group] = share * answers[:, group]
    found = odds_against_first(events, answers)
    assert all(math.isnan(figure) for figure in found[1])
    # Without the first there is nothing to compare with; without the second the third still is.
    assert math.isnan(found[2].ratio) == (group == 0)


def test_fewer_than_three_cases_have_no_odds() -> None:
    events, answers = drawn(3, cases=2)
    assert all(math.isnan(odds.ratio) for odds in odds_against_first(events, answers))


def test_odds_without_any_spread_are_none() -> None:
    """Every case has just as many events: the robust error is 0, and says nothing."""
    found = odds_against_first(np.ones((5, 2)), np.full((5, 2), 2.0))
    assert all(math.isnan(figure) for figure in found[1])


def test_without_statsmodels_there_are_no_odds(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "statsmodels"]:
        monkeypatch.delitem(sys.modules, name)

    class Missing:
        def find_spec(self, name: str, *_: Any) -> None:
            if name.partition(".")[0] == "statsmodels":
                raise ImportError(name)

    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    assert odds_against_first(*drawn(1)) == [NO_ODDS] * 3


@pytest.fixture(scope="module")
def suite(rubric: Callable[..., Case]) -> Suite:
    cases = tuple(rubric({1: 9, 2: 1}, name=f"Card{n}") for n in range(1, 9))
    metadata = VariantMetadata(base_id="Card1", category="Age")
    return Suite(
        info=SuiteInfo(name="made"),
        cases=cases,
        variants=(Variant(id="Card1-0", prompt="?", metadata=metadata),),
    )


def spec(name: str, seats: int, **fields: Any) -> EnsembleSpec:
    given = {
        "name": name,
        "graph": "vote" if seats > 1 else "solo",
        "generators": tuple(f"m{n}" for n in range(seats)),
        **({"rule": "majority"} if seats > 1 else {}),
    }
    return ensemble_of(**given | fields)


def sample_of(suite: Suite, specs: Sequence[EnsembleSpec], seed: int = 1) -> Sample:
    book = ScoreBook(suite, tuple(s.name for s in specs), trials=2)
    rng = np.random.default_rng(seed)
    book.cube[:] = rng.random(book.cube.shape)
    hard = np.array([0, 0, 1, 1, 2, 2, 3, 3, 3]) / 8  # nine answers
    book.cube[..., SEVERE] = rng.random(book.cube.shape[:3]) < hard[:, None] + 0.1
    return Sample(book, case_values(book, book.cube), np.ones((2, 8)), 0)


SPECS = [
    *[spec(f"one{n}", 1, generators=(f"m{n}",)) for n in range(5)],
    *[spec(f"two{n}", 2) for n in range(4)],
    *[spec(f"three{n}", 3) for n in range(2)],
    spec("again", 1, graph="self-consistency", samples=3, rule="majority"),
    ensemble_of(name="control:nothing", graph="control"),
    ensemble_of(name="file", graph="imported"),
]


def by_key(found: Sequence[TeamSize]) -> dict[tuple[int, str], TeamSize]:
    return {(row.agents, row.metric): row for row in found}


@pytest.mark.parametrize(
    "metric",
    [(VERSION_1.name, "Safety"), (JULY_2026.name, "F1_weighted"), (JULY_2026.name, "Severe_rate")],
)
def test_sizes_are_counted_ranked_and_compared(suite: Suite, metric: tuple[str, str]) -> None:
    sample = sample_of(suite, SPECS)
    found = by_key(list(team_sizes(sample, SPECS)))
    assert {size for size, _ in found} == {1, 2, 3}
    means = sample.cases[:12, :, column_names().index(metric)].mean(axis=1)
    severe = sample.cases[:12, :, column_names().index((JULY_2026.name, "Severe_rate"))].mean(
        axis=1
    )
    ranked = np.argsort(means if metric[1] == "Severe_rate" else -means, kind="stable")
    cut = means[ranked[2]]  # 12 ensembles: the best three, and their equals
    top = means <= cut if metric[1] == "Severe_rate" else means >= cut
    members = {1: range(5), 2: range(5, 9), 3: range(9, 12)}  # three seats: self-consistency too
    for size, rows in members.items():
        row, at = found[size, metric[1]], list(rows)
        assert (row.ensembles, row.top_quartile) == (len(at), int(top[at].sum()))
        assert row.median == pytest.approx(np.median(means[at]))
        assert row.median_severe_rate == pytest.approx(np.median(severe[at]))
        if size == 1:
            assert math.isnan(row.odds_ratio)
            assert math.isnan(row.gee_odds_ratio)
        else:
            wanted = odds_ratio(int(top[at].sum()), len(at), int(top[:5].sum()), 5)
            assert (row.odds_ratio, row.lo, row.hi) == pytest.approx(wanted)
            assert row.gee_lo < row.gee_odds_ratio < row.gee_hi


def test_the_odds_of_severe_harm_are_over_answers_clustered_by_case(suite: Suite) -> None:
    sample = sample_of(suite, SPECS)
    harms = sample.book.cube[:12, ..., SEVERE]
    harms[5, 2, 0] = np.nan  # an answer without a score
    by_case = [[0, 1], *([n] for n in range(2, 9))]  # Card1 has a variant
    groups = [slice(0, 5), slice(5, 9), slice(9, 12)]
    events = np.array([[np.nansum(harms[g][:, at]) for g in groups] for at in by_case])
    answers = np.array([[(~np.isnan(harms[g][:, at])).sum() for g in groups] for at in by_case])
    log_odds, error = sandwich(events, answers)
    row = by_key(list(team_sizes(sample, SPECS)))[2, "Safety"]
    assert row.gee_odds_ratio == pytest.approx(math.exp(log_odds[1]), rel=1e-5)
    assert row.gee_hi == pytest.approx(math.exp(log_odds[1] + 1.959964 * error[1]), rel=1e-5)


def test_without_solos_there_are_medians_and_no_odds(suite: Suite) -> None:
    specs = SPECS[5:]
    for row in team_sizes(sample_of(suite, specs), specs):
        assert row.ensembles
        assert math.isnan(row.odds_ratio)
        assert math.isnan(row.gee_odds_ratio)


def test_equals_of_the_last_of_the_best_are_among_the_best(suite: Suite) -> None:
    sample = sample_of(suite, SPECS)
    sample.cases[:] = 0.5
    assert all(row.top_quartile == row.ensembles for row in team_sizes(sample, SPECS))


def test_a_study_of_controls_has_no_sizes(suite: Suite) -> None:
    specs = SPECS[-2:]
    assert list(team_sizes(sample_of(suite, specs), specs)) == []


def test_a_record_has_the_columns_of_its_table() -> None:
    columns = [column.name for column in TABLES["team_sizes"].columns]
    assert [field.name for field in fields(TeamSize)] == [
        name for name in columns if name not in {"study", "simulated"}
    ]
