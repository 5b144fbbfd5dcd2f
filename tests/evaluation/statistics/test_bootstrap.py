"""Resampling, intervals and sign flips: against slow twins, enumeration, numpy and scipy."""

import itertools
import math
from collections import Counter
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from primum.core.arrays import Floats
from primum.evaluation.statistics.bootstrap import (
    COLUMNS_AT_ONCE,
    intervals,
    percentile_interval,
    ratio_intervals,
    resample,
    resampled_means,
    sign_flip_p,
    strata_of,
    tail_probability,
)

NAMES = st.lists(
    st.sampled_from(["Allergy", "Cardiology", "Neurology", "Other"]), min_size=1, max_size=20
)
FLIPS = 20_000


@given(specialties=NAMES)
def test_small_specialties_share_one_stratum(specialties: list[str]) -> None:
    strata, counts = strata_of(specialties), Counter(specialties)
    for (one, a), (other, b) in itertools.product(zip(specialties, strata, strict=True), repeat=2):
        pooled = counts[one] < 3 and counts[other] < 3
        assert (a == b) == (one == other or pooled)


@given(specialties=NAMES, seed=st.integers(0, 99))
def test_each_stratum_keeps_its_weight_in_every_resample(specialties: list[str], seed: int) -> None:
    strata = strata_of(specialties)
    weights = resample(strata, 50, seed)
    assert weights.shape == (50, len(specialties))
    for stratum in set(strata.tolist()):
        part = weights[:, strata == stratum]
        n = part.shape[1]
        assert part.sum(axis=1) == pytest.approx(np.full(50, n))
        drawn = part * (n - 1) / n if n > 1 else part
        assert drawn == pytest.approx(drawn.round())


def test_resamples_follow_from_the_seed_and_draw_every_case_evenly() -> None:
    strata = strata_of(["Cardiology"] * 8 + ["Neurology"] * 4)
    weights = resample(strata, 4000, 1)
    assert (weights == resample(strata, 4000, 1)).all()
    assert (weights != resample(strata, 4000, 2)).any()
    # A case weighs 1 on average, with variance 1: 4,000 resamples put the mean within
    # 4 x sqrt(1 / 4000) = .063, and the variance within .1.
    assert np.abs(weights.mean(axis=0) - 1).max() < 0.063
    assert weights.var(axis=0) == pytest.approx(np.ones(12), abs=0.1)


def test_resampled_means_vary_as_the_stratified_mean_does() -> None:
    table = values(18, 3, 4, 0.0)
    strata = strata_of(["Allergy"] * 3 + ["Other"] * 9 + ["Dermatology"] * 6)
    found = resampled_means(table, resample(strata, 40_000, 2)).var(axis=0)
    # Cochran, Sampling Techniques, 5.9: the sum over strata of n^2 / N^2 x s^2 / n.
    wanted = sum(
        (strata == h).sum() * table[strata == h].var(axis=0, ddof=1) / 18**2
        for h in np.unique(strata)
    )
    assert found == pytest.approx(wanted, rel=0.04)


def values(cases: int, columns: int, seed: int, missing: float) -> Floats:
    rng = np.random.default_rng(seed)
    found = rng.random((cases, columns))
    found[rng.random(found.shape) < missing] = np.nan
    return found


def scipys_tail(column: list[float]) -> float:
    """Phi(-t) by scipy, with the degrees of freedom of the variance."""
    scipy_stats = import_module("scipy.stats")
    there = np.array([x for x in column if not math.isnan(x)])
    kurtosis = scipy_stats.kurtosis(there, fisher=False)
    n = len(there)
    # The variance of a variance: Cramer, Mathematical Methods of Statistics, 27.4.
    of_variance = kurtosis / n - (n - 3) / (n * (n - 1))
    freedom = min(max(2 / of_variance, 2), n - 1)
    return float(scipy_stats.norm.cdf(-scipy_stats.t.ppf(0.975, freedom)))


def slow_bootstrap(
    above: list[float], below: list[float], weights: Floats, tail: float
) -> tuple[float, float]:
    """Case by case and draw by draw; the percentile by hand (linear between neighbours)."""
    found = []
    for draw in weights:
        pairs = [(w * x, w * y) for x, y, w in zip(above, below, draw, strict=True)]
        there = [(x, y) for x, y in pairs if not math.isnan(x)]
        whole = math.fsum(y for _, y in there)
        if whole > 0:
            found.append(math.fsum(x for x, _ in there) / whole)
    found.sort()

    def at(share: float) -> float:
        place = share * (len(found) - 1)
        low = math.floor(place)
        high = min(low + 1, len(found) - 1)
        return found[low] * (1 - (place - low)) + found[high] * (place - low)

    return at(tail), at(1 - tail)


MIXED = ["Allergy"] * 6 + ["Other"] * 9 + ["Dermatology"] * 2


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_the_bootstrap_is_that_of_a_slow_loop(missing: float) -> None:
    table = values(17, 6, 3, missing)
    weights = resample(strata_of(MIXED), 300, 5)
    found = intervals(table, weights)
    for i, column in enumerate(table.T.tolist()):
        there = [x for x in column if not math.isnan(x)]
        ones = [1.0 if not math.isnan(x) else math.nan for x in column]
        assert found.mean[i] == pytest.approx(math.fsum(there) / len(there), abs=1e-12)
        wanted = slow_bootstrap(column, ones, weights, scipys_tail(column))
        assert (found.lo[i], found.hi[i]) == pytest.approx(wanted, abs=1e-5)
        assert found.cases[i] == len(there)


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_ratios_are_those_of_a_slow_loop(missing: float) -> None:
    own, base = values(17, 6, 3, missing), values(17, 6, 4, 0.0)
    base[np.isnan(own)] = np.nan
    weights = resample(strata_of(MIXED), 300, 5)
    ratio, lo, hi = ratio_intervals(own, base, weights)
    for i, (above, below) in enumerate(zip(own.T.tolist(), base.T.tolist(), strict=True)):
        there = [(x, y) for x, y in zip(above, below, strict=True) if not math.isnan(x)]
        wanted = math.fsum(x for x, _ in there) / math.fsum(y for _, y in there)
        assert ratio[i] == pytest.approx(wanted, abs=1e-12)
        tail = scipys_tail([x - wanted * y for x, y in zip(above, below, strict=True)])
        assert (lo[i], hi[i]) == pytest.approx(
            slow_bootstrap(above, below, weights, tail), abs=1e-5
        )


def test_there_is_no_ratio_to_nothing_and_no_interval_where_that_may_be() -> None:
    one = np.ones((20, 1))
    never, once, often = (np.array([[1.0]] * n + [[0.0]] * (20 - n)) for n in (0, 1, 12))
    own, base = np.concatenate([one] * 3, axis=1), np.concatenate([never, once, often], axis=1)
    ratio, lo, hi = ratio_intervals(own, base, resample(strata_of(["Other"] * 20), 500, 0))
    assert ratio == pytest.approx([math.nan, 20, 20 / 12], nan_ok=True)
    assert np.isnan(lo).tolist() == np.isnan(hi).tolist() == [True, True, False]
    assert lo[2] < 20 / 12 < hi[2]


def test_a_ratio_of_what_is_the_same_is_one_for_sure() -> None:
    table = values(12, 3, 5, 0.2)
    found = ratio_intervals(table, table, resample(strata_of(["Other"] * 12), 200, 0))
    for figure in found:
        assert figure == pytest.approx(np.ones(3))


@pytest.mark.parametrize("cases", [2, 3])
def test_ratios_of_fewer_than_three_cases_have_no_interval(cases: int) -> None:
    own = np.array([0.2, 0.4, 0.9, 0.1])[:, None]
    own[cases:] = np.nan
    ratio, lo, hi = ratio_intervals(own, own / 2, resample(strata_of(["Other"] * 4), 100, 0))
    assert ratio == pytest.approx([2])
    assert np.isnan([lo[0], hi[0]]).tolist() == [cases < 3] * 2


@pytest.mark.parametrize("events", [1, 2, 5, 10, 50])
def test_a_rate_of_few_events_has_longer_tails(events: int) -> None:
    column = [1.0] * events + [0.0] * (100 - events)
    assert tail_probability(np.array(column)[:, None])[0] == pytest.approx(
        scipys_tail(column), rel=0.15
    )
    assert tail_probability(np.array(column)[:, None])[0] < 0.025


@settings(deadline=None, max_examples=50)
@given(
    table=npst.arrays(
        float,
        st.tuples(st.integers(3, 30), st.just(3)),
        elements=st.floats(-1, 1).map(lambda x: round(x, 3)),
    )
)
def test_tails_are_students_with_the_freedom_of_the_variance(table: Floats) -> None:
    found = tail_probability(table)
    for tail, column in zip(found, table.T.tolist(), strict=True):
        if len(set(column)) > 1:
            assert tail == pytest.approx(scipys_tail(column), rel=0.16)
        assert 0 < tail < 0.025


@settings(deadline=None, max_examples=60)
@given(
    means=npst.arrays(
        float,
        st.tuples(st.integers(1, 400), st.integers(1, 5)),
        elements=st.floats(-1, 1) | st.just(math.nan),
    )
    | npst.arrays(float, st.tuples(st.just(400), st.just(5)), elements=st.floats(-1, 1)),
    tails=st.lists(st.sampled_from([1e-4, 0.003, 0.02, 0.025]), min_size=5, max_size=5),
)
def test_percentiles_are_numpys(means: Floats, tails: list[float]) -> None:
    tail = np.array(tails[: means.shape[1]])
    lo, hi = percentile_interval(means, tail)
    for i, column in enumerate(means.T):
        there = column[~np.isnan(column)]
        shares = [tail[i], 1 - tail[i]]
        wanted = np.quantile(there, shares) if len(there) else [math.nan, math.nan]
        assert (lo[i], hi[i]) == pytest.approx(wanted, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("missing", [0.0, 0.4])
def test_intervals_are_numpys_percentiles_of_the_resampled_means(missing: float) -> None:
    table = values(12, COLUMNS_AT_ONCE + 3, 7, missing)  # more columns than are taken at once
    weights = resample(strata_of(["Other"] * 12), 400, 1)
    found, means = intervals(table, weights), resampled_means(table, weights)
    known = found.cases >= 3
    assert known.sum() > COLUMNS_AT_ONCE - 20
    for i in np.flatnonzero(known):
        tail = tail_probability(table[:, [i]])[0]
        wanted = np.nanquantile(means[:, i], [tail, 1 - tail])
        assert (found.lo[i], found.hi[i]) == pytest.approx(wanted, abs=1e-12)


def test_an_end_that_is_nought_but_for_rounding_is_nought() -> None:
    """Ninths of cases one way and the other: sums of weights such as 10/9 do not cancel exactly."""
    column = np.array([0.1] * 6 + [-0.1] * 3 + [0.0] * 21)[:, None]
    strata = strata_of([name for name in ("Allergy", "Other", "Neurology") for _ in range(10)])
    found = [intervals(np.tile(column, n), resample(strata, 10_000, 1)) for n in (1, 7, 40)]
    ends = {float(end) for one in found for end in one.lo}
    assert len(ends) == 1
    assert all(end == 0 or abs(end) > 1e-6 for end in ends)


def test_what_is_the_same_in_every_case_has_an_interval_without_any_width() -> None:
    column = np.array([0.3] * 25 + [np.nan] * 5)[:, None]
    strata = strata_of([name for name in ("Allergy", "Other", "Neurology") for _ in range(10)])
    found = intervals(column, resample(strata, 300, 1))
    assert found.lo[0] == found.hi[0] == found.mean[0]


def test_intervals_are_scipys_bootstrap_with_its_spread_made_unbiased() -> None:
    scipy_stats = import_module("scipy.stats")
    column = np.random.default_rng(6).gamma(2, 1, 40)
    found = intervals(column[:, None], resample(strata_of(["Other"] * 40), 20_000, 1))
    theirs = scipy_stats.bootstrap(
        (column,),
        np.mean,
        n_resamples=20_000,
        method="percentile",
        confidence_level=1 - 2 * scipys_tail(column.tolist()),
        rng=3,
    ).confidence_interval
    mean, wider = column.mean(), math.sqrt(40 / 39)
    wanted = [mean + wider * (end - mean) for end in theirs]
    width = wanted[1] - wanted[0]
    assert [found.lo[0], found.hi[0]] == pytest.approx(wanted, abs=0.03 * width)


@pytest.mark.parametrize("cases", [0, 1, 2, 3])
def test_fewer_than_three_cases_give_a_mean_and_no_interval(cases: int) -> None:
    column = np.array([0.2, 0.4, 0.9, 0.1])
    column[cases:] = np.nan
    found = intervals(column[:, None], resample(strata_of(["Other"] * 4), 100, 0))
    p = sign_flip_p(column[:, None], 100, 0)
    assert found.cases.tolist() == [cases]
    assert np.isnan(found.mean).tolist() == [cases == 0]
    for figure in (found.lo, found.hi, p):
        assert np.isnan(figure).tolist() == [cases < 3]


def exact(differences: list[float]) -> float:
    """The share of all sign patterns whose sum is at least as far from zero."""
    observed = abs(math.fsum(differences)) - 1e-9
    flipped = itertools.product(*((d, -d) for d in differences))
    sums = [abs(math.fsum(pattern)) >= observed for pattern in flipped]
    return sum(sums) / len(sums)


def close(found: float, wanted: float, flips: int) -> bool:
    """Within four standard errors of a share, and the one pattern that is always counted."""
    return abs(found - wanted) < 4 * math.sqrt(wanted * (1 - wanted) / flips) + 2 / flips


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("cases", [3, 6, 10])
def test_p_is_that_of_exact_enumeration(cases: int, seed: int) -> None:
    rng = np.random.default_rng([cases, seed])
    table = rng.normal(0.4, 1, (cases + 2, 5)).round(1)
    table[:2] = np.nan  # cases without a pair change nothing
    for found, column in zip(sign_flip_p(table, FLIPS, seed), table.T, strict=True):
        assert close(found, exact(column[2:].tolist()), FLIPS)


def test_no_difference_at_all_has_a_p_of_1_and_one_that_is_all_one_way_the_smallest() -> None:
    p = sign_flip_p(np.stack([np.zeros(40), np.ones(40)], axis=1), 999, 0)
    assert p.tolist() == [1, 1 / 1000]


@given(
    differences=npst.arrays(
        float, st.tuples(st.integers(3, 12), st.just(4)), elements=st.floats(-1, 1)
    )
)
def test_p_is_the_same_for_the_difference_the_other_way_round(differences: Floats) -> None:
    p, other = sign_flip_p(differences, 500, 3), sign_flip_p(-differences, 500, 3)
    assert p.tolist() == other.tolist()
    assert ((p > 0) & (p <= 1)).all()


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.8])
def test_p_is_uniform_where_there_is_no_difference(share: float) -> None:
    columns = 2000
    p = sign_flip_p(np.random.default_rng(8).normal(0, 1, (20, columns)), 2000, 4)
    assert (p <= share).mean() == pytest.approx(
        share, abs=4 * math.sqrt(share * (1 - share) / columns)
    )


@pytest.mark.parametrize("cases", [8, 30])
@pytest.mark.parametrize("effect", [0.0, 0.25, 0.6])
def test_p_agrees_with_scipys_permutation_test(effect: float, cases: int) -> None:
    scipy_stats = import_module("scipy.stats")
    rng = np.random.default_rng([cases, int(100 * effect)])
    one, other = rng.normal(effect, 1, cases), rng.normal(0, 1, cases)

    def statistic(x: Floats, y: Floats, axis: int) -> Floats:
        return np.asarray(np.mean(x - y, axis=axis))

    found = sign_flip_p((one - other)[:, None], FLIPS, 1)[0]
    theirs = scipy_stats.permutation_test(
        (one, other),
        statistic,
        permutation_type="samples",
        n_resamples=FLIPS,
        vectorized=True,
        rng=2,
    )
    assert close(found, theirs.pvalue, FLIPS // 2)  # both are Monte Carlo: twice the variance
