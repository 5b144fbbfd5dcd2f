"""The source of a report's rows: one study in a snapshot of the store."""

from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from pathlib import Path
from typing import Any

import duckdb

from primum.agents.studies.study import Study
from primum.core.errors import DataError
from primum.evaluation.store.query import snapshot

Row = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """A study and the connection to a snapshot that holds it."""

    connection: duckdb.DuckDBPyConnection
    study: Study

    @cached_property
    def id(self) -> str:
        """The study's id."""
        return self.study.id

    def rows(self, sql: str, *values: object) -> list[Row]:
        """Rows by column name; `$1` of the statement is the study's id, NaN becomes None."""
        cursor = self.connection.execute(sql, [self.id, *values])
        names = [column[0] for column in cursor.description or ()]
        return [
            {name: _finite(cell) for name, cell in zip(names, row, strict=True)}
            for row in cursor.fetchall()
        ]

    def fetch(self, sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
        """Rows as tuples, for values of the statement."""
        return self.connection.execute(sql, values).fetchall()


def latest_complete(store: Path) -> str:
    """The id of the study that was started last, of those that are complete.

    Raises:
        DataError: there is none.
    """
    sql = "select study from studies where complete order by started_at desc limit 1"
    with snapshot(store) as connection:
        found = connection.execute(sql).fetchall()
    if not found:
        raise DataError(f"{store}: no complete study there yet; `primum run` makes one")
    return str(found[0][0])


def require_complete(source: Source) -> None:
    """Refuse a study whose figures are not all there.

    Raises:
        DataError: it is not complete, or the store does not have it.
    """
    found = source.rows("select complete from studies where study = $1")
    if not found or not found[0]["complete"]:
        name = source.study.id
        raise DataError(f"{name}: not complete, so it has no figures; `primum resume {name}`")


def _finite(cell: Any) -> Any:
    return None if isinstance(cell, float) and not isfinite(cell) else cell
