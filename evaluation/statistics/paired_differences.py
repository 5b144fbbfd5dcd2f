"""Paired differences and ratios of ensembles against their members, solos and one another."""

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
    TOLERANCE,
    Intervals,
    intervals,
    ratio_intervals,
    sign_flip_p,
)
from primum.evaluation.statistics.estimates import Sample, mean_over_variants, nanmean
from primum.evaluation.statistics.multiple_testing import RegisteredContrasts, adjust_p_values

BEST_MEMBER, MEAN_MEMBER, BEST_SOLO, SAME_COST = REFERENCES


@dataclass(frozen=True, slots=True)
class Comparison:
    """A paired difference, ensemble minus comparator, and the ratio of their means.

    `against` is the kind of comparator (a reference of REFERENCES, or an ensemble's name); `other`
    names the ensembles that it stands for: the best member, all members where it is their mean,
    the best solo, the single model at the same cost, or the ensemble itself. `adjustment` is the
    method behind `p_adjusted`; `differing` counts the cases with a difference other than 0.
    """

    ensemble: Annotated[EnsembleName, KEY]
    against: Annotated[
        str, KEY, "best_member, mean_member, best_solo, same_cost or the name of an ensemble"
    ]
    other: Annotated[str, "the ensemble that it is, or those whose mean it is"]
    definition: Annotated[DefinitionName, KEY]
    metric: Annotated[MetricName, KEY]
    difference: Annotated[float, "mean paired difference over base cases"]
    lo: Lo
    hi: Hi
    ratio: Annotated[float, "mean of the ensemble / mean of the comparator, over the same cases"]
    ratio_lo: Annotated[float, "lower end of its 95% interval"]
    ratio_hi: Annotated[float, "upper end of its 95% interval"]
    p: P
    p_adjusted: Annotated[float, "p, adjusted for the number of tests"]
    adjustment: Annotated[
        str,
        "holm (over the registered contrasts) or bh (Benjamini-Hochberg, over a metric's others)",
    ]
    cases: Annotated[int, "base cases with a value of both"]
    differing: Annotated[int, "those of them with a difference other than 0"]

    @property
    def key(self) -> str:
        """Its metric's key."""
        return f"{self.definition}/{self.metric}"


class Pairing(NamedTuple):
    """An ensemble and its comparator, with the case values of both.

    `others` names the comparator for each case metric; `own` and `base` have the shape (cases, case
    metrics), NaN where either lacks a value.
    """

    ensemble: str
    against: str
    others: tuple[str, ...]
    own: Floats
    base: Floats


def comparisons(
    sample: Sample,
    specs: Sequence[EnsembleSpec],
    registered: RegisteredContrasts = frozenset(),
    against: Sequence[str] = (),
) -> Iterator[Comparison]:
    """Every paired difference with its interval and p-value, adjusted for their number.

    The best member, the best solo and the best single model at the same cost are selected for each
    metric by its mean on the same cases; this selection biases the difference in their favour.

    Args:
        sample: the study's case values and resamples.
        specs: its ensembles.
        registered: (ensemble, against, metric) of the registered contrasts.
        against: names of ensembles with which every ensemble is compared as well.
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
    allowed, how = adjust_p_values(p, keys, groups, registered)
    figures = (found.mean, found.lo, found.hi, *ratios, p, allowed)
    for i, (ensemble, compared, other, metric) in enumerate(heads):
        mean, lo, hi, ratio, low, high, value, corrected = (float(figure[i]) for figure in figures)
        tested = (value, corrected, how[i], int(found.cases[i]), int(differing[i]))
        head = (ensemble, compared, other, metric.definition.name, metric.name)
        yield Comparison(*head, mean, lo, hi, ratio, low, high, *tested)


def _figures(
    sample: Sample, pairings: Sequence[Pairing]
) -> tuple[Intervals, list[Floats], Floats, Ints]:
    """Differences, ratios (for metrics where lower is better), p-values, numbers of cases apart."""
    own = np.concatenate([pairing.own for pairing in pairings], axis=1)
    base = np.concatenate([pairing.base for pairing in pairings], axis=1)
    found = intervals(own - base, sample.weights)
    p = sign_flip_p(own - base, len(sample.weights), sample.seed)
    harms = np.tile([metric.lower for metric in case_metrics()], len(pairings))
    ratios = []
    for figure in ratio_intervals(own[:, harms], base[:, harms], sample.weights):
        whole = np.full(len(harms), np.nan)
        whole[harms] = figure
        ratios.append(whole)
    return found, ratios, p, (np.abs(own - base) > TOLERANCE).sum(axis=0)


def _pairings(
    sample: Sample, spec: EnsembleSpec, specs: Sequence[EnsembleSpec], against: Sequence[str]
) -> Iterator[Pairing]:
    names = sample.book.ensembles
    row = names.index(spec.name)
    members = [names.index(member) for member in spec.members if member in names]
    if spec.kind is not Kind.SOLO and members:
        yield _best_of(sample, row, members, BEST_MEMBER)
        label = ", ".join(names[member] for member in members)
        yield Pairing(
            spec.name, MEAN_MEMBER, (label,) * len(case_metrics()), *_paired(sample, row, members)
        )
        solos = [names.index(other.name) for other in specs if other.kind is Kind.SOLO]
        yield _best_of(sample, row, solos, BEST_SOLO)
        if same := same_cost(spec, specs):
            yield _best_of(sample, row, [names.index(other.name) for other in same], SAME_COST)
    for other in against:
        if other != spec.name:
            yield _named(sample, spec.name, other)


def _registered(
    sample: Sample, registered: RegisteredContrasts, there: Sequence[Pairing]
) -> list[Pairing]:
    """Pairings of registered contrasts with named ensembles that are not compared already."""
    done = {(pairing.ensemble, pairing.against) for pairing in there}
    wanted = {(ensemble, other) for ensemble, other, _ in registered if other not in REFERENCES}
    return [_named(sample, *pair) for pair in sorted(wanted - done)]


def _named(sample: Sample, ensemble: str, other: str) -> Pairing:
    names = sample.book.ensembles
    sides = _paired(sample, names.index(ensemble), [names.index(other)])
    return Pairing(ensemble, other, (other,) * len(case_metrics()), *sides)


def _best_of(sample: Sample, row: int, others: list[int], against: str) -> Pairing:
    """A pairing with the best of several ensembles, selected for each metric."""
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

    Pairs are formed item by item and trial by trial; an answer without a counterpart is left out.
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

    They are ranked on the cases in which the ensemble and every member with any value have one.
    """
    values = sample.cases[members]
    there = ~np.isnan(values)
    silent = ~there.any(axis=1, keepdims=True)  # a member without any value ranks last
    together = (there | silent).all(axis=0) & ~np.isnan(sample.cases[row])
    means = nanmean(np.where(together, values, np.nan), 1)
    low = np.array([metric.lower for metric in case_metrics()])
    gain = np.where(np.isnan(means), -np.inf, np.where(low, -means, means))
    return [int(i) for i in gain.argmax(axis=0)]
