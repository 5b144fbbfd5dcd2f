"""Figures and differences as text, with their intervals."""

from math import isnan

from primum.evaluation.metrics.july_2026 import JULY_2026
from primum.evaluation.metrics.record import AnswerMetric
from primum.evaluation.statistics.estimates import Estimate
from primum.evaluation.statistics.paired_differences import Comparison


def label_of(metric: AnswerMetric) -> str:
    """A metric's name, with its definition where that is not the usual one."""
    definition = metric.definition
    return metric.name if definition == JULY_2026 else f"{metric.name} ({definition.name})"


def number(value: float, digits: int = 2) -> str:
    """A number with so many digits after the point; "-" where it is undefined."""
    return "-" if isnan(value) else f"{value:.{digits}f}"


def with_interval(estimate: Estimate, *, percent: bool = False) -> str:
    """An estimate and its interval, in percent or as a ratio; "-" where it is undefined."""
    if isnan(estimate.mean):
        return "-"
    scale, digits, unit = (100, 1, "%") if percent else (1, 3, "")
    spread = _spread(estimate.lo, estimate.hi, scale, digits)
    return f"{scale * estimate.mean:.{digits}f}{unit}{spread}"


def difference(comparison: Comparison, *, percent: bool = False) -> str:
    """A difference and its interval, in percentage points or as it is; "-" where undefined."""
    if isnan(comparison.difference):
        return "-"
    scale, digits = (100, 1) if percent else (1, 2)
    spread = _spread(comparison.lo, comparison.hi, scale, digits)
    return f"{scale * comparison.difference:+.{digits}f}{spread}"


def _spread(lo: float, hi: float, scale: int, digits: int) -> str:
    """An interval in parentheses; empty where it is undefined or has no width."""
    low, high = (f"{scale * end:.{digits}f}" for end in (lo, hi))
    return "" if isnan(lo) or low == high else f" ({low} to {high})"
