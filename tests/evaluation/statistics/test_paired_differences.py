"""Paired differences: item by item, against the best member, the mean member and a named one."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from primum.agents.models.outcomes import Outcome
from primum.agents.specs.model import AgentSpec
from primum.agents.specs.rule import Rule
from primum.agents.studies.study import Study
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.registry import ensemble_of
from primum.agents.turns.transcript import Answer
from primum.cases.model import Case, Suite, SuiteInfo, Variant, VariantMetadata
from primum.evaluation.metrics.july_2026 import JULY_2026
from primum.evaluation.metrics.registry import case_metrics, column_names
from primum.evaluation.metrics.score_table import ScoreBook
from primum.evaluation.metrics.version_1 import VERSION_1
from primum.evaluation.statistics.bootstrap import intervals, sign_flip_p
from primum.evaluation.statistics.estimates import Sample, draw_sample
from primum.evaluation.statistics.paired_differences import Comparison, comparisons

# Of a case whose option 1 scores 9 and option 2 scores 1, F1_weighted and Severe_rate are:
# KEY 1 and 0, NOTHING 0 and 1, ALL 2/3 (precision 72 / 144) and 1.
KEY, NOTHING, ALL = (1,), (), (1, 2)
Sheets = Mapping[str, Mapping[str, tuple[int, ...] | None]]
"""For each ensemble and item, what was recommended; None where nothing came back."""


@pytest.fixture(scope="module")
def suite(rubric: Callable[..., Case]) -> Suite:
    names = [f"Card{n}" for n in range(1, 7)]
    variant = Variant(
        id="Card1-0", prompt="?", metadata=VariantMetadata(base_id="Card1", category="Age")
    )
    cases = tuple(rubric({1: 9, 2: 1}, name=name) for name in names)
    return Suite(info=SuiteInfo(name="made"), cases=cases, variants=(variant,))


def sample_of(suite: Suite, specs: tuple[EnsembleSpec, ...], sheets: Sheets) -> Sample:
    book = ScoreBook(suite, tuple(spec.name for spec in specs), trials=1)
    book.add(
        Answer(name, item, 1, Outcome.TIMEOUT if given is None else Outcome.OK, "", given)
        for name, sheet in sheets.items()
        for item, given in sheet.items()
    )
    return draw_sample(book, seed=3, resamples=400)


def compared(
    suite: Suite, study: Study, sheets: Sheets, against: str | None = None
) -> dict[tuple[str, str, str], Comparison]:
    """By ensemble, whom it is held against and metric (July 2026 and version 1)."""
    found = comparisons(
        sample_of(suite, study.ensembles, sheets),
        study.ensembles,
        against=(against,) if against else (),
    )
    return {
        (c.ensemble, c.against, c.metric): c
        for c in found
        if c.definition in {JULY_2026.name, VERSION_1.name}
    }


def test_pairs_are_formed_task_by_task(suite: Suite, study: Study) -> None:
    sheets: dict[str, Any] = {
        "duo": {"Card1": KEY, "Card1-0": NOTHING, "Card2": KEY, "Card3": KEY},
        "ann": {"Card1": None, "Card1-0": KEY, "Card2": NOTHING},
        "ben": {"Card1": KEY, "Card1-0": KEY, "Card2": KEY, "Card3": KEY},
    }
    found = compared(suite, study, sheets, against="ann")["duo", "ann", "F1_weighted"]
    # Card1: only the variant has a pair, 0 - 1 (the means differ by 1/2 - 1); Card2: 1 - 0; Card3: none.
    assert (found.difference, found.cases) == pytest.approx(((-1 + 1) / 2, 2))
    assert [math.isnan(figure) for figure in (found.lo, found.hi, found.p)] == [True] * 3
    mean = compared(suite, study, sheets)["duo", "mean_member", "F1_weighted"]
    # Card1-0: 0 - (1 + 1) / 2; Card2: 1 - (0 + 1) / 2.
    assert (mean.difference, mean.cases) == pytest.approx(((-1 + 1 / 2) / 2, 2))
    assert mean.other == "ann, ben"


# Over four cases ann recommends ALL throughout, ben the key to two of them and nothing to two.
FOUR = ("Card1", "Card2", "Card3", "Card4")
SPLIT: dict[str, Any] = {
    "duo": dict.fromkeys(FOUR, KEY),
    "ann": dict.fromkeys(FOUR, ALL),
    "ben": dict(zip(FOUR, (KEY, KEY, NOTHING, NOTHING), strict=True)),
}


@pytest.mark.parametrize(
    ("metric", "best", "difference"),
    [
        ("F1_weighted", "ann", 1 - 2 / 3),  # ann 2/3, ben 1/2
        ("Severe_rate", "ben", -1 / 2),  # ann 1, ben 1/2: lower is better
        ("Omissions", "ann", 0),  # ann 0, ben 1/2: lower is better
        ("Commissions", "ben", 0),  # ann 1, ben 0: lower is better
        ("Recall_weighted", "ann", 0),  # ann 1, ben 1/2
        ("Precision_weighted", "ben", 0),  # ann 1/2, ben 1, of the two cases that it has one for
    ],
)
def test_the_best_member_is_found_for_each_metric(
    metric: str, best: str, difference: float, suite: Suite, study: Study
) -> None:
    found = compared(suite, study, SPLIT)["duo", "best_member", metric]
    assert found.other == best
    assert found.difference == pytest.approx(difference)


def test_the_mean_member_is_the_mean_of_all(suite: Suite, study: Study) -> None:
    found = compared(suite, study, SPLIT)
    severe = found["duo", "mean_member", "Severe_rate"]
    assert severe.other == "ann, ben"
    assert severe.difference == pytest.approx(0 - (1 + 1 / 2) / 2)


def test_the_best_member_is_one_that_answered(suite: Suite, study: Study) -> None:
    sheets = {**SPLIT, "ann": dict.fromkeys(FOUR, None)}
    found = compared(suite, study, sheets)
    assert found["duo", "best_member", "Severe_rate"].other == "ben"
    assert found["duo", "best_member", "F1_weighted"].difference == pytest.approx(1 / 2)
    assert found["duo", "mean_member", "F1_weighted"].cases == 0  # not all of them answered


def test_solos_and_controls_have_no_members_to_beat(suite: Suite, study: Study) -> None:
    pairs = {key[:2] for key in compared(suite, study, SPLIT)}
    assert pairs == {("duo", to) for to in ("best_member", "mean_member", "best_solo")}
    named = {key[:2] for key in compared(suite, study, SPLIT, against="ann")} - pairs
    assert named == {("duo", "ann"), ("ben", "ann"), ("control:nothing", "ann")}


def test_every_metric_is_compared_once_with_each(suite: Suite, study: Study) -> None:
    found = list(
        comparisons(sample_of(suite, study.ensembles, SPLIT), study.ensembles, against=["ben"])
    )
    pairs = [(c.ensemble, c.against, c.definition, c.metric) for c in found]
    assert len(set(pairs)) == len(pairs) == 6 * len(case_metrics())


def test_a_study_of_solos_alone_compares_nothing(suite: Suite, study: Study) -> None:
    solos = tuple(spec for spec in study.ensembles if spec.graph == "solo")
    assert list(comparisons(sample_of(suite, solos, {"ann": SPLIT["ann"]}), solos)) == []


def test_interval_and_p_are_those_of_the_case_differences(suite: Suite, study: Study) -> None:
    sheets: dict[str, Any] = {
        "duo": dict.fromkeys(("Card1", "Card2", "Card3", "Card4", "Card5"), KEY),
        "ann": dict(zip((*FOUR, "Card5"), (NOTHING, ALL, KEY, ALL, ALL), strict=True)),
        "ben": {},
    }
    sample = sample_of(suite, study.ensembles, sheets)
    differences = np.array([1, 1 / 3, 0, 1 / 3, 1 / 3, math.nan])[:, None]
    wanted = intervals(differences, sample.weights)
    p = sign_flip_p(differences, len(sample.weights), sample.seed)
    found = compared(suite, study, sheets, against="ann")["duo", "ann", "F1_weighted"]
    assert (found.difference, found.cases) == pytest.approx((2 / 5, 5))
    assert (found.lo, found.hi, found.p) == pytest.approx((wanted.lo[0], wanted.hi[0], p[0]))
    assert 0 < found.lo < 2 / 5 < found.hi <= 1


SIX = (*FOUR, "Card5", "Card6")


def test_ratios_are_of_the_means_over_the_same_cases(suite: Suite, study: Study) -> None:
    """Severe harm in one case of six against two of five that both have: 1/5 over 2/5."""
    sheets: dict[str, Any] = {
        "duo": dict(zip(SIX, (KEY, NOTHING, KEY, KEY, KEY, ALL), strict=True)),
        "ann": dict(zip(SIX, (ALL, NOTHING, KEY, KEY, KEY, None), strict=True)),
        "ben": dict.fromkeys(SIX, ALL),
    }
    found = compared(suite, study, sheets, against="ann")
    severe = found["duo", "ann", "Severe_rate"]
    assert (severe.difference, severe.ratio, severe.cases) == pytest.approx((-1 / 5, 1 / 2, 5))
    omitted = found["duo", "ann", "Omissions"]  # one each
    assert (omitted.difference, omitted.ratio) == pytest.approx((0, 1))
    done = found["duo", "ann", "Commissions"]  # none against one
    assert (done.difference, done.ratio) == pytest.approx((-1 / 5, 0))
    # The two harms below are missed by more than one resample in forty: no interval.
    assert math.isnan(severe.ratio_lo)
    assert math.isnan(severe.ratio_hi)
    best = found["duo", "mean_member", "Severe_rate"]  # over five: 1/5 against (2/5 + 1) / 2
    assert best.ratio == pytest.approx((1 / 5) / (7 / 10))
    assert best.ratio_lo <= best.ratio <= best.ratio_hi
    for metric in ("F1_weighted", "Recall_weighted", "Safety", "Completeness"):
        assert math.isnan(found["duo", "ann", metric].ratio)  # of harms alone


def test_where_the_other_does_no_harm_there_is_no_ratio(suite: Suite, study: Study) -> None:
    sheets: dict[str, Any] = {
        "duo": dict.fromkeys(SIX, ALL),
        "ann": dict.fromkeys(SIX, KEY),
        "ben": dict.fromkeys(SIX, ALL),
    }
    found = compared(suite, study, sheets, against="ann")["duo", "ann", "Severe_rate"]
    assert (found.difference, found.lo, found.hi) == (1, 1, 1)
    assert all(math.isnan(figure) for figure in (found.ratio, found.ratio_lo, found.ratio_hi))


def test_against_a_constant_the_ratio_is_the_mean_itself(suite: Suite, study: Study) -> None:
    sheets: dict[str, Any] = {
        "duo": dict(zip(SIX, (ALL, KEY, KEY, ALL, KEY, KEY), strict=True)),
        "ann": dict.fromkeys(SIX, ALL),
        "ben": dict.fromkeys(SIX, ALL),
    }
    sample = sample_of(suite, study.ensembles, sheets)
    wanted = intervals(np.array([1.0, 0, 0, 1, 0, 0])[:, None], sample.weights)
    found = compared(suite, study, sheets, against="ann")["duo", "ann", "Severe_rate"]
    assert (found.ratio, found.ratio_lo, found.ratio_hi) == pytest.approx(
        (1 / 3, wanted.lo[0], wanted.hi[0])
    )


def many(model: str, samples: int) -> EnsembleSpec:
    return ensemble_of(
        name=f"{model}x{samples}",
        graph="self-consistency",
        generators=(AgentSpec(model=model),),
        samples=samples,
        rule=Rule(name="majority"),
    )


def test_the_same_cost_is_the_best_of_the_members_with_the_nearest_calls(
    suite: Suite, study: Study
) -> None:
    """The duo takes two calls: of both members sampled twice the better one, however good three are."""
    single = (many("ann", 2), many("ben", 2), many("ann", 3), many("cat", 2))
    specs = (*study.ensembles, *single)
    chosen = {"duo": ALL, "annx2": NOTHING, "benx2": ALL, "annx3": KEY, "catx2": KEY, "ann": KEY}
    sheets = {name: dict.fromkeys(FOUR, given) for name, given in chosen.items()}
    found = {
        (c.ensemble, c.against, c.metric): c
        for c in comparisons(sample_of(suite, specs, sheets), specs)
        if c.definition in {JULY_2026.name, VERSION_1.name}
    }
    assert found["duo", "same_cost", "F1_weighted"].other == "benx2"
    assert found["duo", "same_cost", "Commissions"].other == "annx2"
    assert found["duo", "same_cost", "Commissions"].difference == 1
    assert found["duo", "best_solo", "F1_weighted"].other == "ann"
    assert {key[0] for key in found if key[1] == "same_cost"} == {"duo"}
    assert found["annx3", "best_member", "F1_weighted"].other == "ann"


def test_holm_is_over_the_registered_contrasts_and_no_other(suite: Suite, study: Study) -> None:
    sheets: dict[str, Any] = {
        "duo": dict(zip(SIX, (KEY, KEY, KEY, ALL, KEY, NOTHING), strict=True)),
        "ann": dict(zip(SIX, (ALL, NOTHING, KEY, ALL, ALL, NOTHING), strict=True)),
        "ben": dict(zip(SIX, (ALL, NOTHING, ALL, ALL, ALL, NOTHING), strict=True)),
        "control:nothing": dict.fromkeys(SIX, NOTHING),
    }
    registered = frozenset(
        {
            ("duo", "best_solo", "Severe_rate"),
            ("duo", "ann", "F1_weighted"),
            ("ben", "control:nothing", "Omissions"),
        }
    )
    sample = sample_of(suite, study.ensembles, sheets)
    found = list(comparisons(sample, study.ensembles, registered))
    holm = [c for c in found if c.adjustment == "holm"]
    assert {(c.ensemble, c.against, c.metric) for c in holm} == registered
    assert len(holm) == 3
    assert {c.definition for c in holm} == {
        JULY_2026.name,
        VERSION_1.name,
    }  # June's F1_weighted is none of them
    ordered = sorted(holm, key=lambda c: c.p)
    adjusted, highest = [], 0.0
    for rank, contrast in enumerate(ordered):
        highest = max(highest, min(1.0, (3 - rank) * contrast.p))
        adjusted.append(highest)
    assert [c.p_adjusted for c in ordered] == pytest.approx(adjusted)
    others = [
        c for c in found if c.adjustment == "bh" and (c.definition, c.metric) == column_names()[0]
    ]
    assert column_names()[0] == (JULY_2026.name, "F1_weighted")
    p = np.array([c.p for c in others])
    slow = [
        min(1.0, *(q * len(p) / (p <= q).sum() for q in p if q >= value)) if len(p) > 1 else value
        for value in p
    ]
    assert [c.p_adjusted for c in others] == pytest.approx(slow)
    without = list(comparisons(sample, study.ensembles))
    assert {c.adjustment for c in without} == {"bh"}
    pairs = {(c.ensemble, c.against) for c in found} - {(c.ensemble, c.against) for c in without}
    assert pairs == {("duo", "ann"), ("ben", "control:nothing")}
