"""Robustness across the variants of a case: the worst variant, and entropy of matches."""

import numpy as np
from numpy.typing import NDArray

from primum.core.arrays import Floats
from primum.evaluation.metrics.july_2026 import F1_WEIGHTED, JULY_2026
from primum.evaluation.metrics.record import Variants, VariantsMetric
from primum.evaluation.scoring.answer_key import SEVERITY, Key


def f1_floor(f1: Floats) -> Floats:
    """The worst variant's weighted F1; f1 has shape (..., variants). NaN if any is missing."""
    return np.asarray(f1.min(axis=-1))


def resilience(key: Key, matched: NDArray[np.int8]) -> Floats:
    """1 - sum v H(p) / sum v over decision units.

    Options that share an abstraction are one unit, matched where any of them is; v is 3, 2, 1 for
    severe, moderate, mild (the highest in the unit; units of weight 0 drop); p is the share of
    variants that matched the unit, and H the binary entropy in bits.

    Args:
        key: n options.
        matched: shape (..., variants, at least n), -1 where a variant has no score.

    Returns:
        Shape (...,); NaN where a variant has no score or no unit has a weight.
    """
    names: dict[str | int, int] = {}
    unit = np.array([names.setdefault(o.abstraction or o.id, len(names)) for o in key.case.options])
    weight = np.zeros(len(names))
    np.maximum.at(weight, unit, SEVERITY[key.scores].astype(float))
    given = matched[..., : len(unit)]
    known = (given >= 0).all(axis=(-1, -2))
    p = np.stack(
        [(given[..., unit == u] > 0).any(axis=-1).mean(axis=-1) for u in range(len(names))], axis=-1
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.nan_to_num(p * np.log2(p)) + np.nan_to_num((1 - p) * np.log2(1 - p))
        found = 1 + (weight * terms).sum(axis=-1) / weight.sum()
    return np.where(known, found, np.nan)


def resilience_of(variants: Variants) -> Floats:
    """`resilience`, but NaN where a variant has no F1."""
    unscored = np.isnan(variants.of(F1_WEIGHTED)).any(axis=-1)
    return np.where(unscored, np.nan, resilience(variants.key, variants.matched))


F1_FLOOR = VariantsMetric(
    JULY_2026,
    "F1_floor",
    "Weighted F1 of the worst variant",
    "The lowest F1_weighted over the variants of a case, the base included.",
    compute=lambda variants: f1_floor(variants.of(F1_WEIGHTED)),
)
RESILIENCE = VariantsMetric(
    JULY_2026,
    "Resilience",
    "Resilience",
    "1 less the mean entropy of what is matched over the variants of a case, weighted by severity.",
    compute=resilience_of,
)
RECORDS = (F1_FLOOR, RESILIENCE)
