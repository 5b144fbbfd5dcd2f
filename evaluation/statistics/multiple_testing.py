"""p-values that allow for the number of tests."""

from collections.abc import Hashable, Sequence

import numpy as np

from primum.evaluation.scoring.answer_key import Floats

Family = frozenset[tuple[str, str, str]]
"""Contrasts that were registered: (ensemble, against, metric)."""
HOLM, BH = "holm", "bh"


def holm(p: Floats) -> Floats:
    """Step-down adjusted p-values, which bound the chance of any false finding (Holm 1979).

    Args:
        p: shape (tests,); NaN stays NaN and is counted: what was announced is not less for having
            no value.
    """
    return _stepped(p, falling=False)


def benjamini_hochberg(p: Floats) -> Floats:
    """Step-up adjusted p-values, which bound the share of false findings.

    Benjamini and Hochberg 1995.

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
