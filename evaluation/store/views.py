"""The views of the store: views.sql with its metrics, outcomes and protocols filled in."""

from collections.abc import Iterable
from importlib.resources import files
from string import Template

from primum.agents.protocols.registry import PROTOCOLS
from primum.core.sql import literal
from primum.evaluation.metrics.across_variants import F1_FLOOR, RESILIENCE
from primum.evaluation.metrics.july_2026 import F1_WEIGHTED, SEVERE_RATE
from primum.evaluation.metrics.record import Metric
from primum.evaluation.metrics.registry import METRICS, primary
from primum.evaluation.metrics.version_1 import COMMISSIONS, OMISSIONS, SAFETY
from primum.evaluation.scoring.policies import DEFAULT_POLICY
from primum.evaluation.store.counts.outcome_counts import ANSWERED, DEGRADED, JUDGED

VIEW_METRICS = (F1_WEIGHTED, SEVERE_RATE, OMISSIONS, COMMISSIONS, SAFETY, F1_FLOOR, RESILIENCE)


def views_sql() -> str:
    """The statements that create the views; the comment above each describes it.

    In views.sql a metric's name in lower case, such as $safety, stands for the condition that a row
    is of that metric, $primary and $lower_is_better for being of one of several.

    Raises:
        KeyError: views.sql has an unknown placeholder.
    """
    text = (files("primum.evaluation.store") / "views.sql").read_text(encoding="utf-8")
    conditions = {metric.name.lower(): _is([metric]) for metric in VIEW_METRICS}
    arms = [f"when {literal(one.name)} then {literal(one.read_by)}" for one in PROTOCOLS]
    lower = [metric for metric in METRICS if metric.lower]
    return Template(text).substitute(
        conditions,
        primary=_is(primary()),
        lower_is_better=_is(lower),
        answered=ANSWERED,
        judged=JUDGED,
        degraded=DEGRADED,
        default_policy=literal(DEFAULT_POLICY),
        read_by=" ".join(("case s.protocol", *arms, "end")),  # null for unknown protocols
    )


def _is(metrics: Iterable[Metric]) -> str:
    """The condition that a row's `definition` and `metric` are those of one of some metrics.

    Columns are compared one by one: DuckDB compares pairs of them several times more slowly.
    """
    either = (
        f"definition = {literal(metric.definition.name)} and metric = {literal(metric.name)}"
        for metric in metrics
    )
    return f"({' or '.join(either)})"
