"""What is said of figures that rest on little, and that nothing is said of the others."""

from collections.abc import Callable

import numpy as np
import pytest

from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.registry import ensemble_of
from primum.cases.model import SPECIALTIES, Case, Suite, SuiteInfo
from primum.core.arrays import Floats
from primum.evaluation.analysis.cautions import cautions_for
from primum.evaluation.metrics.july_2026 import JULY_2026
from primum.evaluation.metrics.registry import column_names
from primum.evaluation.metrics.score_table import ScoreBook
from primum.evaluation.statistics.bootstrap import sign_flip_p
from primum.evaluation.statistics.estimates import draw_sample, estimates
from primum.evaluation.statistics.paired_differences import comparisons

SEVERE = column_names().index((JULY_2026.name, "Severe_rate"))
Said = Callable[..., list[str]]
Scored = tuple[tuple[int, int], ...]  # a row of the book, and how many of its cases have a score


def specs() -> tuple[EnsembleSpec, ...]:
    rows: list[dict[str, object]] = [
        {"name": "a", "graph": "solo", "generators": ("a",)},
        {"name": "b", "graph": "solo", "generators": ("b",)},
        {"name": "duo", "graph": "vote", "generators": ("a", "b"), "rule": "union"},
        {"name": "control:key", "graph": "control"},
    ]
    return tuple(ensemble_of(**row) for row in rows)


@pytest.fixture(scope="module")
def said(rubric: Callable[..., Case]) -> Said:
    """Warnings of a study of so many cases whose ensembles do severe harm in its first so many."""

    def warn(
        cases: int, a: int, b: int, duo: int, f1: Floats | None = None, scored: Scored = ()
    ) -> list[str]:
        made = [rubric({1: 9, 2: 1}, name=f"{list(SPECIALTIES)[n % 10]}{n}") for n in range(cases)]
        suite = Suite(info=SuiteInfo(name="made"), cases=tuple(made))
        book = ScoreBook(suite, tuple(spec.name for spec in specs()), 1)
        book.cube[:] = np.random.default_rng(1).random(book.cube.shape)
        for row, number in enumerate((a, b, duo, 0)):
            book.cube[row, :, 0, SEVERE] = np.arange(cases) < number
        if f1 is not None:
            book.cube[:3, :, 0, column_names().index((JULY_2026.name, "F1_weighted"))] = f1
        for row, number in scored:
            book.cube[row, number:] = np.nan
        sample = draw_sample(book, 0, 500)
        return cautions_for(sample, estimates(sample), comparisons(sample, specs()))

    return warn


def test_nothing_is_said_of_figures_that_rest_on_enough(said: Said) -> None:
    assert said(30, 20, 13, 5) == []


def test_few_cases_are_said_once(said: Said) -> None:
    lines = [line for line in said(19, 12, 5, 12) if "base cases" in line]
    assert len(lines) == 1
    assert lines[0].startswith("19 base cases")
    assert not [line for line in said(20, 12, 5, 12) if "base cases" in line]


def test_two_cases_have_neither_intervals_nor_p_values(said: Said) -> None:
    (line,) = said(2, 1, 1, 1)
    assert line.startswith("2 base cases: with fewer than 3 there are no intervals")


def test_cases_without_a_score_are_not_counted(said: Said) -> None:
    alone = said(30, 20, 13, 5, scored=((0, 1), (1, 1), (2, 1)))
    assert [line.partition(":")[0] for line in alone] == ["1 base case"]
    (line,) = (x for x in said(30, 20, 13, 5, scored=((0, 12), (1, 2), (3, 1))) if "ew base" in x)
    assert "of b (2), a (12): with fewer than 3 there are no intervals" in line
    (line,) = (x for x in said(30, 20, 13, 5, scored=((0, 12),)) if "ew base" in x)
    assert "of a (12): with fewer than 20" in line
    assert not said(30, 20, 13, 5, scored=((0, 0), (1, 0), (2, 0)))


@pytest.mark.parametrize("events", [4, 26])
def test_rare_events_and_rare_absences_are_named(said: Said, events: int) -> None:
    lines = [line for line in said(30, events, 15, 5) if "the event or without it" in line]
    assert [line.partition(":")[0] for line in lines] == ["Severe_rate of a"]


def test_intervals_without_width_are_named_and_controls_are_not(said: Said) -> None:
    lines = [line for line in said(30, 0, 30, 15) if "without width" in line]
    assert [line.partition(":")[0] for line in lines] == ["Severe_rate of a, b"]


def test_differences_that_no_test_can_find_are_named(said: Said) -> None:
    lines = [line for line in said(30, 15, 10, 10) if "sign-flip" in line]
    # duo differs from the better solo nowhere, from the mean of both in five cases.
    assert len(lines) == 1
    assert "duo against its best member, duo against the mean of its members" in lines[0]
    assert "F1_weighted" not in lines[0]


def test_six_cases_that_differ_can_be_found_and_five_cannot() -> None:
    p = [sign_flip_p(np.array([1.0] * n + [0.0] * (30 - n))[:, None], 20_000, 1)[0] for n in (5, 6)]
    assert p[0] > 0.05 > p[1]


def test_many_names_are_cut_short(said: Said) -> None:
    lines = said(30, 15, 15, 15, f1=np.full(30, 0.5))
    same = next(line for line in lines if line.startswith("F1_weighted of"))
    assert "a, b, duo:" in same
    assert all(len(line) < 200 for line in lines)
