"""The tables of the ablation that the page draws and lists."""

from collections.abc import Mapping, Sequence
from typing import Any

from primum.core.sql import identifier
from primum.evaluation.html_report.study_source import Row, Source
from primum.evaluation.store.schema import TABLES

ABLATION_TABLES = (
    "effects",
    "shapley_values",
    "flows",
    "error_correlations",
    "ceilings",
    "diversity",
    "team_sizes",
)
PER_ENSEMBLE = frozenset({"flows", "ceilings"})
OMITTED_COLUMNS = frozenset({"study", "simulated"})
FAILURE_LABELS = {
    "introduced": "introduced by a later seat",
    "overturned_majority": "correct majority overturned",
    "unresolved_conflict": "conflicting drafts",
    "suppressed_minority": "correct minority overruled",
    "unheeded_critic": "critic's objection not followed",
    "lazy_agreement": "agreement without a check",
    "shared_error": "every draft wrong",
}
FAILURE_COUNTS = """
select ensemble, failure, role, kind, severity, count(*) as harms,
       sum((len(missed_by) > 0)::int)::int as missed
from attributions where study = $1 and ensemble in (select unnest($2)) group by all order by all
"""


Columns = dict[str, Any]
"""A table as its `columns` and `rows`, which is short in JSON."""


def teams(source: Source, entries: Sequence[Row]) -> dict[str, Columns]:
    """The ablation's tables that have rows, by name, and `failures`: harms counted by cause."""
    names = [entry["name"] for entry in entries]
    found = {}
    for table in ABLATION_TABLES:
        columns = [c.name for c in TABLES[table].columns if c.name not in OMITTED_COLUMNS]
        picked = ", ".join(map(identifier, columns))
        where = " and ensemble in (select unnest($2))" if table in PER_ENSEMBLE else ""
        sql = f"select {picked} from {identifier(table)} where study = $1{where} order by all"
        found[table] = in_columns(source.rows(sql, *([names] if where else [])))
    found["failures"] = in_columns(source.rows(FAILURE_COUNTS, names))
    return {name: table for name, table in found.items() if table["rows"]}


def in_columns(rows: Sequence[Mapping[str, Any]]) -> Columns:
    """A table of rows that all have the same columns."""
    names = list(rows[0]) if rows else []
    return {
        "columns": names,
        "rows": [[_short(cell) for cell in row.values()] for row in rows],
    }


def _short(cell: Any) -> Any:
    return float(f"{cell:.6g}") if isinstance(cell, float) else cell
