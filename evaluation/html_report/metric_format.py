"""The metrics of a report: their labels, units and directions, and their figures as text."""

from typing import Any

from primum.evaluation.metrics.july_2026 import F1_WEIGHTED
from primum.evaluation.metrics.record import Metric
from primum.evaluation.metrics.registry import METRICS, definitions, leading


def all_metrics() -> list[Metric]:
    """Every metric of a study's summaries, the most important first."""
    by_definition = (m for d in definitions() for m in METRICS if m.definition == d)
    return list(dict.fromkeys((F1_WEIGHTED, *leading(), *by_definition)))


def described(metric: Metric) -> dict[str, Any]:
    """What the scripts of a report know of a metric."""
    return {
        "key": metric.key,
        "definition": metric.definition.name,
        "label": metric.label,
        "unit": metric.unit.style,
        "lower": metric.lower,
    }


def format_value(value: float | None, unit: str, *, sign: bool = False) -> str:
    """A figure as text; a dash where there is none."""
    if value is None:
        return "\N{EN DASH}"
    scale, digits, after = {"percent": (100, 1, "%"), "count": (1, 2, ""), "ratio": (1, 3, "")}[
        unit
    ]
    text = f"{scale * value:{'+' if sign else ''}.{digits}f}"
    return text.replace("-", "\N{MINUS SIGN}") + after


def format_interval(lo: float | None, hi: float | None, unit: str, *, sign: bool = False) -> str:
    """An interval as text; empty where there is none, or where both ends are the same text."""
    if lo is None or hi is None:
        return ""
    low, high = (format_value(end, unit, sign=sign).rstrip("%") for end in (lo, hi))
    return "" if low == high else f"{low} to {high}"
