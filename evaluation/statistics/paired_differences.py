"""Paired differences and ratios: each ensemble against its members, single models, a named one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np

from primum.agents.studies.panel import same_cost
from primum.agents.studies.study import REFERENCES
from primum.agents.topologies.ensemble import EnsembleSpec, Kind
from primum.core.arrays import Floats, Ints
from primum.evaluation.columns import KEY, DefinitionName, EnsembleName, Hi, Lo, MetricName, P
from primum.evaluation.metrics.registry import case_metrics, columns
from primum.evaluation.statistics.bootstrap import (
    ROUNDING,
    Intervals,
    intervals,
    ratio_intervals,
    sign_flip_p,
)
from primum.evaluation.statistics.estimates import Sample, mean_over_variants, nanmean
from primum.evaluation.statistics.multiple_testing import Family, adjusted

BEST, MEAN, SOLO, SAME_COST = REFERENCES


@dataclass(frozen=True, slots=True)
class Comparison:
    """A paired difference, ensemble minus the other, and the ratio of their means.

    `against` is what it is compared with; `other` names it: the best member, the members whose mean
    it is, the best solo, the single model at the same cost, or the ensemble named. `adjustment`
    says how `p_adjusted` allows for the number of tests; `differing` counts the cases that differ.
    """

    ensemble: Annotated[EnsembleName, KEY]
    against: Annotated[
        str, KEY, "best_member, mean_member, best_solo, same_cost or the name of an ensemble"
    ]
    other: Annotated[str, "which one that is, or whose mean it is"]
    definition: Annotated[DefinitionName, KEY]
    metric: Annotated[MetricName, KEY]
    difference: Annotated[float, "mean paired difference over base cases"]
    lo: Lo
    hi: Hi
    ratio: Annotated[float, "mean of the ensemble / mean of the other, over the same cases"]
    ratio_lo: Annotated[float, "lower end of its 95% interval"]
    ratio_hi: Annotated[float, "upper end of its 95% interval"]
    p: P
    p_adjusted: Annotated[float, "the same, adjusted for the number of tests"]
    adjustment: Annotated[
        str, "holm (over the registered contrasts) or bh (Benjamini-Hochberg, over a metric's rest)"
    ]
    cases: Annotated[int, "base cases with a pair"]
    differing: Annotated[int, "those of them in which there is a difference"]

    @property
    def key(self) -> str:
        """Its metric's key."""
        return f"{self.definition}/{self.metric}"


class Pairing(NamedTuple):
    """An ensemble against one other: who that is for each metric, and both sides' case values.

    `others` has a name for each case metric, `own` and `base` the shape (cases, case metrics), NaN
    where either side lacks a case.
    """

    ensemble: str
    against: str
    others: tuple[str, ...]
    own: Floats
    base: Floats


def comparisons(
    sample: Sample,
    specs: Sequence[EnsembleSpec],
    registered: Family = frozenset(),
    against: Sequence[str] = (),
) -> Iterator[Comparison]:
    """Every paired difference with its interval and p-value, adjusted for their number.

    The best member, the best solo and the best single model at the same cost are those with the
    best mean of the metric at hand on these very cases, which favours them: the difference errs on
    their side.

    Args:
        sample: the study's case values and resamples.
        specs: its ensembles.
        registered: (ensemble, against, metric) of contrasts that were announced beforehand.
        against: names of ensembles with which all are compared too.
    """
    pairings = [pair for spec in specs for pair in _pairings(sample, spec, specs, against)]
    pairings += _registered(sample, registered, pairings)
    heads = [
        (pairing.ensemble, pairing.against, other, metric)
        for pairing in pairings
        for other, metric in zip(pairing.others, case_metrics(), strict=True)
    ]
    if not heads:
        return
    found, ratios, p, differing = _figures(sample, pairings)
    keys = [
        ("", "", "") if metric.definition.superseded else (ensemble, other, metric.name)
        for ensemble, other, _, metric in heads
    ]
    groups = [metric.key for *_, metric in heads]
    allowed, how = adjusted(p, keys, groups, registered)
    figures = (found.mean, found.lo, found.hi, *ratios, p, allowed)
    for i, (ensemble, compared, other, metric) in enumerate(heads):
        mean, lo, hi, ratio, low, high, value, corrected = (float(figure[i]) for figure in figures)
        tested = (value, corrected, how[i], int(found.cases[i]), int(differing[i]))
        head = (ensemble, compared, other, metric.definition.name, metric.name)
        yield Comparison(*head, mean, lo, hi, ratio, low, high, *tested)


def _figures(
    sample: Sample, pairings: Sequence[Pairing]
) -> tuple[Intervals, list[Floats], Floats, Ints]:
    """Differences, ratios (of harms alone: of others they say nothing), p-values, cases apart."""
    own = np.concatenate([pairing.own for pairing in pairings], axis=1)
    base = np.concatenate([pairing.base for pairing in pairings], axis=1)
    found = intervals(own - base, sample.counts)
    p = sign_flip_p(own - base, len(sample.counts), sample.seed)
    harms = np.tile([metric.lower for metric in case_metrics()], len(pairings))
    ratios = []
    for figure in ratio_intervals(own[:, harms], base[:, harms], sample.counts):
        whole = np.full(len(harms), np.nan)
        whole[harms] = figure
        ratios.append(whole)
    return found, ratios, p, (np.abs(own - base) > ROUNDING).sum(axis=0)


def _pairings(
    sample: Sample, spec: EnsembleSpec, specs: Sequence[EnsembleSpec], against: Sequence[str]
) -> Iterator[Pairing]:
    names = sample.book.ensembles
    row = names.index(spec.name)
    members = [names.index(member) for member in spec.members if member in names]
    if spec.kind is not Kind.SOLO and members:
        yield _best_of(sample, row, members, BEST)
        label = ", ".join(names[member] for member in members)
        yield Pairing(
            spec.name, MEAN, (label,) * len(case_metrics()), *_paired(sample, row, members)
        )
        solos = [names.index(other.name) for other in specs if other.kind is Kind.SOLO]
        yield _best_of(sample, row, solos, SOLO)
        if same := same_cost(spec, specs):
            yield _best_of(sample, row, [names.index(other.name) for other in same], SAME_COST)
    for other in against:
        if other != spec.name:
            yield _named(sample, spec.name, other)


def _registered(sample: Sample, registered: Family, there: Sequence[Pairing]) -> list[Pairing]:
    """The registered contrasts with named ensembles that are not compared anyway."""
    done = {(pairing.ensemble, pairing.against) for pairing in there}
    wanted = {(ensemble, other) for ensemble, other, _ in registered if other not in REFERENCES}
    return [_named(sample, *pair) for pair in sorted(wanted - done)]


def _named(sample: Sample, ensemble: str, other: str) -> Pairing:
    names = sample.book.ensembles
    sides = _paired(sample, names.index(ensemble), [names.index(other)])
    return Pairing(ensemble, other, (other,) * len(case_metrics()), *sides)


def _best_of(sample: Sample, row: int, others: list[int], against: str) -> Pairing:
    """Against the one of several that is the best, picked for each metric."""
    names = sample.book.ensembles
    best = _best(sample, row, others)
    sides = {b: _paired(sample, row, [others[b]]) for b in {*best}}
    columns = range(len(case_metrics()))
    own, base = (
        np.stack([sides[b][side][:, i] for b, i in zip(best, columns, strict=True)], axis=1)
        for side in (0, 1)
    )
    return Pairing(names[row], against, tuple(names[others[b]] for b in best), own, base)


def _paired(sample: Sample, row: int, others: list[int]) -> tuple[Floats, Floats]:
    """Case means of one ensemble and the mean of others; (cases, case metrics) each.

    Pairs are formed item by item and trial by trial: what either side lacks drops out of both.
    """
    book = sample.book
    own, base = book.cube[row], book.cube[others].mean(axis=0)
    there = ~np.isnan(own - base)
    sides = np.stack([np.where(there, own, np.nan), np.where(there, base, np.nan)])
    by_answer = mean_over_variants(book, sides)
    across = sample.cases[..., len(columns()) :]
    ends = np.stack([across[row], across[others].mean(axis=0)])
    ends[:, np.isnan(ends).any(axis=0)] = np.nan
    own, base = np.concatenate([by_answer, ends], axis=-1)
    return own, base


def _best(sample: Sample, row: int, members: list[int]) -> list[int]:
    """Which of the members has the best mean, for each metric.

    They are ranked on the cases where the ensemble and every member that has any value has one.
    """
    values = sample.cases[members]
    there = ~np.isnan(values)
    silent = ~there.any(axis=1, keepdims=True)  # a member without any value ranks last
    together = (there | silent).all(axis=0) & ~np.isnan(sample.cases[row])
    means = nanmean(np.where(together, values, np.nan), 1)
    low = np.array([metric.lower for metric in case_metrics()])
    gain = np.where(np.isnan(means), -np.inf, np.where(low, -means, means))
    return [int(i) for i in gain.argmax(axis=0)]
