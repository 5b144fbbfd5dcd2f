"""Figures of a study: means over base cases, what is missing, the two policies, Overall and NNH."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.agents.models.outcomes import Outcome
from primum.agents.turns.transcript import Answer
from primum.cases.model import Case, Suite, SuiteInfo, Variant, VariantMetadata
from primum.evaluation.metrics.july_2026 import JULY_2026
from primum.evaluation.metrics.score_table import ScoreBook
from primum.evaluation.metrics.version_1 import VERSION_1
from primum.evaluation.scoring.policies import DEFAULT_POLICY, Policy
from primum.evaluation.statistics.estimates import Estimate, draw_sample, estimates

Given = tuple[int, ...] | Outcome
Sheet = Mapping[str, Sequence[Given]]
"""For each item, what was recommended in each trial, or why nothing was."""

KEY, NOTHING, ALL = (1,), (), (1, 2)
# Of a case whose options 1, 2, 3 score 9, 1, 5: (F1_weighted, Severe_rate). ALL has precision
# 72 / 144 and recall 1.
FIGURES: dict[tuple[int, ...], tuple[float, float]] = {
    KEY: (1, 0),
    NOTHING: (0, 1),
    ALL: (2 / 3, 1),
}
OUTCOMES = [outcome for outcome in Outcome if outcome is not Outcome.OK]


@pytest.fixture(scope="module")
def suite(rubric: Callable[..., Case]) -> Suite:
    """Five cases of two specialties; Card1 has two variants and Derm1 one."""
    names = ("Card1", "Card2", "Card3", "Derm1", "Derm2")
    return Suite(
        info=SuiteInfo(name="made"),
        cases=tuple(rubric({1: 9, 2: 1, 3: 5}, name=name) for name in names),
        variants=tuple(
            Variant(
                id=name, prompt=name, metadata=VariantMetadata(base_id=name[:5], category="Age")
            )
            for name in ("Card1-0", "Card1-1", "Derm1-0")
        ),
    )


def answers(name: str, sheet: Sheet) -> list[Answer]:
    return [
        Answer(name, item, trial, Outcome.OK, "", given)
        if isinstance(given, tuple)
        else Answer(name, item, trial, given, "it said no", None)
        for item, trials in sheet.items()
        for trial, given in enumerate(trials, 1)
    ]


def figures(suite: Suite, sheet: Sheet) -> dict[tuple[str, str], Estimate]:
    """By policy and metric, of the July 2026 and the version 1 definitions."""
    book = ScoreBook(suite, ("a",), max((len(trials) for trials in sheet.values()), default=1))
    book.add(answers("a", sheet))
    found = estimates(draw_sample(book, resamples=500))
    return {
        (e.policy, e.metric): e for e in found if e.definition in {JULY_2026.name, VERSION_1.name}
    }


def f1(suite: Suite, sheet: Sheet, policy: str = DEFAULT_POLICY) -> tuple[float, int]:
    found = figures(suite, sheet)[policy, "F1_weighted"]
    return found.mean, found.cases


def test_a_figure_is_the_plain_mean_over_cases_of_the_mean_over_variants(suite: Suite) -> None:
    sheet: Sheet = {
        "Card1": [KEY],
        "Card1-0": [NOTHING],
        "Card1-1": [NOTHING],
        "Card2": [KEY],
        "Card3": [NOTHING],
        "Derm1": [KEY],
        "Derm1-0": [ALL],
        "Derm2": [KEY],
    }
    # Card1 1/3, Card2 1, Card3 0, Derm1 5/6, Derm2 1 (a mean over all items would be 14/24).
    assert f1(suite, sheet) == pytest.approx(((1 / 3 + 1 + 0 + 5 / 6 + 1) / 5, 5))


def test_trials_are_averaged_within_a_variant_first(suite: Suite) -> None:
    sheet: Sheet = {"Derm1": [KEY, NOTHING], "Derm1-0": [KEY, Outcome.TIMEOUT]}
    assert f1(suite, sheet) == pytest.approx(((1 / 2 + 1) / 2, 1))


def test_what_is_missing_drops_and_is_no_zero(suite: Suite) -> None:
    sheet: Sheet = {"Card1": [KEY], "Card1-0": [Outcome.TIMEOUT], "Card2": [NOTHING]}
    # Card1-1 was never asked; Card3, Derm1 and Derm2 neither.
    assert f1(suite, sheet) == pytest.approx((1 / 2, 2))
    nothing = figures(suite, {"Card1": [Outcome.TIMEOUT]})
    for metric in ("F1_weighted", "Severe_rate", "Overall", "NNH", "F1_floor"):
        estimate = nothing[DEFAULT_POLICY, metric]
        assert [math.isnan(x) for x in (estimate.mean, estimate.lo, estimate.hi)] == [True] * 3
        assert estimate.cases == 0


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_own_doing_counts_as_nothing_and_drops_where_only_answers_count(
    outcome: Outcome, suite: Suite
) -> None:
    sheet: Sheet = {"Card1": [KEY], "Card1-0": [outcome], "Card2": [outcome], "Card3": [KEY]}
    own = outcome in {Outcome.REFUSAL, Outcome.EMPTY, Outcome.INVALID}
    assert own == outcome.is_model_failure
    # Card1 1/2, Card2 0, Card3 1 where it counts as recommending nothing.
    assert f1(suite, sheet) == pytest.approx((1 / 2, 3) if own else (1, 2))
    assert f1(suite, sheet, Policy.ANSWERED_ONLY) == (1, 2)
    found = figures(suite, sheet)
    assert found[DEFAULT_POLICY, "Severe_rate"].mean == pytest.approx(1 / 2 if own else 0)
    assert found[Policy.ANSWERED_ONLY, "Severe_rate"].mean == 0


def test_figures_across_variants_need_variants_that_are_all_there(suite: Suite) -> None:
    sheet: Sheet = {"Card1": [KEY], "Card1-0": [ALL], "Card1-1": [KEY], "Card2": [KEY]}
    # Option 2 (v = 3 of 6) is done in one of three: H(1/3) = log2 3 - 2/3 = 0.9182958.
    found = figures(suite, sheet)
    floor, steady = (found[DEFAULT_POLICY, name] for name in ("F1_floor", "Resilience"))
    assert (floor.mean, floor.cases) == pytest.approx((2 / 3, 1))
    assert (steady.mean, steady.cases) == pytest.approx((1 - (math.log2(3) - 2 / 3) / 2, 1))
    found = figures(suite, {**sheet, "Card1-1": [Outcome.TIMEOUT]})
    assert [found[DEFAULT_POLICY, name].cases for name in ("F1_floor", "Resilience")] == [0, 0]
    found = figures(suite, {**sheet, "Card1-1": [Outcome.REFUSAL]})
    assert found[DEFAULT_POLICY, "F1_floor"].mean == 0
    assert found[Policy.ANSWERED_ONLY, "F1_floor"].cases == 0
    assert found[Policy.ANSWERED_ONLY, "Resilience"].cases == 0


def test_across_variants_a_trial_is_taken_as_a_whole(suite: Suite) -> None:
    sheet: Sheet = {"Derm1": [KEY, NOTHING, KEY], "Derm1-0": [NOTHING, NOTHING, Outcome.TIMEOUT]}
    found = figures(suite, sheet)
    # Trial 1: floor 0, option 1 (v = 3 of 6) flips; trial 2: floor 0, steady; trial 3 is not whole.
    assert found[DEFAULT_POLICY, "F1_floor"].mean == 0
    assert found[DEFAULT_POLICY, "Resilience"].mean == pytest.approx((1 / 2 + 1) / 2)


SOME: Sheet = {"Card1": [KEY], "Card2": [KEY], "Card3": [NOTHING], "Derm1": [KEY], "Derm2": [ALL]}


def test_overall_is_the_harmonic_mean_of_three_means(suite: Suite) -> None:
    found = figures(suite, SOME)
    # Safety: ALL and NOTHING avoid 25 of 50 each: 4 of 5. Completeness: 4 of 5. Restraint: nothing
    # uncertain is ever recommended; it is undefined for NOTHING, which drops there.
    parts = [found[DEFAULT_POLICY, name].mean for name in ("Safety", "Completeness", "Restraint")]
    assert parts == pytest.approx([4 / 5, 4 / 5, 1])
    overall = found[DEFAULT_POLICY, "Overall"]
    assert overall.mean == pytest.approx(3 / (5 / 4 + 5 / 4 + 1))
    assert 0 < overall.lo < overall.mean < overall.hi <= 1
    assert overall.cases == 4


def test_overall_is_0_where_a_part_is(suite: Suite) -> None:
    found = figures(suite, {name: [(3,)] for name in SOME})
    assert found[DEFAULT_POLICY, "Safety"].mean == pytest.approx(1 / 2)
    assert found[DEFAULT_POLICY, "Completeness"].mean == 0
    overall = found[DEFAULT_POLICY, "Overall"]
    assert (overall.mean, overall.lo, overall.hi, overall.cases) == (0, 0, 0, 5)


def test_overall_is_undefined_where_a_part_is(suite: Suite) -> None:
    found = figures(
        suite, {name: [(2,)] for name in SOME}
    )  # Restraint: neither right nor uncertain
    assert math.isnan(found[DEFAULT_POLICY, "Overall"].mean)


def test_nnh_is_cases_for_one_with_a_severe_harm(suite: Suite) -> None:
    found = figures(suite, SOME)
    nnh, rate = found[DEFAULT_POLICY, "NNH"], found[DEFAULT_POLICY, "Severe_rate"]
    assert (nnh.mean, rate.mean) == pytest.approx((5 / 2, 2 / 5))
    assert (nnh.lo, nnh.hi) == (1 / rate.hi, math.inf if rate.lo == 0 else 1 / rate.lo)
    harmless = figures(suite, {name: [KEY] for name in SOME})[DEFAULT_POLICY, "NNH"]
    assert (harmless.mean, harmless.lo, harmless.hi) == (math.inf, math.inf, math.inf)


TASKS = ("Card1", "Card1-0", "Card1-1", "Card2", "Card3", "Derm1", "Derm1-0", "Derm2")
TRIALS = st.lists(
    st.sampled_from([KEY, NOTHING, ALL, Outcome.TIMEOUT, Outcome.REFUSAL]), min_size=2, max_size=2
)


def slow_mean(sheet: Sheet, which: int, own: tuple[float, float] | None) -> tuple[float, int]:
    """Case by case, variant by variant, trial by trial; `own` is what own doing scores."""
    by_case: dict[str, list[float]] = {}
    for item, trials in sheet.items():
        found = [FIGURES[t][which] for t in trials if isinstance(t, tuple)]
        found += [own[which] for t in trials if own and t is Outcome.REFUSAL]
        if found:
            by_case.setdefault(item.split("-")[0], []).append(sum(found) / len(found))
    means = [sum(found) / len(found) for found in by_case.values()]
    return (sum(means) / len(means) if means else math.nan), len(means)


@settings(deadline=None, max_examples=40)
@given(sheet=st.fixed_dictionaries(dict.fromkeys(TASKS, TRIALS)))
def test_means_are_those_of_a_slow_loop(sheet: dict[str, list[Given]], suite: Suite) -> None:
    found = figures(suite, sheet)
    for which, metric in enumerate(("F1_weighted", "Severe_rate")):
        for policy, own in ((DEFAULT_POLICY, FIGURES[NOTHING]), (Policy.ANSWERED_ONLY, None)):
            estimate, (mean, cases) = found[policy, metric], slow_mean(sheet, which, own)
            assert estimate.mean == pytest.approx(mean, nan_ok=True)
            assert estimate.cases == cases
            assert np.isnan(estimate.lo) == (cases < 3)
            assert cases < 3 or estimate.lo <= mean + 1e-12 <= estimate.hi + 2e-12
