"""Rows of the store's tables made by hand."""

from collections.abc import Iterable, Sequence
from typing import Any

from primum.evaluation.store.schema import TABLES
from primum.evaluation.store.tables.table import Columns, as_columns


def rows_of(table: str, values: Iterable[Sequence[Any]]) -> Columns:
    """Rows given as values in the order of a table's columns after the study."""
    names = [column.name for column in TABLES[table].own]
    return as_columns(TABLES[table], [dict(zip(names, row, strict=True)) for row in values])
