"""SQL over a snapshot of the store, read-only, with no way to other files or the network."""

import csv
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from typing import Literal, NamedTuple

import duckdb

from primum.cases.errors import DataError
from primum.evaluation.report.text import banners, defused
from primum.evaluation.schema import TABLES, view_comments
from primum.evaluation.store import patiently, views_sql

Format = Literal["table", "json", "csv", "parquet"]


class Rows(NamedTuple):
    """A result: column names and rows."""

    columns: list[str]
    rows: list[tuple[object, ...]]


def query(store: Path, sql: str) -> Rows:
    """The rows of one statement, or of a view or table named alone.

    Raises:
        DataError: there is no store, or the statement is not one that it answers.
    """
    with snapshot(store) as connection:
        _require_one(connection, statement(sql))
        try:
            cursor = connection.execute(statement(sql))
            return Rows([column[0] for column in cursor.description or ()], cursor.fetchall())
        except duckdb.Error as error:
            raise DataError(f"query: {_first_line(error)}") from None


def notices(store: Path) -> list[str]:
    """What must be said with any figure from a store: its studies' banners, each once."""
    connection = patiently(lambda: duckdb.connect(store, read_only=True), store)
    try:
        found = connection.execute(
            "select distinct simulated, matcher, notice from studies"
        ).fetchall()
    finally:
        connection.close()
    lines = [
        line for s, m, n in sorted(found) for line in banners(simulated=s, matcher=m, notice=n)
    ]
    return list(dict.fromkeys(lines))


def export_parquet(store: Path, sql: str, target: Path) -> None:
    """Write the rows of one statement to a Parquet file.

    Raises:
        DataError: as for `query`, or the file exists.
    """
    if target.exists():
        raise DataError(f"{target}: exists already; name a new file")
    path = str(target.resolve())
    with snapshot(store, writable=path) as connection:
        _require_one(connection, statement(sql))
        _execute(connection, f"create temp view result as\n{statement(sql)}")
        _execute(connection, f"copy (from result) to {_quoted(path)} (format parquet)")


def statement(sql: str) -> str:
    """One statement without its semicolon; a bare name becomes a select of all its rows."""
    text = sql.strip().rstrip(";").strip()
    return f"select * from {text}" if text in {*TABLES, *view_comments(views_sql())} else text


def render(rows: Rows, form: Format) -> str:
    """Rows as JSON (a list of objects) or CSV, in which no cell can be taken for a formula."""
    if form == "json":
        if len(set(rows.columns)) != len(rows.columns):
            twice = next(name for name in rows.columns if rows.columns.count(name) > 1)
            raise DataError(f"query: two columns are named {twice}; give one another name (as ...)")
        objects = [
            {name: _plain(cell) for name, cell in zip(rows.columns, row, strict=True)}
            for row in rows.rows
        ]
        return json.dumps(objects, default=str, ensure_ascii=False, indent=1) + "\n"
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(rows.columns)
    writer.writerows([[defused(cell) for cell in row] for row in rows.rows])
    return out.getvalue()


def write_new(target: Path, text: str) -> None:
    """Write a file that is not there yet.

    Raises:
        DataError: it is, or it cannot be written.
    """
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise DataError(f"{target}: exists already; name a new file") from None
    except OSError as error:
        raise DataError(f"{target}: cannot be written: {error.strerror}") from error


def make_folder(folder: Path) -> None:
    """Make a folder that is not there yet.

    Raises:
        DataError: it is, or it cannot be made.
    """
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise DataError(f"{folder}: exists already; name a new folder") from None
    except OSError as error:
        raise DataError(f"{folder}: cannot be made: {error.strerror}") from error


@contextmanager
def snapshot(store: Path, writable: str | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a copy of the store, so that no query ever holds up a run.

    Args:
        store: the DuckDB file.
        writable: the one file that the connection may write.
    """
    if not store.exists():
        raise DataError(f"{store}: no store there yet; `primum run` makes one")
    beside = store.parent if os.access(store.parent, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=beside, prefix=".query-") as folder:
        copy = Path(folder) / "store.duckdb"
        # Readers share the file and keep writers out for as long as the copy takes.
        held = patiently(lambda: duckdb.connect(store, read_only=True), store)
        try:
            for suffix in ("", ".wal"):  # the log of a writer that was killed
                if Path(f"{store}{suffix}").exists():
                    shutil.copyfile(f"{store}{suffix}", f"{copy}{suffix}")
        except OSError as error:
            raise DataError(f"{copy}: no snapshot of the store: {error.strerror}") from error
        finally:
            held.close()
        connection = duckdb.connect(copy, read_only=True)
        try:
            if writable:
                connection.execute(f"set allowed_paths = [{_quoted(writable)}]")
            connection.execute("set enable_external_access = false")
            connection.execute("set lock_configuration = true")
            yield connection
        finally:
            connection.close()


def _first_line(error: duckdb.Error) -> str:
    return " ".join(str(error).split("\n\n")[0].split())


def _plain(cell: object) -> object:
    """A cell that JSON has a word for: what is not finite becomes None."""
    if isinstance(cell, float):
        return cell if isfinite(cell) else None
    if isinstance(cell, list):
        return [_plain(item) for item in cell]
    if isinstance(cell, dict):
        return {str(name): _plain(item) for name, item in cell.items()}
    return cell


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _require_one(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as error:
        raise DataError(f"query: {_first_line(error)}") from None
    if len(statements) != 1:
        raise DataError("query: give one statement at a time")


def _execute(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyConnection:
    try:
        return connection.execute(sql)
    except duckdb.Error as error:
        raise DataError(f"query: {_first_line(error)}") from None
