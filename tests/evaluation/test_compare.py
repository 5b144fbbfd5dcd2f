"""Paired differences: task by task, against the best member, the mean member and a named one."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from primum.agents.client import Outcome
from primum.agents.ensembles import EnsembleSpec
from primum.agents.records import Answer
from primum.agents.study import Study
from primum.cases.model import Case, Suite, SuiteInfo, Variant, VariantMetadata
from primum.evaluation.compare import Comparison, comparisons
from primum.evaluation.metrics import METRICS
from primum.evaluation.scores import V1, ScoreBook
from primum.evaluation.statistics import intervals, sign_flip_p
from primum.evaluation.summary import NAMES, Sample, draw_sample

# Of a case whose option 1 scores 9 and option 2 scores 1, F1_weighted and Severe_rate are:
# KEY 1 and 0, NOTHING 0 and 1, ALL 2/3 (precision 72 / 144) and 1.
KEY, NOTHING, ALL = (1,), (), (1, 2)
Sheets = Mapping[str, Mapping[str, tuple[int, ...] | None]]
"""For each ensemble and task, what was recommended; None where nothing came back."""


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
        Answer(name, task, 1, Outcome.TIMEOUT if given is None else Outcome.OK, "", given)
        for name, sheet in sheets.items()
        for task, given in sheet.items()
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
    return {(c.ensemble, c.against, c.metric): c for c in found if c.definition in {METRICS, V1}}


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
    assert len(set(pairs)) == len(pairs) == 6 * len(NAMES)


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
    wanted = intervals(differences, sample.counts)
    p = sign_flip_p(differences, len(sample.counts), sample.seed)
    found = compared(suite, study, sheets, against="ann")["duo", "ann", "F1_weighted"]
    assert (found.difference, found.cases) == pytest.approx((2 / 5, 5))
    assert (found.lo, found.hi, found.p) == pytest.approx((wanted.lo[0], wanted.hi[0], p[0]))
    assert 0 < found.lo < 2 / 5 < found.hi <= 1
