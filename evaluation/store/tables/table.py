"""The declaration of a table: its columns, from the fields of a record, and its rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from inspect import getdoc
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints

from numpy.typing import NDArray

from primum.evaluation.columns import KEY

Row = Mapping[str, Any]
"""A row by column name, without the study's id."""
Columns = Mapping[str, Sequence[Any] | NDArray[Any]]
"""Rows of a table as columns of one length, by name."""
Batch = Mapping[str, Columns]
"""Rows of several tables, by the table's name."""

TYPES = {
    str: "VARCHAR",
    int: "INTEGER",
    float: "DOUBLE",
    bool: "BOOLEAN",
    datetime: "TIMESTAMP",
}


class SqlType(NamedTuple):
    """The DuckDB type of a field, where its Python type does not determine it."""

    name: str


class Column(NamedTuple):
    """A column: name, DuckDB type, comment, and whether it is part of the key."""

    name: str
    type: str
    comment: str
    key: bool = False


STUDY = Column("study", "VARCHAR", "the study's id", key=True)


@dataclass(frozen=True)
class Table:
    """A table of the store; DDL, writer, exports and docs/schema.md are derived from it.

    Attributes:
        name: of the table.
        record: a dataclass or TypedDict: its annotated fields are the columns after `study`, the
            first line of its docstring says what a row is.
        source: the type of the source record from which it is filled.
        rows: gives its rows from a source record, as mappings or as columns.
        added: columns after those of the record.
    """

    name: str
    record: type
    source: type
    rows: Callable[[Any], Iterable[Row] | Columns]
    added: tuple[Column, ...] = ()

    @property
    def comment(self) -> str:
        """The sentence that describes a row."""
        return (getdoc(self.record) or "").partition("\n")[0]

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Its columns, `study` first."""
        return STUDY, *columns_of(self.record), *self.added

    @property
    def own(self) -> tuple[Column, ...]:
        """The columns without `study`, which the writer adds."""
        return self.columns[1:]

    @property
    def key(self) -> frozenset[str]:
        """The names of the columns that, with `study`, identify a row."""
        return frozenset(column.name for column in self.own if column.key)

    def filled(self, source: object) -> Columns:
        """Its rows from a source record, as columns.

        Raises:
            ValueError: a row lacks a column, or has one that the table does not.
        """
        rows = self.rows(source)
        return rows if isinstance(rows, Mapping) else as_columns(self, rows)


def as_columns(table: Table, rows: Iterable[Row]) -> Columns:
    """Rows as columns of a table; an empty mapping if there are no rows.

    Raises:
        ValueError: a row lacks a column, or has one that the table does not.
    """
    found = list(rows)
    names = {column.name for column in table.own}
    for row in found:
        if row.keys() != names:
            require_columns(table, row)
    return {name: [row[name] for row in found] for name in names} if found else {}


def require_columns(table: Table, given: Mapping[str, Any]) -> None:
    """Check that the names are those of a table's columns.

    Raises:
        ValueError: a column is missing or unknown.
    """
    names = [column.name for column in table.own]
    for name in names:
        if name not in given:
            raise ValueError(f"table {table.name}: the column {name} is missing")
    for name in given:
        if name not in names:
            raise ValueError(f"table {table.name}: there is no column {name}")


def columns_of(record: type) -> tuple[Column, ...]:
    """The columns of the annotated fields of a dataclass or TypedDict, in order.

    Raises:
        ValueError: a field has no comment, or no DuckDB type.
    """
    hints = get_type_hints(record, include_extras=True)
    return tuple(_column(record, name, hint) for name, hint in hints.items())


def _column(record: type, name: str, hint: Any) -> Column:
    field = f"{record.__name__}.{name}"
    if get_origin(hint) is not Annotated:
        raise ValueError(f"{field}: annotate it with what its column means")
    python, *notes = get_args(hint)
    comments = [note for note in notes if isinstance(note, str)]
    types = [note.name for note in notes if isinstance(note, SqlType)]
    sql = types[-1] if types else _sql_type(python)
    if not comments or sql is None:
        raise ValueError(f"{field}: no comment for its column, or no DuckDB type for {python}")
    return Column(name, sql, comments[-1], key=KEY in notes)


def _sql_type(python: Any) -> str | None:
    """The DuckDB type of a Python type: of X | None that of X, of tuple[X, ...] a list."""
    origin, parts = get_origin(python), get_args(python)
    if origin is UnionType:
        (python,) = (part for part in parts if part is not NoneType)
        return _sql_type(python)
    if origin in {tuple, list}:
        element = _sql_type(parts[0])
        return element and f"{element}[]"
    return TYPES.get(str if issubclass(python, StrEnum) else python)
