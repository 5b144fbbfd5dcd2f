"""SQL over a copy of the store: users' queries in a sandbox, internal ones on a connection."""

import csv
import io
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from difflib import get_close_matches
from itertools import chain, islice
from math import isfinite
from pathlib import Path
from typing import Literal, NamedTuple

import duckdb

from primum.core.console import escaped
from primum.core.errors import DataError
from primum.core.files import new_file
from primum.core.sql import identifier, literal
from primum.evaluation.notices import neutralised
from primum.evaluation.store.database import reading
from primum.evaluation.store.sandbox import TIMEOUT_SECONDS, run_in_sandbox
from primum.evaluation.store.sandbox_worker import STORE
from primum.evaluation.store.schema import TABLES, view_comments
from primum.evaluation.store.views import views_sql

Format = Literal["table", "json", "csv", "parquet"]
Row = tuple[object, ...]
ROWS_A_PIECE = 1_000  # of CSV


class Rows(NamedTuple):
    """The result of a query: column names and rows."""

    columns: list[str]
    rows: list[Row]


def query(store: Path, sql: str, seconds: float = TIMEOUT_SECONDS) -> Rows:
    """The rows of one statement, or of a view or table given by name.

    Cells have types of JSON, or Decimal where a float is not exact; times are text.

    Raises:
        DataError: there is no store, or the statement is refused or stopped.
    """
    with run_query(store, sql, seconds) as (columns, rows):
        return Rows(columns, list(rows))


@contextmanager
def run_query(
    store: Path, sql: str, seconds: float = TIMEOUT_SECONDS, since: float | None = None
) -> Iterator[tuple[list[str], Iterator[Row]]]:
    """As `query`, with an iterator that holds only a few rows in memory.

    `since` is the time (`time.monotonic`) at which the seconds begin; by default now.
    """
    since = time.monotonic() if since is None else since
    with copied_store(store) as copy:
        result = run_in_sandbox(copy.parent, statement(sql), "rows", seconds, since)
        with result.open(encoding="ascii") as lines:
            columns = json.loads(next(lines))
            exact = [place for place, (_, kind) in enumerate(columns) if kind[:7] == "DECIMAL"]
            yield [name for name, _ in columns], _rows(lines, exact)


def _rows(lines: Iterable[str], exact: Sequence[int]) -> Iterator[Row]:
    for line in lines:
        for row in json.loads(line):
            for place in exact:
                if isinstance(row[place], str):
                    row[place] = Decimal(row[place])
            yield tuple(row)


def export_parquet(
    store: Path,
    sql: str,
    target: Path,
    seconds: float = TIMEOUT_SECONDS,
    since: float | None = None,
) -> None:
    """Write the rows of one statement to a Parquet file; arguments as for `run_query`.

    Raises:
        DataError: as for `query`, or the file exists or cannot be written.
    """
    if target.exists():
        raise DataError(f"{target}: exists already; choose a new file")
    since = time.monotonic() if since is None else since
    with copied_store(store) as copy:
        result = run_in_sandbox(copy.parent, statement(sql), "parquet", seconds, since)
        with result.open("rb") as source, new_file(target, "xb") as file:
            shutil.copyfileobj(source, file)


def statement(sql: str) -> str:
    """A statement without its semicolon; the name of a table or view becomes a select of it.

    Raises:
        DataError: a name that no table or view has.
    """
    text = sql.strip().rstrip(";").strip()
    known = [*view_comments(views_sql()), *TABLES.names]
    if text in known:
        return f"select * from {identifier(text)}"
    if text.isidentifier():
        near = " or ".join(get_close_matches(text.lower(), known))
        meant = f" (did you mean {near}?)" if near else ""
        raise DataError(
            f"query: {text}: no such table or view{meant}; `primum query --views` names the views"
        )
    return text


def render(rows: Rows, form: Literal["json", "csv"]) -> str:
    """Rows as JSON (a list of objects) or CSV; in CSV no cell can be taken for a formula."""
    return "".join(render_pieces(rows.columns, rows.rows, form))


def render_pieces(
    columns: Sequence[str], rows: Iterable[Row], form: Literal["json", "csv"]
) -> Iterator[str]:
    """The text of `render` in pieces."""
    return _json(columns, rows) if form == "json" else _csv(columns, rows)


def _json(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    if len(set(columns)) != len(columns):
        twice = next(name for name in columns if columns.count(name) > 1)
        raise DataError(f"query: two columns are named {twice}; give one another name (as ...)")
    comma = "[\n"
    for row in rows:
        record = {name: _plain(cell) for name, cell in zip(columns, row, strict=True)}
        text = json.dumps(record, default=str, ensure_ascii=False, indent=1)
        yield comma + " " + escaped(text).replace("\n", "\n ")
        comma = ",\n"
    yield "\n]\n" if comma == ",\n" else "[]\n"


def _csv(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    lines = ([_csv_cell(cell) for cell in row] for row in chain([columns], rows))
    while some := list(islice(lines, ROWS_A_PIECE)):
        writer.writerows(some)
        yield out.getvalue()
        out.seek(0)
        out.truncate()


class _Flag(int):
    """A boolean written as TRUE or FALSE, which R, pandas and spreadsheets read."""

    def __str__(self) -> str:
        return "TRUE" if self else "FALSE"


def _csv_cell(cell: object) -> object:
    return _Flag(cell) if isinstance(cell, bool) else neutralised(_plain(cell))


@contextmanager
def snapshot(store: Path, writable: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a copy of the store for internal queries, without limits.

    Args:
        store: the DuckDB file.
        writable: the only folder that the connection may write to.

    Raises:
        DataError: there is no store, or its content cannot be read.
    """
    with copied_store(store) as copy, reading(copy, store) as connection:
        if writable:
            folder = literal(str(writable.resolve()))
            connection.execute(f"set allowed_directories = [{folder}]")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield connection


@contextmanager
def copied_store(store: Path) -> Iterator[Path]:
    """A temporary copy of the store in a folder of its own, so that queries never block a run."""
    if not store.exists():
        raise DataError(f"{store}: there is no store yet; `primum run` makes one")
    beside = store.parent if os.access(store.parent, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=beside, prefix=".query-") as folder:
        copy = Path(folder) / STORE
        # Readers share the file and keep writers out for as long as the copy takes.
        with reading(store):
            try:
                for suffix in ("", ".wal"):  # the log of a writer that was killed
                    if Path(f"{store}{suffix}").exists():
                        shutil.copyfile(f"{store}{suffix}", f"{copy}{suffix}")
            except OSError as error:
                raise DataError(f"{copy}: no snapshot of the store: {error.strerror}") from error
        yield copy


def _plain(cell: object) -> object:
    """A cell of a JSON type; numbers that are not finite become None."""
    if isinstance(cell, float):
        return cell if isfinite(cell) else None
    if isinstance(cell, list):
        return [_plain(item) for item in cell]
    if isinstance(cell, dict):
        return {name: _plain(item) for name, item in cell.items()}
    return cell
