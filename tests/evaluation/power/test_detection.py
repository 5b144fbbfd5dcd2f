"""evaluation/power: what simulated studies see is what the tool would see in each of them."""

from collections.abc import Callable

import numpy as np
import pytest

from primum.agents.models.outcomes import Outcome
from primum.agents.topologies.registry import ensemble_of
from primum.agents.turns.transcript import Answer
from primum.cases.model import Case, Suite, SuiteInfo
from primum.evaluation.metrics.score_table import ScoreBook
from primum.evaluation.power.detection import (
    Power,
    design_power,
    detect,
    monte_carlo_error,
    smallest_design,
)
from primum.evaluation.statistics.estimates import draw_sample
from primum.evaluation.statistics.paired_differences import comparisons

ONE, OTHER = (ensemble_of(name=n, graph="imported") for n in ("one", "other"))


@pytest.mark.parametrize("contrasts", [1, 3])
def test_a_study_is_seen_as_its_own_comparison_says(
    rubric: Callable[..., Case], contrasts: int
) -> None:
    """Severe harm in some cases by either; registered with others that show nothing."""
    names = [f"{prefix}{n}" for prefix in ("Card", "Derm", "Endo") for n in range(5)]
    suite = Suite(
        info=SuiteInfo(name="made"),
        cases=tuple(rubric({1: 9, 2: 5}, name=name) for name in names),
    )
    rng = np.random.default_rng(4)
    harms = rng.random((12, 2, len(names))) < np.array([0.75, 0.2])[:, None]
    severe = harms.astype(float)
    specialties = [case.specialty for case in suite.cases]
    seen = detect((severe[:, 0] - severe[:, 1]).T, specialties, contrasts, seed=9)
    metrics = ("Severe_rate", "Restraint", "Escalation")[:contrasts]
    family = frozenset({("one", "other", metric) for metric in metrics})
    for study, (own, base) in enumerate(harms):
        book = ScoreBook(suite, ("one", "other"), trials=1)
        sides = (("one", own), ("other", base))
        book.add(
            Answer(name, case, 1, Outcome.OK, "", () if harm else (1,))
            for name, side in sides
            for case, harm in zip(names, side, strict=True)
        )
        found = {
            c.metric: c
            for c in comparisons(draw_sample(book, 9), (), family)
            if c.definition != "2026-06"
        }["Severe_rate"]
        worst = min(1, contrasts * found.p)  # the first of so many, none of the others seen
        assert found.p_adjusted <= worst + 1e-12
        way = int(np.sign(found.difference))
        assert seen.by_test[study] == (way if worst < 0.05 else 0)
        assert seen.by_interval[study] == (found.lo > 0) - (found.hi < 0)
    assert 0 < np.count_nonzero(seen.by_test) < 12


def test_power_grows_with_cases_and_falls_with_contrasts() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(0.5, 1, (60, 200, 2))
    specialties = ["Cardiology"] * 60

    def power(cases: int, trials: int, contrasts: int = 1) -> float:
        part = values[:cases, :, :trials]
        return design_power(part, specialties[:cases], contrasts, 0, 1).power

    assert power(15, 1) < power(30, 1) < power(60, 1) > power(60, 1, 50)
    assert power(30, 1) < power(30, 2)
    # a t-test of 30 normal differences of half a standard deviation has .75 (Cohen 1988)
    assert power(30, 1) == pytest.approx(0.75, abs=4 * monte_carlo_error(150, 200))


def test_where_there_is_no_difference_one_study_in_twenty_sees_one() -> None:
    rng = np.random.default_rng(1)
    seen = detect(rng.choice([-1.0, 0, 0, 1], (60, 1000)), ["Cardiology"] * 60, 1, 0)
    assert (seen.by_test != 0).mean() < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1000)
    assert (seen.by_test != 0).mean() > 0.01


def test_the_smallest_design_has_the_fewest_answers() -> None:
    def design(cases: int, trials: int, power: float) -> Power:
        return Power(cases, trials, power, 0, 0, 0, 0)

    low, wide, deep = design(50, 1, 0.5), design(120, 1, 0.8), design(40, 3, 0.9)
    assert smallest_design([low, wide, deep]) == deep
    assert smallest_design([low, wide]) == wide
    assert smallest_design([low]) is None
