"""Means over base cases with stratified cluster bootstrap intervals, and sign-flip tests.

The base case is the cluster and the specialty its stratum; strata with fewer than three cases are
pooled (the published benchmark's procedure). Intervals are percentile, 95%.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from primum.evaluation.key import Floats, Ints

LEVEL = 0.95
SMALLEST_STRATUM = 3
FEWEST_CASES = 3
CHUNK = 512
FEW_PLACES = 8


class Intervals(NamedTuple):
    """Means and 95% intervals of columns, shape (columns,) each; NaN where there is none.

    `cases` counts the base cases that a column's mean rests on. With fewer than three there is no
    interval.
    """

    mean: Floats
    lo: Floats
    hi: Floats
    cases: Ints


def strata_of(specialties: Sequence[str]) -> Ints:
    """The stratum of each case, shape (cases,); small strata are pooled into one."""
    counts = Counter(specialties)
    names = [name if counts[name] >= SMALLEST_STRATUM else "" for name in specialties]
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def resample(strata: Ints, resamples: int, seed: int) -> Floats:
    """How often each case is drawn in each resample within its stratum; (resamples, cases)."""
    rng = np.random.default_rng([seed, 1])
    counts = np.zeros((resamples, len(strata)))
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        drawn = rng.integers(0, len(members), size=(resamples, len(members)))
        row = np.arange(resamples)[:, None] * len(members)
        flat = np.bincount((drawn + row).ravel(), minlength=resamples * len(members))
        counts[:, members] = flat.reshape(resamples, len(members))
    return counts


def resampled_means(values: Floats, counts: Floats) -> Floats:
    """The mean of each column in each resample over the cases that have a value.

    Args:
        values: shape (cases, columns), NaN where a case has no value.
        counts: shape (resamples, cases).

    Returns:
        Shape (resamples, columns); NaN where a resample drew no case with a value.
    """
    there = ~np.isnan(values)
    means: Floats = np.matmul(counts, np.where(there, values, 0), order="F")
    means /= len(values)
    gaps = ~there.all(axis=0)
    if gaps.any():
        number = counts @ there[:, gaps]
        total = means[:, gaps] * len(values)
        means[:, gaps] = np.divide(total, number, out=np.full_like(total, np.nan), where=number > 0)
    return means


def percentile_interval(means: Floats) -> tuple[Floats, Floats]:
    """The middle 95% of each column of resampled means, NaN left out; shape (columns,) each."""
    last = np.maximum(means.shape[0] - np.isnan(means).sum(axis=0) - 1, 0)
    tail = (1 - LEVEL) / 2
    ends = [(share * last, np.floor(share * last).astype(int)) for share in (tail, 1 - tail)]
    needed = np.unique([np.minimum(low + step, last) for _, low in ends for step in (0, 1)])
    # NaN come last in both; each column lies together in memory
    ordered = np.partition(means.T, needed) if len(needed) <= FEW_PLACES else np.sort(means.T)
    columns = np.arange(means.shape[1])

    def at(place: Floats, low: Ints) -> Floats:
        below, above = ordered[columns, low], ordered[columns, np.minimum(low + 1, last)]
        return np.asarray(below + (above - below) * (place - low))

    return at(*ends[0]), at(*ends[1])


def intervals(values: Floats, counts: Floats) -> Intervals:
    """Unweighted means over cases, with bootstrap intervals.

    Args:
        values: shape (cases, columns), NaN where a case has no value.
        counts: resamples of the cases, shape (resamples, cases).
    """
    cases = (~np.isnan(values)).sum(axis=0)
    total = np.where(np.isnan(values), 0, values).sum(axis=0)
    mean = np.divide(total, cases, out=np.full(len(total), np.nan), where=cases > 0)
    lo, hi = np.empty_like(mean), np.empty_like(mean)
    for start in range(0, values.shape[1], CHUNK):
        part = slice(start, start + CHUNK)
        lo[part], hi[part] = percentile_interval(resampled_means(values[:, part], counts))
    few = cases < FEWEST_CASES
    lo[few] = hi[few] = np.nan
    return Intervals(mean, lo, hi, cases)


def ratio_intervals(own: Floats, base: Floats, counts: Floats) -> tuple[Floats, Floats, Floats]:
    """Ratios of means over cases, with bootstrap intervals; shape (columns,) each.

    There is no ratio where the mean below is 0, and no interval where that is so in more than one
    resample in forty.

    Args:
        own: above, shape (cases, columns), NaN where a case has no value.
        base: below, likewise, with the same gaps.
        counts: resamples of the cases, shape (resamples, cases).
    """
    columns = own.shape[1]
    ratio, lo, hi = (np.full(columns, np.nan) for _ in range(3))
    once = np.ones((1, len(own)))
    few = (~np.isnan(own)).sum(axis=0) < FEWEST_CASES
    for start in range(0, columns, CHUNK):
        part = slice(start, start + CHUNK)
        ratio[part] = _ratio(own[:, part], base[:, part], once)[0]
        drawn = _ratio(own[:, part], base[:, part], counts)
        lo[part], hi[part] = percentile_interval(drawn)
        few[part] |= np.isnan(drawn).mean(axis=0) > (1 - LEVEL) / 2
    lo[few] = hi[few] = np.nan
    return ratio, lo, hi


def _ratio(own: Floats, base: Floats, counts: Floats) -> Floats:
    above, below = resampled_means(own, counts), resampled_means(base, counts)
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)


def sign_flip_p(differences: Floats, flips: int, seed: int) -> Floats:
    """Two-sided p-values that paired differences are symmetric about zero.

    A permutation test over cases: signs are flipped at random (Monte Carlo, the observed sign
    pattern counted: p = (1 + extreme) / (1 + flips); Phipson and Smyth 2010).

    Args:
        differences: shape (cases, columns), NaN where a case has no pair.
        flips: number of random sign patterns.
        seed: of the patterns.

    Returns:
        Shape (columns,); NaN where fewer than three cases have a pair.
    """
    there = ~np.isnan(differences)
    known = np.where(there, differences, 0)
    rng = np.random.default_rng([seed, 2])
    signs = rng.integers(0, 2, size=(flips, len(known))) * 2.0 - 1
    observed = np.abs(known.sum(axis=0))
    slack = 1e-12 * len(known)
    extreme = (np.abs(signs @ known) >= observed - slack).sum(axis=0)
    p = (1 + extreme) / (1 + flips)
    return np.where(there.sum(axis=0) < FEWEST_CASES, np.nan, p)
