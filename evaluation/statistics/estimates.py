"""A study's figures: each ensemble's metrics over the suite, with intervals."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np

from primum.core.arrays import Floats
from primum.evaluation.columns import (
    KEY,
    CasesWithValue,
    DefinitionName,
    EnsembleName,
    Hi,
    Lo,
    MetricName,
)
from primum.evaluation.metrics.record import Metric, SuiteMetric, Variants
from primum.evaluation.metrics.registry import (
    case_metrics,
    column,
    columns,
    suite_metrics,
    variants_metrics,
)
from primum.evaluation.metrics.score_table import ScoreBook
from primum.evaluation.scoring.policies import DEFAULT_POLICY, Policy
from primum.evaluation.statistics.bootstrap import (
    FEWEST_CASES,
    intervals,
    percentile_interval,
    resample,
    resampled_means,
    rounded,
    strata_of,
    tail_of,
)

RESAMPLES = 10_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """One figure of one ensemble; `cases` is the number of base cases it rests on."""

    ensemble: Annotated[EnsembleName, KEY]
    policy: Annotated[Policy, KEY, "; or ".join(f"{p}: {p.sentence}" for p in Policy)]
    definition: Annotated[DefinitionName, KEY]
    metric: Annotated[MetricName, KEY]
    mean: Annotated[float, "unweighted mean over base cases"]
    lo: Lo
    hi: Hi
    cases: CasesWithValue

    @property
    def key(self) -> str:
        """Its metric's key."""
        return f"{self.definition}/{self.metric}"


@dataclass(frozen=True)
class Sample:
    """A score book's case values, and the resamples that every figure of it rests on.

    Attributes:
        book: the scores.
        cases: shape (ensembles, cases, case metrics).
        counts: what each case weighs in each resample, shape (resamples, cases).
        seed: of the resamples.
    """

    book: ScoreBook
    cases: Floats
    counts: Floats
    seed: int


def draw_sample(book: ScoreBook, seed: int = 0, resamples: int = RESAMPLES) -> Sample:
    """Resample the base cases of a book within their specialties."""
    strata = strata_of([case.specialty for case in book.suite.cases])
    return Sample(book, case_values(book, book.cube), resample(strata, resamples, seed), seed)


def estimates(sample: Sample) -> Iterator[Estimate]:
    """Every metric of every ensemble, under every policy."""
    book = sample.book
    scored = ~np.isnan(book.cube).all(axis=-1)
    same = bool((scored == book.answered).all())  # without model failures all policies agree
    found = tuple(_estimates(sample, DEFAULT_POLICY, sample.cases))
    for policy in Policy:
        if same or policy.scores_failures:
            yield from (replace(estimate, policy=policy) for estimate in found)
        else:
            answered = np.where(book.answered[..., None], book.cube, np.nan)
            yield from _estimates(sample, policy, case_values(book, answered))


def case_values(book: ScoreBook, cube: Floats) -> Floats:
    """Each base case's mean over its variants, and its figures across them.

    Trials are averaged within a variant first; what is missing is left out.

    Args:
        book: the study's items and matched options.
        cube: shape (ensembles, items, trials, columns).

    Returns:
        Shape (ensembles, cases, case metrics).
    """
    means = mean_over_variants(book, cube)
    wanted = variants_metrics()
    across = np.full((*means.shape[:2], len(wanted)), np.nan)
    for row, (case, items) in enumerate(book.by_case()):
        if len(items) == 1:
            continue
        values = cube[:, items].swapaxes(1, 2)
        matched = book.matched[:, items].swapaxes(1, 2)
        variants = Variants(book.key(case), columns(), values, matched)
        across[:, row] = np.stack([nanmean(m.compute(variants), 1) for m in wanted], axis=-1)
    return np.concatenate([means, across], axis=-1)


def mean_over_variants(book: ScoreBook, cube: Floats) -> Floats:
    """Each base case's mean over trials, then over variants; (ensembles, cases, columns)."""
    return np.stack([nanmean(nanmean(cube[:, items], 2), 1) for _, items in book.by_case()], axis=1)


def nanmean(values: Floats, axis: int) -> Floats:
    """The mean of what is there, rounded; NaN where nothing is."""
    there = ~np.isnan(values)
    number = there.sum(axis=axis)
    total = np.where(there, values, 0).sum(axis=axis)
    return rounded(np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0))


def _estimates(sample: Sample, policy: Policy, cases: Floats) -> Iterator[Estimate]:
    ensembles, number, width = cases.shape
    flat = cases.transpose(1, 0, 2).reshape(number, ensembles * width)
    found = intervals(flat, sample.counts)
    heads = [(e, policy, metric) for e in sample.book.ensembles for metric in case_metrics()]
    for head, mean, lo, hi, n in zip(heads, *found, strict=True):
        yield _estimate(*head, float(mean), float(lo), float(hi), int(n))
    for ensemble, values in zip(sample.book.ensembles, cases, strict=True):
        for metric in suite_metrics():
            figures = _of_suite(metric, values, sample.counts)
            yield _estimate(ensemble, policy, metric, *figures)


def _estimate(
    ensemble: str, policy: Policy, metric: Metric, mean: float, lo: float, hi: float, cases: int
) -> Estimate:
    name = metric.definition.name, metric.name
    return Estimate(ensemble, policy, *name, mean, lo, hi, cases)


def _of_suite(
    metric: SuiteMetric, cases: Floats, counts: Floats
) -> tuple[float, float, float, int]:
    """A suite metric's value, the ends of its interval, and the cases that have all its parts.

    The interval is that of its values in the resamples; of a metric of one part, whose values rise
    or fall with it, the ends are those of the part's interval.
    """
    values = cases[:, [column(part) for part in metric.parts]]
    if len(metric.parts) == 1:
        part = intervals(values, counts)
        mean, *ends = (float(metric.compute(end[None])[0]) for end in part[:3])
        lo, hi = sorted(ends)
        return mean, lo, hi, int(part.cases[0])
    n = int((~np.isnan(values)).all(axis=1).sum())
    mean = float(metric.compute(nanmean(values, 0)[None])[0])
    tail = tail_of(values).min(keepdims=True)  # of the part with the fewest degrees of freedom
    resampled = metric.compute(resampled_means(values, counts))[:, None]
    low, high = (float(end[0]) for end in percentile_interval(resampled, tail))
    return (mean, np.nan, np.nan, n) if n < FEWEST_CASES else (mean, low, high, n)
