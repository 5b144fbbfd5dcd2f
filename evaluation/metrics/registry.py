"""The registry of metrics, and lists that are derived from their records.

The lists are functions, so that they include metrics that extensions have added.
"""

import numpy as np

from primum.core.arrays import Floats
from primum.core.errors import DataError, UsageError
from primum.core.registry import Registry
from primum.evaluation.metrics import across_variants, july_2026, june_2026, version_1
from primum.evaluation.metrics.july_2026 import SEVERE_RATE
from primum.evaluation.metrics.record import (
    GROUPS,
    AnswerMetric,
    Definition,
    Findings,
    Metric,
    SuiteMetric,
    VariantsMetric,
)


class Metrics(Registry[Metric]):
    """Metrics by their key, DEFINITION/NAME."""

    def add(self, record: Metric) -> None:
        """Register a metric.

        Raises:
            DataError: another metric has its key, or has its name in a definition that is not
                superseded: contrasts and tables of figures say a metric by its name alone.
        """
        for other in () if record.definition.superseded else self:
            if other.name == record.name and not other.definition.superseded:
                raise DataError(f"there is a metric {other.key} already; choose another name")
        super().add(record)


METRICS = Metrics(
    "metric",
    (
        *july_2026.RECORDS,
        *across_variants.RECORDS,
        *version_1.RECORDS,
        *june_2026.RECORDS,
    ),
    key=lambda metric: metric.key,
)


def columns() -> tuple[AnswerMetric, ...]:
    """The metrics of an answer: the columns of a score book."""
    return tuple(metric for metric in METRICS if isinstance(metric, AnswerMetric))


def column_names() -> tuple[tuple[str, str], ...]:
    """The definition and the name of each of the `columns`, as stored."""
    return tuple((metric.definition.name, metric.name) for metric in columns())


def variants_metrics() -> tuple[VariantsMetric, ...]:
    """The metrics of a case across its variants."""
    return tuple(metric for metric in METRICS if isinstance(metric, VariantsMetric))


def case_metrics() -> tuple[AnswerMetric | VariantsMetric, ...]:
    """The metrics of a base case: `columns`, then `variants_metrics`."""
    return (*columns(), *variants_metrics())


def suite_metrics() -> tuple[SuiteMetric, ...]:
    """The metrics of a whole suite."""
    return tuple(metric for metric in METRICS if isinstance(metric, SuiteMetric))


def column(metric: AnswerMetric | VariantsMetric) -> int:
    """The position of a metric in `case_metrics`, and in `columns` for metrics of answers."""
    return case_metrics().index(metric)


def values(found: Findings) -> Floats:
    """Every metric of every answer of a batch, shape (answers, columns)."""
    return np.stack([metric.values(found) for metric in columns()], axis=1)


def values_of(definition: Definition, found: Findings) -> dict[str, Floats]:
    """A definition's metrics of every answer by published name, shape (answers,) each."""
    own = (metric for metric in columns() if metric.definition == definition)
    return {metric.name: metric.values(found) for metric in own}


def primary() -> tuple[AnswerMetric, ...]:
    """The metrics of comparisons and analyses, ordered by group."""
    found = (metric for metric in columns() if metric.primary)
    return tuple(sorted(found, key=lambda metric: GROUPS.index(metric.group)))


def primary_harms() -> tuple[AnswerMetric, ...]:
    """The primary metrics for which lower is better: rates of harm, then counts."""
    return tuple(metric for metric in primary() if metric.lower)


def headlines() -> tuple[AnswerMetric, ...]:
    """The headline of every definition that is not superseded."""
    return tuple(m for m in columns() if m.headline and not m.definition.superseded)


def leading() -> tuple[AnswerMetric, ...]:
    """The primary harms, then the headlines."""
    return tuple(dict.fromkeys((*primary_harms(), *headlines())))


def ranked_by() -> tuple[AnswerMetric, ...]:
    """The metrics that ensembles are ranked by: severe harm, and the headlines."""
    return tuple(dict.fromkeys((SEVERE_RATE, *headlines())))


def by_case() -> tuple[AnswerMetric, ...]:
    """The metrics that reports hold case by case."""
    others = (metric for metric in columns() if metric.by_case)
    return tuple(dict.fromkeys((*primary(), *others)))


def by_judge() -> tuple[AnswerMetric, ...]:
    """The metrics that are also computed for each single judge of a panel."""
    return tuple(metric for metric in columns() if metric.by_judge)


def compared_names() -> tuple[str, ...]:
    """The names of the metrics that can be registered in a contrast, in alphabetical order."""
    return tuple(sorted(m.name for m in case_metrics() if not m.definition.superseded))


def definitions() -> tuple[Definition, ...]:
    """The definitions of all metrics, the superseded ones last."""
    found = dict.fromkeys(metric.definition for metric in METRICS)
    return tuple(sorted(found, key=lambda definition: definition.superseded))


def definition_of(name: str) -> Definition:
    """The definition with a name.

    Raises:
        UsageError: there is no such definition.
    """
    found = {definition.name: definition for definition in definitions()}
    if name not in found:
        raise UsageError(f"there is no definition {name}; there are {', '.join(found)}")
    return found[name]


def headline_of(definition: Definition) -> AnswerMetric:
    """The headline metric of a definition.

    Raises:
        UsageError: it has no headline.
    """
    for metric in columns():
        if metric.headline and metric.definition == definition:
            return metric
    raise UsageError(f"the definition {definition.name} has no headline metric")
