"""Estimates of each ensemble's metrics over the suite, with 95% intervals."""

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
    MIN_CASES,
    intervals,
    percentile_interval,
    resample,
    resampled_means,
    rounded,
    strata_of,
    tail_probability,
)

RESAMPLES = 10_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """One metric of one ensemble under one policy, estimated from `cases` base cases."""

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
        """The key of its metric."""
        return f"{self.definition}/{self.metric}"


@dataclass(frozen=True)
class Sample:
    """The case values of a score book, and the bootstrap weights that all its intervals use.

    Attributes:
        book: the scores.
        cases: shape (ensembles, cases, case metrics).
        weights: of each case in each resample, shape (resamples, cases).
        seed: of the resamples.
    """

    book: ScoreBook
    cases: Floats
    weights: Floats
    seed: int


def draw_sample(book: ScoreBook, seed: int = 0, resamples: int = RESAMPLES) -> Sample:
    """The case values of a book, with bootstrap weights of cases stratified by specialty."""
    strata = strata_of([case.specialty for case in book.suite.cases])
    return Sample(book, case_values(book, book.cube), resample(strata, resamples, seed), seed)


def estimates(sample: Sample) -> Iterator[Estimate]:
    """An estimate for every ensemble, policy and metric."""
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
    """The value of each case metric in each base case.

    Metrics of answers are averaged over trials, then over the case's items, missing values left
    out; metrics across variants are averaged over trials.

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
        across[:, row] = np.stack([nanmean(m.values(variants), 1) for m in wanted], axis=-1)
    return np.concatenate([means, across], axis=-1)


def mean_over_variants(book: ScoreBook, cube: Floats) -> Floats:
    """The mean of each base case over trials, then items; (ensembles, cases, columns)."""
    return np.stack([nanmean(nanmean(cube[:, items], 2), 1) for _, items in book.by_case()], axis=1)


def nanmean(values: Floats, axis: int) -> Floats:
    """The mean along an axis without NaN, rounded (`rounded`); NaN where every value is."""
    there = ~np.isnan(values)
    number = there.sum(axis=axis)
    total = np.where(there, values, 0).sum(axis=axis)
    return rounded(np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0))


def _estimates(sample: Sample, policy: Policy, cases: Floats) -> Iterator[Estimate]:
    ensembles, number, width = cases.shape
    flat = cases.transpose(1, 0, 2).reshape(number, ensembles * width)
    found = intervals(flat, sample.weights)
    heads = [(e, policy, metric) for e in sample.book.ensembles for metric in case_metrics()]
    for head, mean, lo, hi, n in zip(heads, *found, strict=True):
        yield _estimate(*head, float(mean), float(lo), float(hi), int(n))
    for ensemble, values in zip(sample.book.ensembles, cases, strict=True):
        for metric in suite_metrics():
            figures = _of_suite(metric, values, sample.weights)
            yield _estimate(ensemble, policy, metric, *figures)


def _estimate(
    ensemble: str, policy: Policy, metric: Metric, mean: float, lo: float, hi: float, cases: int
) -> Estimate:
    name = metric.definition.name, metric.name
    return Estimate(ensemble, policy, *name, mean, lo, hi, cases)


def _of_suite(
    metric: SuiteMetric, cases: Floats, weights: Floats
) -> tuple[float, float, float, int]:
    """The value of a suite metric, the ends of its interval, and the cases that have all its parts.

    The interval is a percentile interval of its values in the resamples; a metric of one part is a
    monotone function of it, so that its ends are those of the part's interval, transformed.
    """
    values = cases[:, [column(part) for part in metric.parts]]
    if len(metric.parts) == 1:
        part = intervals(values, weights)
        mean, *ends = (float(metric.values(end[None])[0]) for end in part[:3])
        lo, hi = sorted(ends)
        return mean, lo, hi, int(part.cases[0])
    n = int((~np.isnan(values)).all(axis=1).sum())
    mean = float(metric.values(nanmean(values, 0)[None])[0])
    tail = tail_probability(values).min(
        keepdims=True
    )  # of the part with the fewest degrees of freedom
    resampled = metric.values(resampled_means(values, weights))[:, None]
    low, high = (float(end[0]) for end in percentile_interval(resampled, tail))
    return (mean, np.nan, np.nan, n) if n < MIN_CASES else (mean, low, high, n)
