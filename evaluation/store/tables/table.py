"""What a table of the store is: its columns, read from a record's fields, and what fills it."""

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
"""A row by the names of its columns, the study's id left out."""
Columns = Mapping[str, Sequence[Any] | NDArray[Any]]
"""Rows of a table as whole columns of one length, by name."""
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
    """The DuckDB type of a field whose Python type does not say it."""

    name: str


class Column(NamedTuple):
    """A column: its name, its DuckDB type, its comment, and whether it tells rows apart."""

    name: str
    type: str
    comment: str
    key: bool = False


STUDY = Column("study", "VARCHAR", "the study's id", key=True)


@dataclass(frozen=True)
class Table:
    """A table of the store, declared once: DDL, writer, exports and docs/schema.md come from it.

    Attributes:
        name: of the table.
        record: a dataclass or TypedDict: its annotated fields are the columns after `study`, the
            first line of its docstring says what a row is.
        source: the type of record that its rows are made from.
        rows: its rows from such a record, as mappings or as whole columns.
        added: columns after those of the record.
    """

    name: str
    record: type
    source: type
    rows: Callable[[Any], Iterable[Row] | Columns]
    added: tuple[Column, ...] = ()

    @property
    def comment(self) -> str:
        """What a row is, in one sentence."""
        return (getdoc(self.record) or "").partition("\n")[0]

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Its columns, `study` first."""
        return STUDY, *columns_of(self.record), *self.added

    @property
    def own(self) -> tuple[Column, ...]:
        """Its columns but `study`, which the writer adds."""
        return self.columns[1:]

    @property
    def key(self) -> frozenset[str]:
        """The names of the columns, beside `study`, that tell its rows apart."""
        return frozenset(column.name for column in self.own if column.key)

    def filled(self, source: object) -> Columns:
        """Its rows from a record, as columns.

        Raises:
            ValueError: a row lacks a column, or has one that the table does not.
        """
        rows = self.rows(source)
        return rows if isinstance(rows, Mapping) else as_columns(self, rows)


def as_columns(table: Table, rows: Iterable[Row]) -> Columns:
    """Rows as whole columns of a table, in any order; no columns where there are no rows.

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
    """Refuse names that are not those of a table's columns.

    Raises:
        ValueError: one is missing, or unknown; the table and the column are named.
    """
    names = [column.name for column in table.own]
    for name in names:
        if name not in given:
            raise ValueError(f"table {table.name}: the column {name} is missing")
    for name in given:
        if name not in names:
            raise ValueError(f"table {table.name}: there is no column {name}")


def columns_of(record: type) -> tuple[Column, ...]:
    """A column for each annotated field of a dataclass or TypedDict, in their order.

    Raises:
        ValueError: a field has no comment, or a type that no column has.
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
