"""What a model in a role changes: the mean over pairs of ensembles that differ in this alone."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from primum.agents.topologies.ensemble import EnsembleSpec
from primum.core.arrays import Floats
from primum.evaluation.analysis.contributions.matched_pairs import pairs_of
from primum.evaluation.columns import (
    KEY,
    CasesWithValue,
    DefinitionName,
    Hi,
    Lo,
    MetricName,
    P,
    RoleName,
)
from primum.evaluation.metrics.registry import column, primary
from primum.evaluation.metrics.score_table import ScoreBook
from primum.evaluation.statistics.bootstrap import intervals, sign_flip_p
from primum.evaluation.statistics.estimates import Sample, nanmean
from primum.evaluation.statistics.multiple_testing import benjamini_hochberg

ADD, SWAP, ANY = "add", "swap", "any"
Seat = tuple[str, str, str, str | None]
"""Kind, role, model, other."""


@dataclass(frozen=True, slots=True)
class Effect:
    """The mean difference that a model in a role makes, over pairs of ensembles and base cases."""

    kind: Annotated[str, KEY, "add (against the same team without it) or swap (against another)"]
    role: Annotated[RoleName, KEY]
    model: Annotated[str, KEY, "name of the model in the panel"]
    other: Annotated[
        str | None, KEY, "the model that it is swapped with; null for add; 'any' for all"
    ]
    definition: Annotated[DefinitionName, KEY]
    metric: Annotated[MetricName, KEY]
    difference: Annotated[float, "mean over pairs and base cases, with it minus without"]
    lo: Lo
    hi: Hi
    p: P
    p_adjusted: Annotated[float, "Benjamini-Hochberg over the effects of a kind and metric"]
    pairs: Annotated[int, "pairs of ensembles"]
    cases: CasesWithValue


def effects(sample: Sample, specs: Sequence[EnsembleSpec]) -> Iterator[Effect]:
    """Every model in every role: against nobody there, against each other model, against any.

    The primary metrics alone. A pair's difference is formed letter by letter and trial by trial:
    what either of the two lacks drops out of both.
    """
    row = {name: number for number, name in enumerate(sample.book.ensembles)}
    shape = (sample.cases.shape[1], len(primary()))
    sums: dict[Seat, Floats] = defaultdict(lambda: np.zeros(shape))
    counts: dict[Seat, Floats] = defaultdict(lambda: np.zeros(shape))
    pairs: dict[Seat, int] = defaultdict(int)
    letters = _letters(sample.book)
    for pair in pairs_of(specs):
        difference = _difference(sample.book, letters, row[pair.first], row[pair.second])
        there = ~np.isnan(difference)
        kind = ADD if pair.other is None else SWAP
        for other in {pair.other} if kind == ADD else {pair.other, ANY}:
            seat = (kind, str(pair.role), pair.model, other)
            sums[seat] += np.where(there, difference, 0)
            counts[seat] += there
            pairs[seat] += 1
    seats = sorted(sums, key=str)
    if not seats:
        return
    means = [
        np.divide(sums[s], counts[s], out=np.full(sums[s].shape, np.nan), where=counts[s] > 0)
        for s in seats
    ]
    differences = np.concatenate(means, axis=1)
    found = intervals(differences, sample.weights)
    p = sign_flip_p(differences, len(sample.weights), sample.seed)
    adjusted = _adjusted(p.reshape(len(seats), -1), [seat[0] for seat in seats])
    width = len(primary())
    for i, seat in enumerate(seats):
        for j, metric in enumerate(primary()):
            at = i * width + j
            mean, lo, hi, value = (float(figure[at]) for figure in (*found[:3], p))
            counted = (pairs[seat], int(found.cases[at]))
            corrected = float(adjusted[i, j])
            yield Effect(
                *seat,
                *(metric.definition.name, metric.name),
                mean,
                lo,
                hi,
                value,
                corrected,
                *counted,
            )


def _letters(book: ScoreBook) -> Floats:
    """Which letters are of which base case: shape (cases, items), 1 or 0."""
    found = np.zeros((len(book.suite.cases), len(book.items)))
    for row, (_, items) in enumerate(book.by_case()):
        found[row, items] = 1
    return found


def _difference(book: ScoreBook, letters: Floats, first: int, second: int) -> Floats:
    """The mean difference of each base case, over trials, then over letters."""
    columns = [column(metric) for metric in primary()]
    own, other = (book.cube[row][..., columns] for row in (first, second))
    difference = nanmean(own - other, 1)
    there = ~np.isnan(difference)
    total, number = letters @ np.where(there, difference, 0), letters @ there
    return np.divide(total, number, out=np.full_like(total, np.nan), where=number > 0)


def _adjusted(p: Floats, kinds: Sequence[str]) -> Floats:
    """Benjamini-Hochberg within a kind and metric; p has shape (seats, metrics)."""
    found = np.full(p.shape, np.nan)
    for kind in {*kinds}:
        rows = [i for i, other in enumerate(kinds) if other == kind]
        for place in range(p.shape[1]):
            found[rows, place] = benjamini_hochberg(p[rows, place])
    return found
