"""Exports a stored study as records of Every Eval Ever: aggregate and samples by ensemble."""

import json
import time
from pathlib import Path, PurePosixPath

import duckdb

from primum.agents.studies.study import Study
from primum.agents.topologies.ensemble import EnsembleSpec, Kind
from primum.cases.model import Suite
from primum.core.errors import DataError
from primum.core.files import make_folder, write_new
from primum.evaluation.exports.eee_records import (
    SCHEMA,
    Figure,
    Record,
    Sample,
    model_id,
    model_info,
    place,
    result,
    sample,
    samples_beside,
    source_metadata,
)
from primum.evaluation.metrics.july_2026 import F1_WEIGHTED, SEVERE_RATE
from primum.evaluation.metrics.registry import METRICS
from primum.evaluation.scoring.policies import DEFAULT_POLICY
from primum.evaluation.store.counts.outcome_counts import ANSWERED, DEGRADED, JUDGED
from primum.evaluation.store.query import snapshot

COMPLETE = "select complete from studies where study = ?"
FIGURES = """
select definition || '/' || metric, mean, lo, hi, cases from summaries
where study = ? and ensemble = ? and policy = ? and mean is not null
order by all
"""
COVERAGE = f"""
select started_at, count(*) as asked, sum({ANSWERED}::int)::int as answered,
       sum({JUDGED}::int)::int as judged, sum({DEGRADED}::int)::int as degraded
from answers join studies using (study) where study = ? and ensemble = ? group by all
"""
SAMPLES = """
with figures as (
    select item, trial, max(value) filter (definition || '/' || metric = $severe) as severe,
           max(value) filter (definition || '/' || metric = $f1) as f1
    from scores where study = $study and ensemble = $ensemble
        and definition || '/' || metric in ($severe, $f1)
    group by all
),
matched as (
    select item, trial, list(option_id order by option_id) as options from verdicts
    where study = $study and ensemble = $ensemble and verdict <> 'none' group by all
)
select item, trial, outcome, coalesce(text, ''), severe, f1, coalesce(m.options, []), degraded
from answers join figures using (item, trial) left join matched m using (item, trial)
where study = $study and ensemble = $ensemble order by all
"""


def export_eee(store: Path, study: Study, suite: Suite, folder: Path, by: str) -> list[Path]:
    """Write the records of a study to a new folder, in the layout of the collection's datastore.

    Ensembles without a figure, since every answer was lost, have no record.

    Args:
        store: the DuckDB file.
        study: the study, whose controls are left out.
        suite: its cases.
        folder: the folder to create.
        by: the organisation that publishes the figures.

    Raises:
        DataError: the study is not complete or has no figure, or the folder cannot be written.
    """
    now = f"{time.time():.0f}"
    with snapshot(store) as connection:
        _require_complete(connection, study)
        exported = [
            _export(connection, study, suite, spec, by, now)
            for spec in study.ensembles
            if spec.kind is not Kind.CONTROL
        ]
    found = [one for one in exported if one]
    if not found:
        raise DataError(f"{study.id}: every answer was lost, so there is no figure to export")
    make_folder(folder)
    written = []
    for path, aggregate, samples in found:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        write_new(folder / path, json.dumps(aggregate, indent=1) + "\n")
        written.append(folder / path)
        if samples:
            beside = folder / samples_beside(path)
            write_new(beside, (json.dumps(line) + "\n" for line in samples))
            written.append(beside)
    return written


def _export(
    connection: duckdb.DuckDBPyConnection,
    study: Study,
    suite: Suite,
    spec: EnsembleSpec,
    by: str,
    now: str,
) -> tuple[PurePosixPath, Record, list[Record]] | None:
    """The path of the aggregate of an ensemble, the aggregate and its samples; None if empty."""
    own = [study.id, spec.name]
    stored = connection.execute(FIGURES, [*own, DEFAULT_POLICY]).fetchall()
    figures = [Figure(METRICS[key], *row) for key, *row in stored if key in METRICS]
    figures = [figure for figure in figures if not figure.metric.definition.superseded]
    covered = connection.execute(COVERAGE, own).fetchall()
    if not figures or not covered:
        return None
    started, *counts = covered[0]
    path, identity = place(study, spec), model_id(study, spec)
    head = {"schema_version": SCHEMA, "evaluation_id": f"{study.id}.{spec.name}/{identity}/{now}"}
    items = {item.id: item for item in suite.items()}
    answers = connection.execute(
        SAMPLES,
        {
            "study": study.id,
            "ensemble": spec.name,
            "severe": SEVERE_RATE.key,
            "f1": F1_WEIGHTED.key,
        },
    ).fetchall()
    samples = [sample(head, study, spec, items[row[0]], Sample(*row)) for row in answers]
    names = ("asked", "answered", "judged", "degraded")
    details = {name: str(number) for name, number in zip(names, counts, strict=True)}
    aggregate = {
        **head,
        "evaluation_timestamp": f"{started.isoformat()}Z",
        "retrieved_timestamp": now,
        "source_metadata": source_metadata(study, by),
        "eval_library": {"name": "primum", "version": study.version},
        "model_info": model_info(study, spec),
        "evaluation_results": [result(study, spec, figure, details) for figure in figures],
    }
    if samples:
        aggregate["detailed_evaluation_results"] = {
            "format": "jsonl",
            "file_path": str(samples_beside(path)),
            "total_rows": len(samples),
        }
    return path, aggregate, samples


def _require_complete(connection: duckdb.DuckDBPyConnection, study: Study) -> None:
    found = connection.execute(COMPLETE, [study.id]).fetchall()
    if found != [(True,)]:
        raise DataError(
            f"{study.id}: the study is not complete; `primum resume {study.id}` continues it"
        )
