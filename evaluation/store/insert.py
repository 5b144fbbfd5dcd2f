"""Inserts rows into tables of the store as whole columns, inside an open transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from primum.core.sql import identifier
from primum.evaluation.store.schema import TABLES, filled_from
from primum.evaluation.store.tables.answer_tables import ScoredAnswers
from primum.evaluation.store.tables.table import Batch, Column, Columns, Table, require_columns


def insert_batch(connection: duckdb.DuckDBPyConnection, study: str, batch: Batch) -> None:
    """Add rows of a study; rows of the same answers and calls are replaced.

    Raises:
        ValueError: a column is missing or unknown.
    """
    _drop_renewed(connection, study, batch)
    for name, columns in batch.items():
        insert_rows(connection, TABLES[name], study, columns)


def insert_rows(
    connection: duckdb.DuckDBPyConnection, table: Table, study: str, columns: Columns
) -> None:
    """Insert columns by name; NaN becomes null.

    Raises:
        ValueError: a column is missing or unknown.
    """
    if not columns:
        return
    require_columns(table, columns)
    given = {column.name: _array(columns[column.name], column.type) for column in table.own}
    if not len(given[table.own[0].name]):
        return
    connection.register("given", given)
    names = ", ".join(identifier(column.name) for column in table.columns)
    picked = ", ".join(_picked(column, given) for column in table.own)
    connection.execute(
        f"insert into {identifier(table.name)} ({names}) select ?, {picked} from given", [study]
    )
    connection.unregister("given")


def _picked(column: Column, given: Mapping[str, NDArray[Any]]) -> str:
    name = identifier(column.name)
    if given[column.name].dtype.kind == "f":
        return f"if(isfinite({name}), {name}, null)"
    return f"{name}::{column.type}"


def _array(values: Sequence[Any] | NDArray[Any], kind: str) -> NDArray[Any]:
    if isinstance(values, np.ndarray):
        return values
    if kind == "DOUBLE":
        return np.array([np.nan if value is None else value for value in values], dtype=float)
    array = np.empty(len(values), dtype=object)
    array[:] = list(values)
    return array


def _drop_renewed(connection: duckdb.DuckDBPyConnection, study: str, batch: Batch) -> None:
    """Delete the rows of answers and calls that the batch has again, and their dependent rows."""
    for table, dependent in _renewals():
        columns = batch.get(table.name)
        if not columns:
            continue
        connection.register("renewed", {name: _array(columns[name], "") for name in table.key})
        names = ", ".join(map(identifier, table.key))
        there = f"where study = ? and ({names}) in (select ({names}) from renewed)"
        found = connection.execute(
            f"select 1 from {identifier(table.name)} {there} limit 1", [study]
        )
        if found.fetchall():
            for other in dependent:
                connection.execute(f"delete from {identifier(other.name)} {there}", [study])
        connection.unregister("renewed")


def _renewals() -> list[tuple[Table, list[Table]]]:
    """Tables whose rows may be replaced, each with the tables that contain its key."""
    tables = filled_from(ScoredAnswers)
    first = [table for table in tables if not any(other.key < table.key for other in tables)]
    return [(table, [other for other in tables if table.key <= other.key]) for table in first]
