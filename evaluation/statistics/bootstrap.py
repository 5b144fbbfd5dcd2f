"""Means over base cases with stratified cluster bootstrap intervals, and sign-flip tests.

The base case is the cluster and the specialty its stratum; strata with fewer than three cases are
pooled (the published benchmark's procedure). Intervals are 95% percentile intervals, with two
corrections for small numbers: rescaled resamples and Student's t in the tails (docs/metrics.md).
"""

from collections import Counter
from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from primum.core.arrays import Floats, Ints

CONFIDENCE_LEVEL = 0.95
MIN_STRATUM_SIZE = 3
MIN_CASES = 3
COLUMNS_AT_ONCE = 512
TOLERANCE = 1e-12
MEAN_DECIMALS = 12  # sums of the same values in another order differ beyond these
MAX_UNDEFINED_SHARE = 1 / 40  # of a ratio's resamples, for it to have an interval


class Intervals(NamedTuple):
    """Means and 95% intervals, shape (columns,) each; NaN where undefined.

    `cases` counts the base cases with a value. With fewer than three there is no interval.
    """

    mean: Floats
    lo: Floats
    hi: Floats
    cases: Ints


def strata_of(specialties: Sequence[str]) -> Ints:
    """The stratum number of each case, shape (cases,); strata of fewer than 3 cases are pooled."""
    counts = Counter(specialties)
    names = [name if counts[name] >= MIN_STRATUM_SIZE else "" for name in specialties]
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def resample(strata: Ints, resamples: int, seed: int) -> Floats:
    """The weight of each case in each bootstrap resample; shape (resamples, cases).

    The rescaled bootstrap (Rao and Wu 1988): n - 1 of a stratum's n cases are drawn with
    replacement, and each draw weighs n / (n - 1). The variance of the resampled means is then an
    unbiased estimate, where n draws would give (n - 1) / n of it. The weights of a stratum add up
    to n; a stratum of one case has the weight 1 in every resample.
    """
    rng = np.random.default_rng([seed, 1])
    weights = np.ones((resamples, len(strata)))
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        n = len(members)
        if n == 1:
            continue
        drawn = rng.integers(0, n, size=(resamples, n - 1))
        row = np.arange(resamples)[:, None] * n
        flat = np.bincount((drawn + row).ravel(), minlength=resamples * n)
        weights[:, members] = flat.reshape(resamples, n) * (n / (n - 1))
    return weights


def resampled_means(values: Floats, weights: Floats) -> Floats:
    """The mean of each column in each resample over the cases that have a value.

    Args:
        values: shape (cases, columns), NaN where a case has no value.
        weights: of the cases, shape (resamples, cases).

    Returns:
        Shape (resamples, columns); NaN where a resample has no case with a value.
    """
    there = ~np.isnan(values)
    means: Floats = np.matmul(weights, np.where(there, values, 0), order="F")
    means /= len(values)
    gaps = ~there.all(axis=0)
    if gaps.any():
        number = weights @ there[:, gaps]
        total = means[:, gaps] * len(values)
        means[:, gaps] = np.divide(total, number, out=np.full_like(total, np.nan), where=number > 0)
    return means


def tail_probability(values: Floats) -> Floats:
    """The share of resampled means outside the interval at either end, for each column.

    Phi(-t), where t is Student's 97.5% quantile in place of the normal 1.96: the expanded
    percentile interval (Hesterberg 2015), whose other factor, sqrt(n / (n - 1)), is in the weights.
    The degrees of freedom are those of the variance (Satterthwaite 1946), 2 n / (kurtosis - (n - 3)
    / (n - 1)), limited to [2, n - 1]: n - 1 where values are normal, fewer for a rate, whose
    variance depends on few events.

    Args:
        values: shape (cases, columns), NaN where a case has no value.

    Returns:
        Shape (columns,).
    """
    there = ~np.isnan(values)
    n = np.maximum(there.sum(axis=0), MIN_CASES)
    away = np.where(there, values, 0) - np.where(there, values, 0).sum(axis=0) / n
    square = np.where(there, away**2, 0)
    fourth, spread = n * (square**2).sum(axis=0), square.sum(axis=0) ** 2
    kurtosis = np.divide(fourth, spread, out=np.full(len(n), 3.0), where=spread > 0)  # 1 at least
    freedom = 2 * n / (kurtosis - (n - 3) / (n - 1))
    return _normal_tail_of_t(np.clip(freedom, MIN_CASES - 1, n - 1))


def _normal_tail_of_t(freedom: Floats) -> Floats:
    """Phi(-t), with t from its expansion about the normal quantile (Abramowitz and Stegun 26.7.5).

    The error of t is below .001 from 5 degrees of freedom on, and below .04 from 2 on.
    """
    normal = NormalDist()
    z = normal.inv_cdf((1 + CONFIDENCE_LEVEL) / 2)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    t = z + np.sum([term / freedom**power for power, term in enumerate(terms, 1)], axis=0)
    return np.array([normal.cdf(-value) for value in t])


def percentile_interval(means: Floats, tail: Floats) -> tuple[Floats, Floats]:
    """The ends of percentile intervals of resampled means, NaN left out; shape (columns,) each.

    Args:
        means: shape (resamples, columns).
        tail: the share of the means outside the interval at either end, shape (columns,).
    """
    lo, hi = np.full((2, means.shape[1]), np.nan)
    missing = np.isnan(means).sum(axis=0)
    for which in (missing == 0, missing > 0):
        if which.any():
            rows = means.T if which.all() else means.T[which]
            lo[which], hi[which] = _percentiles(rows, tail[which], missing[which])
    return lo, hi


def _percentiles(rows: Floats, tail: Floats, missing: Ints) -> tuple[Floats, Floats]:
    last = np.maximum(rows.shape[1] - missing - 1, 0)
    deep = int(tail.max() * last.max()) + 2
    if missing.any() or 2 * deep >= rows.shape[1] - 1:
        ordered = np.sort(rows)  # NaN come last
    else:  # only the ends are needed in order
        ordered = np.partition(rows, (deep, rows.shape[1] - 1 - deep))
        ordered[:, :deep].sort(axis=1)
        ordered[:, -deep - 1 :].sort(axis=1)
    columns = np.arange(len(rows))

    def at(place: Floats) -> Floats:
        low = np.floor(place).astype(int)
        below, above = ordered[columns, low], ordered[columns, np.minimum(low + 1, last)]
        return np.asarray(below + (above - below) * (place - low))

    return at(tail * last), at((1 - tail) * last)


def intervals(values: Floats, weights: Floats) -> Intervals:
    """Unweighted means over cases, with bootstrap intervals.

    Args:
        values: shape (cases, columns), NaN where a case has no value.
        weights: of the cases, shape (resamples, cases).
    """
    cases = (~np.isnan(values)).sum(axis=0)
    total = np.where(np.isnan(values), 0, values).sum(axis=0)
    mean = np.divide(total, cases, out=np.full(len(total), np.nan), where=cases > 0)
    lo, hi = np.full_like(mean, np.nan), np.full_like(mean, np.nan)
    (known,) = np.nonzero(cases >= MIN_CASES)
    for start in range(0, len(known), COLUMNS_AT_ONCE):
        part = known[start : start + COLUMNS_AT_ONCE]
        means = resampled_means(values[:, part], weights)
        lo[part], hi[part] = percentile_interval(means, tail_probability(values[:, part]))
        same = part[np.nanmin(values[:, part], axis=0) == np.nanmax(values[:, part], axis=0)]
        lo[same] = hi[same] = mean[same]
    return Intervals(rounded(mean), rounded(lo), rounded(hi), cases)


def rounded(values: Floats) -> Floats:
    """Values rounded to 12 decimals, to be the same in any order of summation; -0.0 as 0.0."""
    return np.asarray(np.round(values, MEAN_DECIMALS) + 0.0)


def ratio_intervals(own: Floats, base: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Ratios of means over cases, with bootstrap intervals; shape (columns,) each.

    A ratio is NaN where its denominator is 0, and its interval where that is so in more than one
    resample in forty.

    Args:
        own: values of the numerator, shape (cases, columns), NaN where a case has no value.
        base: values of the denominator, of the same shape and with NaN at the same places.
        weights: of the cases, shape (resamples, cases).
    """
    ratio, lo, hi = np.full((3, own.shape[1]), np.nan)
    once = np.ones((1, len(own)))
    cases = (~np.isnan(own)).sum(axis=0)
    (known,) = np.nonzero(cases)
    for start in range(0, len(known), COLUMNS_AT_ONCE):
        part = known[start : start + COLUMNS_AT_ONCE]
        above, below = own[:, part], base[:, part]
        ratio[part] = _ratio(above, below, once)[0]
        drawn = _ratio(above, below, weights)
        enough = (cases[part] >= MIN_CASES) & (np.isnan(drawn).mean(axis=0) <= MAX_UNDEFINED_SHARE)
        tail = tail_probability(above - ratio[part] * below)
        ends = percentile_interval(drawn[:, enough], tail[enough])
        lo[part[enough]], hi[part[enough]] = ends
    return ratio, lo, hi


def _ratio(own: Floats, base: Floats, weights: Floats) -> Floats:
    above, below = resampled_means(own, weights), resampled_means(base, weights)
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)


def sign_flip_p(differences: Floats, flips: int, seed: int) -> Floats:
    """Two-sided p-values of the hypothesis that paired differences are symmetric about zero.

    A Monte Carlo permutation test over cases, which flips signs at random and counts the observed
    pattern: p = (1 + extreme) / (1 + flips) (Phipson and Smyth 2010).

    Args:
        differences: shape (cases, columns), NaN where a case has no pair.
        flips: number of random sign patterns.
        seed: of the random sign patterns.

    Returns:
        Shape (columns,); NaN where fewer than three cases have a pair.
    """
    there = ~np.isnan(differences)
    known = np.where(there, differences, 0)
    rng = np.random.default_rng([seed, 2])
    signs = rng.integers(0, 2, size=(flips, len(known))) * 2.0 - 1
    least = np.abs(known.sum(axis=0)) - TOLERANCE * len(known)
    extreme = np.empty(known.shape[1])
    for start in range(0, known.shape[1], COLUMNS_AT_ONCE):
        part = slice(start, start + COLUMNS_AT_ONCE)
        extreme[part] = (np.abs(signs @ known[:, part]) >= least[part]).sum(axis=0)
    p = (1 + extreme) / (1 + flips)
    return np.where(there.sum(axis=0) < MIN_CASES, np.nan, p)
