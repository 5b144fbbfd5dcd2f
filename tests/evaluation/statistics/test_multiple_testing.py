"""Adjusted p-values: against statsmodels, and against the definitions by brute force."""

import math
from importlib import import_module
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.evaluation.statistics.multiple_testing import (
    BH,
    HOLM,
    adjust_p_values,
    benjamini_hochberg,
    holm,
)

P_VALUES = st.lists(st.integers(0, 1000).map(lambda n: n / 1000), min_size=1, max_size=12)
FEW = settings(deadline=None, max_examples=40)
GAPPY = st.lists(st.integers(0, 1000).map(lambda n: n / 1000) | st.just(math.nan), max_size=12)


@pytest.mark.long
@FEW
@given(p=P_VALUES)
def test_both_are_statsmodels(p: list[float]) -> None:
    multipletests = import_module("statsmodels.stats.multitest").multipletests
    for ours, theirs in ((holm, "holm"), (benjamini_hochberg, "fdr_bh")):
        wanted = multipletests(p, method=theirs)[1]
        assert ours(np.array(p)) == pytest.approx(wanted, abs=1e-12)


@FEW
@given(p=P_VALUES)
def test_benjamini_hochberg_is_scipys(p: list[float]) -> None:
    wanted = import_module("scipy.stats").false_discovery_control(p, method="bh")
    assert benjamini_hochberg(np.array(p)) == pytest.approx(wanted, abs=1e-12)


@FEW
@given(p=st.lists(st.integers(0, 100).map(lambda n: n / 100), min_size=1, max_size=6))
def test_holm_is_the_closure_of_bonferroni(p: list[float]) -> None:
    """A test's value is the largest Bonferroni value of any family that it is in."""
    tests = range(len(p))
    families = [f for size in range(1, len(p) + 1) for f in combinations(tests, size)]
    wanted = [
        max(min(1, len(f) * min(p[i] for i in f)) for f in families if test in f) for test in tests
    ]
    assert holm(np.array(p)) == pytest.approx(wanted, abs=1e-12)


@FEW
@given(p=GAPPY)
def test_what_has_no_value_counts_among_what_was_announced_alone(p: list[float]) -> None:
    values = np.array(p, dtype=float)
    there = ~np.isnan(values)
    for adjust in (holm, benjamini_hochberg):
        assert np.isnan(adjust(values)).tolist() == (~there).tolist()
    alone = benjamini_hochberg(values[there])
    assert benjamini_hochberg(values)[there] == pytest.approx(alone, abs=1e-12)
    worst = holm(np.where(there, values, 1))[there]
    assert holm(values)[there] == pytest.approx(worst, abs=1e-12)


@FEW
@given(p=P_VALUES)
def test_adjusted_values_are_larger_and_in_the_same_order(p: list[float]) -> None:
    values = np.array(p)
    order = np.argsort(values, kind="stable")
    for found in (holm(values), benjamini_hochberg(values)):
        assert (found >= values - 1e-12).all()
        assert (found <= 1).all()
        assert (np.diff(found[order]) >= -1e-12).all()


def test_holm_by_hand() -> None:
    # 3 x .01; 2 x .02, not less than the one before; 1 x .04, likewise.
    assert holm(np.array([0.02, 0.01, 0.04])) == pytest.approx([0.04, 0.03, 0.04])


def test_benjamini_hochberg_by_hand() -> None:
    # 3 / 1 x .01; 3 / 2 x .03, not more than the one after; 3 / 3 x .04.
    assert benjamini_hochberg(np.array([0.03, 0.01, 0.04])) == pytest.approx([0.04, 0.03, 0.04])


def test_registered_contrasts_are_one_family_and_each_metric_s_others_another() -> None:
    keys = [("team", "a", "Severe_rate"), ("team", "b", "Safety")]
    keys += [("pair", "a", "Severe_rate"), ("pair", "b", "Severe_rate"), ("pair", "a", "Safety")]
    groups = [metric for *_, metric in keys]
    p = np.array([0.01, 0.03, 0.01, 0.02, 0.02])
    found, how = adjust_p_values(p, keys, groups, frozenset(keys[:2]))
    assert how == [HOLM, HOLM, BH, BH, BH]
    assert found[:2] == pytest.approx([0.02, 0.03])  # Holm: 2 x .01, 1 x .03
    assert found[2:4] == pytest.approx([0.02, 0.02])  # 2 / 1 x .01, 2 / 2 x .02
    assert found[4] == pytest.approx(0.02)  # alone
