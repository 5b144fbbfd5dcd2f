"""p-values that allow for the number of tests."""

from collections.abc import Hashable, Sequence
from importlib import import_module

import numpy as np

from primum.core.arrays import Floats

Family = frozenset[tuple[str, str, str]]
"""Contrasts that were registered: (ensemble, against, metric)."""
HOLM, BH = "holm", "bh"


def holm(p: Floats) -> Floats:
    """Step-down adjusted p-values, which bound the chance of any false finding (Holm 1979).

    Args:
        p: shape (tests,); NaN stays NaN and is counted: what was announced is not less for having
            no value.
    """
    found = np.full(p.shape, np.nan)
    (there,) = np.nonzero(~np.isnan(p))
    order = there[np.argsort(p[there], kind="stable")]
    factors = len(p) - np.arange(len(order))
    found[order] = np.minimum(np.maximum.accumulate(p[order] * factors), 1)
    return found


def benjamini_hochberg(p: Floats) -> Floats:
    """Step-up adjusted p-values, which bound the share of false findings.

    Benjamini and Hochberg 1995, by scipy.

    Args:
        p: shape (tests,); NaN stays NaN and is not counted.
    """
    found = np.full(p.shape, np.nan)
    there = ~np.isnan(p)
    stats = import_module("scipy.stats")  # here: loading it takes half a second
    found[there] = stats.false_discovery_control(p[there], method="bh")
    return found


def adjusted(
    p: Floats,
    keys: Sequence[tuple[str, str, str]],
    groups: Sequence[Hashable],
    registered: Family,
) -> tuple[Floats, list[str]]:
    """Each p-value adjusted: Holm over the registered contrasts, Benjamini-Hochberg in each group.

    Args:
        p: shape (tests,).
        keys: which contrast each one tests.
        groups: which of the others each one is counted with, such as those of its metric.
        registered: the contrasts that were announced.

    Returns:
        The adjusted values, and "holm" or "bh" for each.
    """
    how = [HOLM if key in registered else BH for key in keys]
    found = np.full(p.shape, np.nan)
    families: dict[Hashable, list[int]] = {}
    for place, (kind, group) in enumerate(zip(how, groups, strict=True)):
        families.setdefault(HOLM if kind == HOLM else (BH, group), []).append(place)
    for family, places in families.items():
        adjust = holm if family == HOLM else benjamini_hochberg
        found[places] = adjust(p[places])
    return found, how
