"""Correlations of errors of solos, against a slow count over items, trials, possible harms."""

import math
import random
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from primum.agents.models.outcomes import Outcome
from primum.agents.turns.transcript import Answer
from primum.cases.model import Case, Suite, SuiteInfo, Variant, VariantMetadata
from primum.evaluation.analysis.diversity.correlations import ErrorCorrelation, error_correlations
from primum.evaluation.metrics.score_table import ScoreBook
from primum.evaluation.statistics.estimates import Sample, draw_sample
from primum.evaluation.store.schema import TABLES

Make = Callable[..., Any]
TRIALS = 2
SOLOS = ("ann", "amy", "ben")
SCORES = {1: 1, 2: 9, 3: 8, 4: 8, 5: 7, 6: 5, 7: 2}
LEAST = {"severe": ("severe",), "any": ("severe", "moderate", "mild")}


@pytest.fixture(scope="module")
def suite(rubric: Make) -> Suite:
    shape = {"groups": {"B or C": (3, 4)}, "needs": {5: (3,)}}
    return Suite(
        info=SuiteInfo(name="made"),
        cases=tuple(rubric(SCORES, name=name, **shape) for name in ("Card1", "Derm1", "Endo1")),
        variants=(
            Variant(
                id="Card1-0", prompt="?", metadata=VariantMetadata(base_id="Card1", category="Age")
            ),
        ),
    )


@pytest.fixture(scope="module")
def told(suite: Suite) -> dict[str, list[tuple[Case, frozenset[int] | None]]]:
    """What each solo recommended, item by item and trial by trial; amy mostly as ann does."""
    rng = random.Random(4)
    found: dict[str, list[tuple[Case, frozenset[int] | None]]] = {name: [] for name in SOLOS}
    for item in suite.items():
        for trial in range(TRIALS):
            first = frozenset(n for n in SCORES if rng.random() < 0.5)
            found["ann"].append((item.case, first))
            found["amy"].append((item.case, first ^ {n for n in SCORES if rng.random() < 0.2}))
            other = frozenset(n for n in SCORES if rng.random() < 0.5)
            silent = item.id == "Card1" and trial == 1
            found["ben"].append((item.case, None if silent else other))
    return found


@pytest.fixture(scope="module")
def sample(suite: Suite, told: Any) -> Sample:
    book = ScoreBook(suite, SOLOS, TRIALS)
    places = [(item.id, trial) for item in suite.items() for trial in range(1, TRIALS + 1)]
    for name in SOLOS:
        for (item, trial), (_, chosen) in zip(places, told[name], strict=True):
            outcome = Outcome.TIMEOUT if chosen is None else Outcome.OK
            given = None if chosen is None else tuple(chosen)
            book.add([Answer(name, item, trial, outcome, "", given)])
    return draw_sample(book, seed=2, resamples=60)


def pairs(slow: ModuleType, first: Any, second: Any, which: str) -> Iterator[tuple[str, int, int]]:
    """The case and the two errors (1 or 0) for each possible_harm that is at stake for both."""
    for (case, one), (_, other) in zip(first, second, strict=True):
        if one is None or other is None:
            continue
        there = [{(k, o): s for k, o, s in slow.harms(case, text)} for text in (one, other)]
        for kind, options in there[0].keys() & there[1].keys():
            if all(found[kind, options] in LEAST[which] for found in there):
                errs = (int(slow.has(kind, options, text)) for text in (one, other))
                yield (case.id, *errs)


def test_correlations_are_those_of_a_slow_count(
    sample: Sample, told: Any, slow: ModuleType, study_of: Make, team: Make
) -> None:
    specs = [team("solo", name).model_copy(update={"name": name}) for name in SOLOS]
    found = list(
        error_correlations(sample, study_of(*specs, team("vote", "ann ben", rule="union")))
    )
    assert [(r.model_a, r.model_b, r.same_family, r.severity) for r in found] == [
        (a, b, same, which)
        for which in ("severe", "any")
        for a, b, same in (("ann", "amy", True), ("ann", "ben", False), ("amy", "ben", False))
    ]
    names = [case.id for case in sample.book.suite.cases]
    for row in found:
        errs = sorted(pairs(slow, told[row.model_a], told[row.model_b], row.severity))
        a, b = (np.array([pair[side] for pair in errs]) for side in (1, 2))
        assert (row.possible_harms, row.errors_a, row.errors_b) == (len(errs), a.sum(), b.sum())
        assert row.shared == (a * b).sum()
        assert row.expected_shared == pytest.approx(a.mean() * b.mean() * len(errs))
        assert row.phi == pytest.approx(np.corrcoef(a, b)[0, 1])
        drawn = []
        for counts in sample.weights:
            times = [int(counts[names.index(case)]) for case, _, _ in errs]
            x, y = np.repeat(a, times), np.repeat(b, times)
            if 0 < x.mean() < 1 and 0 < y.mean() < 1:
                drawn.append(np.corrcoef(x, y)[0, 1])
        assert len(drawn) > 0.975 * len(sample.weights)
        assert (row.lo, row.hi) == pytest.approx(tuple(np.percentile(drawn, (2.5, 97.5))))
    assert found[3].phi > 0.3 > abs(found[4].phi)  # amy errs with ann, ben does not


def test_there_is_no_correlation_of_what_does_not_vary(
    suite: Suite, study_of: Make, team: Make
) -> None:
    book = ScoreBook(suite, ("ann", "ben", "cat"), 1)
    for item in suite.items():
        book.add([Answer("ann", item.id, 1, Outcome.OK, "", (2, 3, 5))])  # no harm at all
        book.add([Answer("ben", item.id, 1, Outcome.OK, "", (1,))])
    specs = [team("solo", name).model_copy(update={"name": name}) for name in ("ann", "ben", "cat")]
    found = list(error_correlations(draw_sample(book, resamples=20), study_of(*specs)))
    assert all(math.isnan(figure) for row in found for figure in (row.phi, row.lo, row.hi))
    assert [
        (row.possible_harms, row.shared) for row in found if "cat" in (row.model_a, row.model_b)
    ] == [(0, 0)] * 4
    assert math.isnan(found[-1].expected_shared)
    assert list(error_correlations(draw_sample(book, resamples=20), study_of(specs[0]))) == []


def test_a_row_is_the_columns_of_its_table() -> None:
    columns = [column.name for column in TABLES["error_correlations"].columns]
    assert ["study", *ErrorCorrelation.__slots__, "simulated"] == columns
