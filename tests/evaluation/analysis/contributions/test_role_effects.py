"""evaluation/analysis/contributions/role_effects.py: what one seat changes, against plain loops over all pairs."""

import math
from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.agents.models.outcomes import Outcome
from primum.agents.specs.model import AgentSpec
from primum.agents.specs.rule import Rule
from primum.agents.studies.panel import solos_of
from primum.agents.topologies.registry import ensemble_of
from primum.agents.turns.transcript import Answer
from primum.cases.model import Case, Suite, SuiteInfo, Variant, VariantMetadata
from primum.evaluation.analysis.contributions.matched_pairs import pairs_of
from primum.evaluation.analysis.contributions.role_effects import Effect, effects
from primum.evaluation.metrics.registry import column_names, primary
from primum.evaluation.metrics.score_table import ScoreBook
from primum.evaluation.statistics.bootstrap import intervals, sign_flip_p
from primum.evaluation.statistics.estimates import Sample, draw_sample
from primum.evaluation.statistics.multiple_testing import benjamini_hochberg

A, B, C = (AgentSpec(model=name) for name in "abc")
UNION = Rule(name="union")
VOTES = tuple(
    ensemble_of(name="+".join(x.model for x in team), graph="vote", generators=team, rule=UNION)
    for size in (2, 3)
    for team in combinations((A, B, C), size)
)
CHAINS = tuple(
    ensemble_of(
        name=f"a+{'+'.join(x.model for x in rest)}", graph="relay", generators=(A,), guardians=rest
    )
    for rest in ((B,), (C,), (B, C), (C, B))
)
SPECS = (*VOTES, *CHAINS, *solos_of(VOTES))
ITEMS = ("Card1", "Card1-0", "Card2", "Card3", "Card4")
TRIALS = 2
Sheet = dict[str, list[tuple[int, ...] | None]]
"""By ensemble what each item's trials recommended, in order; None without an answer."""


@pytest.fixture(scope="module")
def suite(rubric: Callable[..., Case]) -> Suite:
    variant = Variant(
        id="Card1-0", prompt="?", metadata=VariantMetadata(base_id="Card1", category="Age")
    )
    cases = tuple(rubric({1: 9, 2: 1, 3: 8}, name=f"Card{n}") for n in range(1, 5))
    return Suite(info=SuiteInfo(name="made"), cases=cases, variants=(variant,))


def sample_of(suite: Suite, sheet: Sheet) -> Sample:
    book = ScoreBook(suite, tuple(spec.name for spec in SPECS), TRIALS)
    for name, given_ in sheet.items():
        for place, chosen in enumerate(given_):
            item, trial = ITEMS[place // TRIALS], place % TRIALS + 1
            outcome = Outcome.TIMEOUT if chosen is None else Outcome.OK
            book.add([Answer(name, item, trial, outcome, "", chosen)])
    return draw_sample(book, seed=3, resamples=100)


def slow(sample: Sample, kind: str, role: str, model: str, other: str | None, name: Any) -> Any:
    """The mean difference of each case over pairs, and how many pairs there are."""
    book, column = sample.book, column_names().index(name)
    place = {spec: number for number, spec in enumerate(book.ensembles)}
    by_case: list[list[float]] = [[] for _ in book.suite.cases]
    pairs = 0
    for pair in pairs_of(SPECS):
        wanted = pair.other == other or (kind == "swap" and other == "any" and pair.other)
        if (pair.role, pair.model) != (role, model) or not wanted:
            continue
        pairs += 1
        for case, (_, items) in enumerate(book.by_case()):
            of_items = []
            for item in items:
                trials = [
                    book.cube[place[pair.first], item, t, column]
                    - book.cube[place[pair.second], item, t, column]
                    for t in range(TRIALS)
                ]
                there = [value for value in trials if not math.isnan(value)]
                of_items += [sum(there) / len(there)] if there else []
            by_case[case] += [sum(of_items) / len(of_items)] if of_items else []
    means = [sum(values) / len(values) if values else math.nan for values in by_case]
    return np.array(means), pairs


CHOSEN = st.none() | st.sets(st.integers(1, 3)).map(lambda chosen: tuple(sorted(chosen)))
SHEETS = st.fixed_dictionaries(
    {
        spec.name: st.lists(CHOSEN, min_size=len(ITEMS) * TRIALS, max_size=len(ITEMS) * TRIALS)
        for spec in SPECS
    }
)


@given(SHEETS)
@settings(deadline=None, max_examples=4)
def test_effects_are_means_over_pairs_then_over_cases(suite: Suite, sheet: Sheet) -> None:
    sample = sample_of(suite, sheet)
    found = list(effects(sample, SPECS))
    assert len({(e.kind, e.role, e.model, e.other, e.definition, e.metric) for e in found}) == len(
        found
    )
    assert {(e.definition, e.metric) for e in found} == {
        (m.definition.name, m.name) for m in primary()
    }
    for effect in found:
        values, pairs = slow(
            *(sample, effect.kind, effect.role, effect.model, effect.other),
            (effect.definition, effect.metric),
        )
        there = values[~np.isnan(values)]
        assert (effect.pairs, effect.cases) == (pairs, len(there))
        column = values[:, None]
        wanted = intervals(column, sample.weights)
        p = sign_flip_p(column, len(sample.weights), sample.seed)
        assert [effect.difference, effect.lo, effect.hi, effect.p] == pytest.approx(
            [wanted.mean[0], wanted.lo[0], wanted.hi[0], p[0]], nan_ok=True
        )
    for kind in ("add", "swap"):
        for name in [(m.definition.name, m.name) for m in primary()]:
            family = [e for e in found if e.kind == kind and (e.definition, e.metric) == name]
            adjusted = benjamini_hochberg(np.array([e.p for e in family]))
            assert [e.p_adjusted for e in family] == pytest.approx(list(adjusted), nan_ok=True)


def by_seat(found: list[Effect], metric: str) -> dict[tuple[str, str, str, str | None], Effect]:
    return {(e.kind, e.role, e.model, e.other): e for e in found if e.metric == metric}


def constant(chosen: Mapping[str, tuple[int, ...] | None]) -> Sheet:
    return {name: [given_] * (len(ITEMS) * TRIALS) for name, given_ in chosen.items()}


def test_who_changes_nothing_has_no_effect_and_who_harms_has_his(suite: Suite) -> None:
    """b adds nothing to any team; c brings the harmful option 2 into every one."""
    chosen = {
        spec.name: (1, 2, 3) if any(agent.model == "c" for _, _, agent in spec.seats) else (1, 3)
        for spec in SPECS
    }
    found = by_seat(list(effects(sample_of(suite, constant(chosen)), SPECS)), "Severe_rate")
    nobody = found["add", "generator", "b", None]
    assert (nobody.difference, nobody.lo, nobody.hi, nobody.p) == (0, 0, 0, 1)
    assert (nobody.pairs, nobody.cases) == (3, 4)  # to a, to c, to a+c
    assert found["add", "generator", "c", None].difference == 1
    assert found["swap", "generator", "c", "b"].difference == 1
    assert found["swap", "generator", "b", "c"].difference == -1
    assert found["swap", "generator", "a", "b"].difference == 0
    guard = found["add", "guardian", "c", None]
    assert (guard.difference, guard.pairs) == (1, 3)  # to a, before b, after b
    assert found["swap", "guardian", "c", "b"].difference == 1
    assert found["swap", "guardian", "c", "any"].pairs == 1
    assert ("add", "generator", "a", None) in found
    assert ("add", "guardian", "a", None) not in found


def test_what_did_not_come_back_is_no_difference(suite: Suite) -> None:
    """Where a+b has but the variant of Card1, the solo's answers to the others say nothing."""
    size = len(ITEMS) * TRIALS
    sheet = constant({spec.name: (1, 3) for spec in SPECS})
    sheet["a+b"] = [None, None, (1, 3), (1, 3), *[None] * (size - 4)]
    sheet["a"] = [(2,), (2,), (1, 3), (1, 3), *[(2,)] * (size - 4)]
    for metric in ("Severe_rate", "F1_weighted"):
        seat = by_seat(
            list(effects(sample_of(suite, sheet), (VOTES[0], *solos_of(VOTES[:1])))), metric
        )
        added = seat["add", "generator", "b", None]
        assert (added.difference, added.cases, added.pairs) == (0, 1, 1)
        assert math.isnan(added.p)
    silent = constant({spec.name: None for spec in SPECS})
    assert all(
        math.isnan(e.difference) and e.cases == 0 for e in effects(sample_of(suite, silent), SPECS)
    )


def test_a_study_without_neighbours_has_no_effects(suite: Suite) -> None:
    sample = sample_of(suite, constant({"a": (1,)}))
    assert list(effects(sample, solos_of(VOTES))) == []
    assert list(effects(sample, (VOTES[0],))) == []
