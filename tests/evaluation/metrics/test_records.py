"""What every metric's record says, and that computed values keep to it."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from primum.agents.turns.transcript import Verdict
from primum.cases.model import Case
from primum.core.arrays import Floats
from primum.core.errors import DataError, UsageError
from primum.evaluation.metrics.record import (
    GROUPS,
    AnswerMetric,
    Definition,
    Findings,
    Metric,
    SuiteMetric,
    Variants,
)
from primum.evaluation.metrics.registry import (
    METRICS,
    Metrics,
    by_case,
    by_judge,
    columns,
    compared_names,
    definition_of,
    definitions,
    headline_of,
    headlines,
    leading,
    primary,
    primary_harms,
    ranked_by,
    suite_metrics,
    values,
    values_of,
    variants_metrics,
)
from primum.evaluation.scoring.answer_key import Key
from primum.evaluation.scoring.verdict_batch import Action, match_actions
from primum.tests.paths import DOCS

Judged = tuple[dict[int, Verdict], list[Action], int]
TOLERANCE = 1e-9


def require_bounds(metric: Metric, found: Floats) -> None:
    low, high = metric.bounds
    there = found[~np.isnan(found)]
    assert (there >= low - TOLERANCE).all(), metric.key
    assert (there <= (math.inf if high is None else high) + TOLERANCE).all(), metric.key


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_a_record_says_what_a_reader_needs(metric: Metric) -> None:
    assert metric.label.strip()
    assert metric.description.endswith(".")
    assert metric.direction in {"lower", "higher"}
    assert metric.group in GROUPS
    assert metric.unit.style in {"percent", "count", "ratio"}
    low, high = metric.bounds
    assert high is None or low < high
    assert (high == 1) == (metric.unit.exported == "proportion")
    if isinstance(metric, AnswerMetric) and metric.event:
        assert (metric.bounds, metric.unit.style) == ((0, 1), "percent")


@given(data=st.data())
@settings(deadline=None)
def test_values_of_answers_keep_their_bounds(
    data: st.DataObject,
    any_case: SearchStrategy[Case],
    any_judged: Callable[[Case], SearchStrategy[Judged]],
) -> None:
    case = data.draw(any_case)
    answers = data.draw(st.lists(any_judged(case), min_size=1, max_size=4))
    verdicts, actions, characters = (list(part) for part in zip(*answers, strict=True))
    batch = match_actions(Key(case), verdicts, actions, characters)
    found = values(Findings(batch))
    for metric, own in zip(columns(), found.T, strict=True):
        require_bounds(metric, own)
        if metric.event:
            assert {*own.tolist()} <= {0.0, 1.0}
    variants = Variants(Key(case), columns(), found, batch.matched.astype(np.int8))
    for over in variants_metrics():
        require_bounds(over, np.atleast_1d(over.compute(variants)))


@given(st.lists(st.integers(0, 1000).map(lambda part: part / 1000), min_size=3, max_size=3))
def test_values_of_a_suite_keep_their_bounds(means: list[float]) -> None:
    for metric in suite_metrics():
        require_bounds(metric, metric.compute(np.array([means[: len(metric.parts)]])))


def test_a_definition_alone_has_the_values_it_has_among_all(tiny_case: Case) -> None:
    batch = match_actions(Key(tiny_case), [{2: "full", 3: "partial"}], [[Action((2,))]], [2000])
    together = dict(zip([m.key for m in columns()], values(Findings(batch))[0], strict=True))
    for definition in definitions():
        for name, own in values_of(definition, Findings(batch)).items():
            wanted = pytest.approx(together[f"{definition.name}/{name}"], nan_ok=True)
            assert own[0] == wanted, name


@pytest.fixture
def tiny_case(rubric: Callable[..., Case]) -> Case:
    return rubric({1: 1, 2: 9, 3: 8, 4: 5, 5: 7})


def test_derived_lists_are_those_that_reports_have_always_had() -> None:
    harms = "Severe_rate Moderate_rate Mild_rate Omissions Commissions".split()
    scores = "F1_weighted Safety Completeness Restraint".split()
    assert [m.name for m in primary()] == [*harms, *scores]
    assert [m.name for m in primary_harms()] == harms
    assert [m.key for m in headlines()] == ["2026-07/F1_weighted", "v1/Safety"]
    assert [m.name for m in leading()] == [*harms, "F1_weighted", "Safety"]
    assert [m.name for m in ranked_by()] == ["Severe_rate", "F1_weighted", "Safety"]
    parts = ["Precision_weighted", "Recall_weighted", "Accuracy"]
    assert [m.name for m in by_case()] == [*harms, *scores, *parts]
    seen = {"F1_weighted", "Severe_rate", "Recall_weighted", "Precision_weighted"}
    assert {m.name for m in by_judge()} == seen
    lower = {m.name for m in METRICS if m.lower}
    assert lower == {*harms, "Offrubric_rate"}
    assert len(compared_names()) == len({*compared_names()}) == 26
    assert [d.name for d in definitions()] == ["2026-07", "v1", "2026-06"]
    assert headline_of(definition_of("2026-06")).key == "2026-06/F1_weighted"
    with pytest.raises(UsageError, match="there is no definition 2025; there are 2026-07, v1"):
        definition_of("2025")


def test_a_name_that_is_taken_is_refused() -> None:
    severe = METRICS["2026-07/Severe_rate"]
    for definition in (severe.definition, Definition("lab", "The lab")):
        other = Metric(definition, severe.name, "Other", "Another one.")
        with pytest.raises(DataError, match="a metric 2026-07/Severe_rate already; choose"):
            METRICS.add(other)
    old = Metric(Definition("old", "Old", superseded=True), severe.name, "Other", "Another one.")
    Metrics("metric", [severe, old], key=lambda metric: metric.key)  # nobody says it by name alone


def test_the_page_names_every_metric_beside_its_definition() -> None:
    page = (DOCS / "metrics.md").read_text(encoding="utf-8")
    sections = {
        d: page.split(f"(`definition` {d.name})")[1].split("\n## ")[0] for d in definitions()
    }
    missing = [m.key for m in METRICS if m.name not in sections[m.definition]]
    assert not missing


def table() -> str:
    """The table of docs/metrics.md, row by row from the records."""
    lines = ["| definition | name | shown as | better | unit, bounds | in a sentence |"]
    lines += ["|---|---|---|---|---|---|"]
    for m in (metric for d in definitions() for metric in METRICS if metric.definition == d):
        low, high = m.bounds
        unit = f"{m.unit.exported}, {low} to {high}" if high else f"{m.unit.exported}, from {low}"
        cells = (m.definition.name, m.name, m.label, m.direction, unit, m.description)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def test_the_table_of_the_page_is_that_of_the_records() -> None:
    assert table() in (DOCS / "metrics.md").read_text(encoding="utf-8")


def test_parts_of_suite_metrics_are_metrics_of_answers() -> None:
    for metric in METRICS:
        if isinstance(metric, SuiteMetric):
            assert {*metric.parts} <= {*columns()}
