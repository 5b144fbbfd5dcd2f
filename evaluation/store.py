"""The store: one DuckDB file, opened for writing only for the moment of each batch."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import numpy as np
from numpy.typing import NDArray

from primum.cases.errors import DataError
from primum.evaluation.schema import SCHEMA_VERSION, TABLES, ddl

PATIENCE_SECONDS = 30.0
STORAGE = "v1.5.0"
T = TypeVar("T")
Columns = Mapping[str, Sequence[Any] | NDArray[Any]]
Batch = Mapping[str, Columns]


def views_sql() -> str:
    """The text of views.sql."""
    return (files("primum.evaluation") / "views.sql").read_text(encoding="utf-8")


class Store:
    """Tables of studies. Another process can read whenever no batch is being written."""

    def __init__(self, path: Path) -> None:
        """Make the file if it is not there.

        Raises:
            DataError: it cannot be written, or is not a store.
        """
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise DataError(
                f"{path.parent}: the workspace cannot be written: {error.strerror}"
            ) from error
        with self._writing() as connection:
            self._require_version(connection)
            connection.execute(ddl())
            connection.execute(views_sql())
        path.chmod(0o600)

    def _require_version(self, connection: duckdb.DuckDBPyConnection) -> None:
        made = f"create table if not exists store as select {SCHEMA_VERSION} as schema_version"
        connection.execute(made)
        found = connection.execute("select schema_version from store").fetchall()
        if found != [(SCHEMA_VERSION,)]:
            raise DataError(
                f"{self.path}: a store of another version of Primum; move it away, and run the "
                "study again: the ledger answers, and the store is filled anew"
            )

    def write(self, study: str, batch: Batch, *, replace: Sequence[str] = ()) -> None:
        """Add rows in one transaction, after dropping the study's rows of the tables to replace."""
        with self._writing() as connection:
            connection.begin()
            for table in replace:
                connection.execute(f'delete from "{table}" where study = ?', [study])
            for table, columns in batch.items():
                insert(connection, table, study, columns)
            connection.commit()

    @contextmanager
    def _writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        def connect() -> duckdb.DuckDBPyConnection:
            connection = duckdb.connect()
            location = str(self.path).replace("'", "''")
            connection.execute(f"attach '{location}' as store (storage_version '{STORAGE}')")
            connection.execute("use store")
            return connection

        connection = patiently(connect, self.path)
        try:
            yield connection
        finally:
            connection.close()


def insert(connection: duckdb.DuckDBPyConnection, table: str, study: str, columns: Columns) -> None:
    """Bulk insert of whole columns; arrays go over as they are, NaN becomes null."""
    if not columns or not len(next(iter(columns.values()))):
        return
    wanted = TABLES[table].columns[1:]
    given = {
        column.name: values
        if isinstance(values := columns[column.name], np.ndarray)
        else _array(values, column.type)
        for column in wanted
    }
    connection.register("given", given)
    picked = ", ".join(
        f'if(isnan("{c.name}"), null, "{c.name}")'
        if given[c.name].dtype.kind == "f"
        else f'"{c.name}"::{c.type}'
        for c in wanted
    )
    connection.execute(f"insert into {table} select ?, {picked} from given", [study])
    connection.unregister("given")


def _array(values: Sequence[Any], kind: str) -> np.ndarray[Any, Any]:
    if kind == "DOUBLE":
        return np.array([np.nan if value is None else value for value in values], dtype=float)
    array = np.empty(len(values), dtype=object)
    array[:] = list(values)
    return array


def patiently(connect: Callable[[], T], path: Path) -> T:
    """Open a file that another process may hold for a moment.

    Raises:
        DataError: it is held for longer, cannot be opened, or is no store.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    pause = 0.005
    while True:
        try:
            return connect()
        except duckdb.IOException as error:
            if "Could not set lock" not in str(error) or time.monotonic() > deadline:
                first = str(error).splitlines()[0]
                raise DataError(f"{path}: the store cannot be opened: {first}") from error
            time.sleep(pause)
            pause = min(pause * 2, 0.2)
        except duckdb.Error as error:
            raise DataError(f"{path}: the store cannot be opened: {error}") from error
