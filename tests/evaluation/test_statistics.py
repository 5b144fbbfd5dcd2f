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

from primum.evaluation.key import Floats
from primum.evaluation.statistics import (
    CHUNK,
    intervals,
    percentile_interval,
    resample,
    resampled_means,
    sign_flip_p,
    strata_of,
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
def test_each_stratum_keeps_its_size_in_every_resample(specialties: list[str], seed: int) -> None:
    strata = strata_of(specialties)
    counts = resample(strata, 50, seed)
    assert counts.shape == (50, len(specialties))
    for stratum in set(strata.tolist()):
        members = strata == stratum
        assert (counts[:, members].sum(axis=1) == members.sum()).all()


def test_resamples_follow_from_the_seed_and_draw_every_case_evenly() -> None:
    strata = strata_of(["Cardiology"] * 8 + ["Neurology"] * 4)
    counts = resample(strata, 4000, 1)
    assert (counts == resample(strata, 4000, 1)).all()
    assert (counts != resample(strata, 4000, 2)).any()
    # A case is drawn once on average, with variance 1 - 1/n: 4,000 resamples put the mean within
    # 4 x sqrt(1 / 4000) = .063, and the variance within .1.
    assert np.abs(counts.mean(axis=0) - 1).max() < 0.063
    assert counts.var(axis=0) == pytest.approx([7 / 8] * 8 + [3 / 4] * 4, abs=0.1)


def values(cases: int, columns: int, seed: int, missing: float) -> Floats:
    rng = np.random.default_rng(seed)
    found = rng.random((cases, columns))
    found[rng.random(found.shape) < missing] = np.nan
    return found


def slow_bootstrap(column: list[float], counts: Floats) -> tuple[float, float]:
    """Case by case and draw by draw; the percentile by hand (linear between neighbours)."""
    means = []
    for draw in counts:
        drawn = [x for x, times in zip(column, draw, strict=True) for _ in range(int(times))]
        there = [x for x in drawn if not math.isnan(x)]
        if there:
            means.append(math.fsum(there) / len(there))
    means.sort()

    def at(share: float) -> float:
        place = share * (len(means) - 1)
        below = math.floor(place)
        above = min(below + 1, len(means) - 1)
        return means[below] * (1 - (place - below)) + means[above] * (place - below)

    return at(0.025), at(0.975)


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_the_bootstrap_is_that_of_a_slow_loop(missing: float) -> None:
    table = values(17, 6, 3, missing)
    counts = resample(strata_of(["Allergy"] * 6 + ["Other"] * 9 + ["Dermatology"] * 2), 300, 5)
    found = intervals(table, counts)
    for i, column in enumerate(table.T.tolist()):
        there = [x for x in column if not math.isnan(x)]
        assert found.mean[i] == pytest.approx(math.fsum(there) / len(there), abs=1e-12)
        assert (found.lo[i], found.hi[i]) == pytest.approx(
            slow_bootstrap(column, counts), abs=1e-12
        )
        assert found.cases[i] == len(there)


@settings(deadline=None, max_examples=100)
@given(
    means=npst.arrays(
        float,
        st.tuples(st.integers(1, 60), st.integers(1, 5)),
        elements=st.floats(-1, 1) | st.just(math.nan),
    )
)
def test_percentiles_are_numpys(means: Floats) -> None:
    lo, hi = percentile_interval(means)
    for i, column in enumerate(means.T):
        there = column[~np.isnan(column)]
        wanted = np.quantile(there, [0.025, 0.975]) if len(there) else [math.nan, math.nan]
        assert (lo[i], hi[i]) == pytest.approx(wanted, abs=1e-12, nan_ok=True)


def test_intervals_are_numpys_percentiles_of_the_resampled_means() -> None:
    table = values(12, CHUNK + 3, 7, 0.4)  # more columns than are taken at once
    counts = resample(strata_of(["Other"] * 12), 200, 1)
    found, means = intervals(table, counts), resampled_means(table, counts)
    known = found.cases >= 3
    assert known.sum() > CHUNK
    lo, hi = np.nanquantile(means[:, known], [0.025, 0.975], axis=0)
    np.testing.assert_allclose(found.lo[known], lo, atol=1e-12, rtol=0)
    np.testing.assert_allclose(found.hi[known], hi, atol=1e-12, rtol=0)


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
