"""The metrics of a report: their labels, units and directions, and their figures as text."""

from typing import NamedTuple

from primum.evaluation.scoring.noharm_metrics import JUNE, METRICS
from primum.evaluation.scoring.score_table import PER_ANSWER, V1
from primum.evaluation.statistics.estimates import BY_CASE
from primum.evaluation.statistics.paired_differences import LOWER_IS_BETTER

LABELS = {
    "Severe_rate": "Severe harm",
    "Moderate_rate": "Moderate harm or worse",
    "Mild_rate": "Any harm",
    "F1_weighted": "Weighted F1",
    "Omissions": "Omissions per case",
    "Commissions": "Commissions per case",
    "NNH": "Number needed to harm (NNH)",
}
PERCENT = frozenset(
    "Severe_rate Moderate_rate Mild_rate Offrubric_rate Completeness Escalation".split()
)
COUNTS = frozenset("Omissions Commissions NNH".split())


class Measure(NamedTuple):
    """A metric: `unit` is percent, count or ratio; `lower` says that less of it is better."""

    key: str
    definition: str
    metric: str
    label: str
    unit: str
    lower: bool


def measure(definition: str, metric: str) -> Measure:
    """A metric by its definition and published name."""
    label = LABELS.get(metric, metric.replace("_", " "))
    unit = "percent" if metric in PERCENT else "count" if metric in COUNTS else "ratio"
    return Measure(
        f"{definition}/{metric}", definition, metric, label, unit, metric in LOWER_IS_BETTER
    )


HEADLINE = measure(METRICS, "F1_weighted")
SEVERE = measure(METRICS, "Severe_rate")
MODERATE = measure(METRICS, "Moderate_rate")
MILD = measure(METRICS, "Mild_rate")
SAFETY = measure(V1, "Safety")
OMISSIONS = measure(V1, "Omissions")
COMMISSIONS = measure(V1, "Commissions")
NEEDED_TO_HARM = measure(V1, "NNH")
FIRST = (HEADLINE, SEVERE, MODERATE, MILD, OMISSIONS, COMMISSIONS, SAFETY)


def all_measures() -> list[Measure]:
    """Every metric of a study's summaries, the most important first."""
    names = [(METRICS, name) for name in PER_ANSWER[METRICS]]
    names += [*BY_CASE, *((V1, name) for name in (*PER_ANSWER[V1], "Overall", "NNH"))]
    names += [(JUNE, name) for name in PER_ANSWER[JUNE]]
    found = [measure(*name) for name in names]
    return [*FIRST, *(m for m in found if m not in FIRST)]


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
