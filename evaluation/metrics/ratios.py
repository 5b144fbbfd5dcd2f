"""Ratios and harmonic means that know undefined values."""

import numpy as np

from primum.core.arrays import Floats


def ratio(part: Floats, whole: Floats) -> Floats:
    """Part / whole, NaN where the whole is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole == 0, np.nan, part / whole)


def harmonic(a: Floats, b: Floats) -> Floats:
    """The harmonic mean of two numbers: 0 where both are 0, NaN where either is."""
    return np.where(a + b == 0, 0.0, ratio(2 * a * b, a + b))


def f1(precision: Floats, recall: Floats) -> Floats:
    """The harmonic mean, but 0 where nothing matched (a precision of NaN)."""
    return np.where(np.isnan(precision), 0.0, harmonic(precision, recall))
