"""Effects of a model in a role: mean differences of ensembles that differ in this seat only."""

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
    """The mean difference due to a model in a role, over matched pairs and base cases."""

    kind: Annotated[str, KEY, "add (against the same team without it) or swap (against another)"]
    role: Annotated[RoleName, KEY]
    model: Annotated[str, KEY, "name of the model in the panel"]
    other: Annotated[
        str | None, KEY, "the model that it replaces; null for add; 'any' for all of them"
    ]
    definition: Annotated[DefinitionName, KEY]
    metric: Annotated[MetricName, KEY]
    difference: Annotated[float, "mean over pairs and base cases, with the model minus without"]
    lo: Lo
    hi: Hi
    p: P
    p_adjusted: Annotated[float, "Benjamini-Hochberg over the effects of a kind and metric"]
    pairs: Annotated[int, "matched pairs of ensembles"]
    cases: CasesWithValue


def effects(sample: Sample, specs: Sequence[EnsembleSpec]) -> Iterator[Effect]:
    """The effect of every model in every role, against no agent, each other model, and any other.

    Of the primary metrics. A pair's difference is formed item by item and trial by trial; an answer
    without a counterpart is left out.
    """
    row = {name: number for number, name in enumerate(sample.book.ensembles)}
    shape = (sample.cases.shape[1], len(primary()))
    sums: dict[Seat, Floats] = defaultdict(lambda: np.zeros(shape))
    counts: dict[Seat, Floats] = defaultdict(lambda: np.zeros(shape))
    pairs: dict[Seat, int] = defaultdict(int)
    item_cases = _item_cases(sample.book)
    for pair in pairs_of(specs):
        difference = _difference(sample.book, item_cases, row[pair.first], row[pair.second])
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


def _item_cases(book: ScoreBook) -> Floats:
    """1 where an item belongs to a base case, else 0; shape (cases, items)."""
    found = np.zeros((len(book.suite.cases), len(book.items)))
    for row, (_, items) in enumerate(book.by_case()):
        found[row, items] = 1
    return found


def _difference(book: ScoreBook, item_cases: Floats, first: int, second: int) -> Floats:
    """The mean difference of each base case, over trials, then over items."""
    columns = [column(metric) for metric in primary()]
    own, other = (book.cube[row][..., columns] for row in (first, second))
    difference = nanmean(own - other, 1)
    there = ~np.isnan(difference)
    total, number = item_cases @ np.where(there, difference, 0), item_cases @ there
    return np.divide(total, number, out=np.full_like(total, np.nan), where=number > 0)


def _adjusted(p: Floats, kinds: Sequence[str]) -> Floats:
    """Benjamini-Hochberg within a kind and metric; p has shape (seats, metrics)."""
    found = np.full(p.shape, np.nan)
    for kind in {*kinds}:
        rows = [i for i, other in enumerate(kinds) if other == kind]
        for place in range(p.shape[1]):
            found[rows, place] = benjamini_hochberg(p[rows, place])
    return found
