"""p-values adjusted for the number of tests."""

from collections.abc import Hashable, Sequence

import numpy as np

from primum.core.arrays import Floats

RegisteredContrasts = frozenset[tuple[str, str, str]]
"""Registered contrasts: (ensemble, comparator, metric)."""
HOLM, BH = "holm", "bh"


def holm(p: Floats) -> Floats:
    """Step-down adjusted p-values, which bound the family-wise error rate (Holm 1979).

    Args:
        p: shape (tests,); NaN stays NaN and counts as a test: a registered contrast is one of its
            family even where it has no p-value.
    """
    return _stepped(p, falling=False)


def benjamini_hochberg(p: Floats) -> Floats:
    """Step-up adjusted p-values, which bound the false discovery rate.

    Benjamini and Hochberg 1995. Written here because importing scipy.stats for its
    `false_discovery_control`, to which a test holds these values, adds half a second to every run.

    Args:
        p: shape (tests,); NaN stays NaN and is not counted.
    """
    return _stepped(p, falling=True)


def _stepped(p: Floats, *, falling: bool) -> Floats:
    found = np.full(p.shape, np.nan)
    (there,) = np.nonzero(~np.isnan(p))
    order = there[np.argsort(p[there], kind="stable")]
    rank = np.arange(1, len(order) + 1)
    if falling:
        values = np.minimum.accumulate((p[order] * len(order) / rank)[::-1])[::-1]
    else:
        values = np.maximum.accumulate(p[order] * (len(p) - rank + 1))
    found[order] = np.minimum(values, 1)
    return found


def adjust_p_values(
    p: Floats,
    keys: Sequence[tuple[str, str, str]],
    groups: Sequence[Hashable],
    registered: RegisteredContrasts,
) -> tuple[Floats, list[str]]:
    """Each p-value adjusted: Holm over the registered contrasts, Benjamini-Hochberg in each group.

    Args:
        p: shape (tests,).
        keys: the contrast that each p-value tests.
        groups: the group in which each unregistered contrast is corrected, such as its metric.
        registered: the registered contrasts.

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
