"""A metric of a user's own: it appears wherever figures are, and changes no other figure."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from primum.cases.model import Suite
from primum.evaluation.exports.csv_export import scores_of
from primum.evaluation.html_report.metric_format import all_metrics
from primum.evaluation.metrics.record import HARMS_PER_CASE, AnswerMetric, Definition
from primum.evaluation.metrics.registry import METRICS, columns
from primum.evaluation.power.power import metric_of_answers
from primum.evaluation.store.query import snapshot
from primum.evaluation.store.recorder import Result
from primum.evaluation.store.stored_comparison import contrast
from primum.evaluation.text_report.comparison_text import comparison_sentences
from primum.evaluation.text_report.run_json import result_json

Record = Callable[[Path], tuple[Path, Result]]
TOY = AnswerMetric(
    Definition("lab", "Our lab"),
    "Actions",
    "Actions per case",
    "Number of actions recommended.",
    compute=lambda found: np.bincount(
        found.batch.owner, minlength=len(found.batch.verdicts)
    ).astype(float),
    direction="lower",
    unit=HARMS_PER_CASE,
    bounds=(0, None),
    group="harm counts",
    primary=True,
)


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> AnswerMetric:
    """The toy metric among the others, for one test."""
    monkeypatch.setattr(METRICS, "_records", dict(METRICS._records))
    METRICS.add(TOY)
    return TOY


def without_toy(value: Any) -> Any:
    """A JSON object without any row or figure of the toy metric."""
    if isinstance(value, dict):
        return {key: without_toy(part) for key, part in value.items() if key != TOY.name}
    if isinstance(value, list):
        kept = [p for p in value if not (isinstance(p, dict) and p.get("metric") == TOY.name)]
        return [without_toy(part) for part in kept]
    return value


def test_it_is_in_every_figure_and_changes_no_other(
    toy: AnswerMetric, record_study: Record, recorded: tuple[Path, Result], tmp_path: Path
) -> None:
    path, result = record_study(tmp_path)
    found = result_json(result, 0, 0)
    means = {e["name"]: e["metrics"][toy.name]["mean"] for e in found["ensembles"]}
    assert (means["duo"], means["ann"], means["control:nothing"]) == (2, 1, 0)
    compared = [c for c in found["comparisons"] if c["metric"] == toy.name]
    assert {(c["ensemble"], c["difference"]) for c in compared} >= {("duo", 1)}
    assert any(row["metric"] == toy.name for row in found["analysis"]["effects"])
    assert json.dumps(without_toy(found)) == json.dumps(result_json(recorded[1], 0, 0))
    with snapshot(path) as connection:
        for table in ("scores", "summaries", "comparisons", "harm_reduction"):
            sql = f"select count(*) from {table} where metric = $1"
            assert connection.execute(sql, [toy.name]).fetchall()[0][0], table
        better = "select distinct better from harm_reduction where metric = $1"
        assert connection.execute(better, [toy.name]).fetchall() == [("lower",)]


def test_it_is_in_comparisons_exports_and_the_choices_of_a_report(
    toy: AnswerMetric, record_study: Record, recorded_suite: Suite, tmp_path: Path
) -> None:
    path, result = record_study(tmp_path)
    said = "\n".join(
        comparison_sentences(contrast(path, result.study, recorded_suite, "duo", "ann"))
    )
    assert "Actions per case: 2.00, against 1.00: 1.00 more" in said
    assert toy.name in scores_of(path, result.study).columns
    assert toy in all_metrics()
    assert metric_of_answers(toy.name) is toy


def test_a_store_that_has_its_scores_is_read_without_it(
    toy: AnswerMetric,
    record_study: Record,
    recorded_suite: Suite,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, result = record_study(tmp_path)
    records = {key: metric for key, metric in METRICS._records.items() if metric is not toy}
    monkeypatch.setattr(METRICS, "_records", records)
    assert toy not in columns()
    found = contrast(path, result.study, recorded_suite, "duo", "ann")
    assert toy.key not in found.differences
