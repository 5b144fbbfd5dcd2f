"""The store: one DuckDB file, opened for writing only for the moment of each batch."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any, TypeVar

import duckdb
import numpy as np
from numpy.typing import NDArray

from primum.agents.protocols.registry import PROTOCOLS
from primum.core.errors import DataError
from primum.evaluation.scoring.policies import DEFAULT_POLICY
from primum.evaluation.store.outcome_counts import ANSWERED, JUDGED
from primum.evaluation.store.schema import SCHEMA_VERSION, TABLES, ddl

BUSY_TIMEOUT_SECONDS = 30.0
STORAGE = "v1.5.0"
ANSWER = ("ensemble", "item", "trial")
# (table, key, tables): what a batch brings again replaces what stands under the same key.
RENEWED = (
    (
        "answers",
        ANSWER,
        (
            *("turns", "verdicts", "actions", "harms", "scores", "judge_scores"),
            *("attributions", "answers"),
        ),
    ),
    ("calls", ("call",), ("calls",)),
)
T = TypeVar("T")
Columns = Mapping[str, Sequence[Any] | NDArray[Any]]
Batch = Mapping[str, Columns]


class StoreBusyError(DataError):
    """Another process holds the store."""


def views_sql() -> str:
    """The text of views.sql; what it says of outcomes, policies and protocols is filled in."""
    text = (files("primum.evaluation.store") / "views.sql").read_text(encoding="utf-8")
    arms = [f"when '{one.name}' then '{one.read_by}'" for one in PROTOCOLS]
    return Template(text).substitute(
        answered=ANSWERED,
        judged=JUDGED,
        default_policy=DEFAULT_POLICY,
        read_by=" ".join(("case s.protocol", *arms, "end")),  # null for unknown protocols
    )


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
        with self._writing(BUSY_TIMEOUT_SECONDS) as connection:
            self._require_version(connection)
            connection.execute(ddl())
            connection.execute(views_sql())
        with suppress(OSError):  # not ours to close to others
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

    def write(
        self,
        study: str,
        batch: Batch,
        *,
        replace: Sequence[str] = (),
        patience: float = BUSY_TIMEOUT_SECONDS,
    ) -> None:
        """Add rows in one transaction. What they renew goes with it, and nothing before it.

        Args:
            study: whose rows.
            batch: tables with whole columns.
            replace: tables whose rows of the study all go.
            patience: seconds to wait while another process holds the file.

        Raises:
            StoreBusyError: the file is held for longer.
            DataError: it cannot be written; nothing of the batch then is.
        """
        with self._writing(patience) as connection:
            connection.begin()
            for table in replace:
                connection.execute(f'delete from "{table}" where study = ?', [study])
            _drop_renewed(connection, study, batch)
            for table, columns in batch.items():
                insert(connection, table, study, columns)
            connection.commit()

    def is_complete(self, study: str) -> bool | None:
        """Whether a study is there whole; None where it is not there at all."""
        found = self.fetch("select complete from studies where study = ?", [study])
        return bool(found[0][0]) if found else None

    def fetch(self, sql: str, values: Sequence[Any] | dict[str, Any]) -> list[tuple[Any, ...]]:
        """The rows of a question to the store.

        Raises:
            StoreBusyError: another process holds the file for longer than 30 seconds.
            DataError: it cannot be read.
        """
        with self._writing(BUSY_TIMEOUT_SECONDS) as connection:
            return connection.execute(sql, values).fetchall()

    @contextmanager
    def _writing(self, patience: float) -> Iterator[duckdb.DuckDBPyConnection]:
        def connect() -> duckdb.DuckDBPyConnection:
            connection = duckdb.connect(config={"threads": 1})  # a batch is one scan
            location = str(self.path).replace("'", "''")
            connection.execute(f"attach '{location}' as store (storage_version '{STORAGE}')")
            connection.execute("use store")
            return connection

        connection = retry_while_busy(connect, self.path, patience)
        try:
            yield connection
            connection.close()
        except (duckdb.Error, OSError) as error:
            first = str(error).splitlines()[0]
            raise DataError(f"{self.path}: the store cannot be written: {first}") from error
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
        f'if(isfinite("{c.name}"), "{c.name}", null)'
        if given[c.name].dtype.kind == "f"
        else f'"{c.name}"::{c.type}'
        for c in wanted
    )
    connection.execute(f"insert into {table} select ?, {picked} from given", [study])
    connection.unregister("given")


def _array(values: Sequence[Any] | NDArray[Any], kind: str) -> np.ndarray[Any, Any]:
    if kind == "DOUBLE":
        return np.array([np.nan if value is None else value for value in values], dtype=float)
    array = np.empty(len(values), dtype=object)
    array[:] = list(values)
    return array


def _drop_renewed(connection: duckdb.DuckDBPyConnection, study: str, batch: Batch) -> None:
    """Drop the rows of answers and calls that the batch brings again."""
    for table, key, tables in RENEWED:
        columns = batch.get(table)
        if not columns:
            continue
        connection.register("renewed", {name: _array(columns[name], "") for name in key})
        names = ", ".join(key)
        there = f"select 1 from {table} where study = ? and ({names}) in (from renewed) limit 1"
        if connection.execute(there, [study]).fetchall():
            for other in tables:
                drop = f"delete from {other} where study = ? and ({names}) in (from renewed)"
                connection.execute(drop, [study])
        connection.unregister("renewed")


@contextmanager
def reading(path: Path, named: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that only reads; `named` is the store whose copy the file is.

    Raises:
        DataError: it cannot be opened, or what stands in it cannot be read.
    """
    named = named or path
    connection = retry_while_busy(lambda: duckdb.connect(path, read_only=True), named)
    try:
        yield connection
    except (duckdb.Error, UnicodeDecodeError) as error:
        first = str(error).splitlines()[0]
        raise DataError(
            f"{named}: the store cannot be read: {first}; if it is damaged, move it away and run "
            "the study again: the ledger answers"
        ) from error
    finally:
        connection.close()


def retry_while_busy(
    connect: Callable[[], T], path: Path, patience: float = BUSY_TIMEOUT_SECONDS
) -> T:
    """Open a file that another process may hold for a moment.

    Raises:
        StoreBusyError: it is held for longer.
        DataError: it cannot be opened, or is no store.
    """
    deadline = time.monotonic() + patience
    pause = 0.005
    while True:
        try:
            return connect()
        except duckdb.IOException as error:
            first = str(error).splitlines()[0]
            if "Could not set lock" not in str(error):
                raise DataError(f"{path}: the store cannot be opened: {first}") from error
            if time.monotonic() > deadline:
                raise StoreBusyError(f"{path}: another process holds the store: {first}") from error
            time.sleep(pause)
            pause = min(pause * 2, 0.2)
        except duckdb.Error as error:
            first = str(error).splitlines()[0]
            raise DataError(f"{path}: the store cannot be opened: {first}") from error
