"""The store: one DuckDB file, opened for writing only while a batch is written."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from shlex import quote
from typing import Any, TypeVar

import duckdb

from primum.core.errors import DataError
from primum.core.sql import identifier, literal
from primum.evaluation.store.insert import insert_batch
from primum.evaluation.store.schema import SCHEMA_VERSION, SCORES_OF_ANSWERS, TABLES, ddl
from primum.evaluation.store.tables.table import Batch
from primum.evaluation.store.views import views_sql

BUSY_TIMEOUT_SECONDS = 30.0
STORAGE = "v1.5.0"
T = TypeVar("T")
Fetch = Callable[[str, list[Any]], Sequence[tuple[Any, ...]]]
"""The rows of an SQL statement with values."""


class StoreBusyError(DataError):
    """Another process holds the store."""


class DamagedStoreError(DataError):
    """The file cannot be opened, or is not a store."""


class Store:
    """The tables of studies. Another process can read whenever no batch is being written."""

    def __init__(self, path: Path) -> None:
        """Open a store; the file is created if it does not exist.

        Raises:
            DataError: it cannot be written, is not a store, or has another schema version.
        """
        self.path = path
        self._kept: duckdb.DuckDBPyConnection | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise DataError(
                f"{path.parent}: the workspace cannot be written: {error.strerror}"
            ) from error
        with self._writing(BUSY_TIMEOUT_SECONDS) as connection:
            if not connection.execute("select 1 from duckdb_tables() limit 1").fetchall():
                _make(connection)
            require_version(connection, path)
            connection.execute(views_sql())
        with suppress(OSError):  # the file may belong to another user
            path.chmod(0o600)

    def write(
        self,
        study: str,
        *batches: Batch,
        replace: Sequence[str] = (),
        timeout: float = BUSY_TIMEOUT_SECONDS,
    ) -> None:
        """Add rows in one transaction, and replace rows of the same answers and calls.

        Args:
            study: the id of the study.
            batches: rows of tables, by the table's name.
            replace: tables whose rows of the study are all deleted first.
            timeout: seconds to wait while another process holds the file.

        Raises:
            StoreBusyError: another process holds the file for longer.
            DataError: the file cannot be written; nothing of the batches is stored.
            ValueError: a column of a table is missing or unknown.
        """
        with self._writing(timeout) as connection:
            connection.begin()
            for table in replace:
                connection.execute(f"delete from {identifier(table)} where study = ?", [study])
            for batch in batches:
                insert_batch(connection, study, batch)
            connection.commit()

    def delete(self, study: str) -> None:
        """Delete every row of a study; raises as `write` does."""
        self.write(study, replace=TABLES.names)

    def delete_scores(self, study: str) -> None:
        """Delete the scores of a study, and what rests on them; raises as `write` does."""
        with self._writing(BUSY_TIMEOUT_SECONDS) as connection:
            connection.begin()
            for table in SCORES_OF_ANSWERS:
                connection.execute(f"delete from {identifier(table)} where study = ?", [study])
            connection.execute("update answers set scored = false where study = ?", [study])
            connection.commit()

    def is_complete(self, study: str) -> bool | None:
        """Whether a study is complete; None if the store does not have it."""
        with self.reading() as fetch:
            found = fetch("select complete from studies where study = ?", [study])
        return bool(found[0][0]) if found else None

    @contextmanager
    def reading(self) -> Iterator[Fetch]:
        """Fetches rows over one connection: opening the file takes longer than most queries.

        Raises:
            StoreBusyError: another process holds the file for longer than 30 seconds.
            DataError: it cannot be read.
        """
        with self._writing(BUSY_TIMEOUT_SECONDS) as connection:
            yield lambda sql, values: connection.execute(sql, values).fetchall()

    @contextmanager
    def _writing(self, timeout: float) -> Iterator[duckdb.DuckDBPyConnection]:
        """The file, attached to a database in memory that is kept: one takes longer to make."""
        # A batch is one scan. After an error the connection is not used again.
        connection = self._kept or duckdb.connect(config={"threads": 1})
        self._kept = None

        def attach() -> None:
            location, storage = literal(str(self.path)), literal(STORAGE)
            connection.execute(f"attach {location} as store (storage_version {storage})")
            connection.execute("use store")

        try:
            retry_while_busy(attach, self.path, timeout)
            yield connection
            connection.execute("use memory; detach store")
            self._kept = connection
        except (duckdb.Error, OSError) as error:
            first = str(error).splitlines()[0]
            raise DataError(f"{self.path}: the store cannot be written: {first}") from error
        finally:
            if self._kept is None:
                connection.close()


def _make(connection: duckdb.DuckDBPyConnection) -> None:
    """Create all tables of a new store in one transaction."""
    connection.begin()
    connection.execute(f"create table store as select {SCHEMA_VERSION} as schema_version")
    connection.execute(ddl())
    connection.commit()


def require_version(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Check that a store has the schema version of this code.

    Raises:
        DataError: it has another; the message names the command that rebuilds it.
    """
    sql = "select 1 from duckdb_tables() where table_name = 'store'"
    found = None
    if connection.execute(sql).fetchall():
        found = connection.execute("select schema_version from store").fetchall()
    if found != [(SCHEMA_VERSION,)]:
        raise DataError(f"{path}: a store of another version of Primum; {rebuild_advice(path)}")


def rebuild_advice(path: Path) -> str:
    """The sentence that names the command to rebuild a store."""
    return (
        f"`primum rebuild --workspace {quote(str(path.parent))}` rebuilds it from the ledger, "
        "without a call"
    )


@contextmanager
def new_store(path: Path) -> Iterator[Store]:
    """An empty store beside the one at a path; deleted at the end unless it was moved."""
    beside = path.with_name(f".{path.stem}-{token_hex(4)}.duckdb")
    try:
        yield Store(beside)
    finally:
        for suffix in ("", ".wal"):
            Path(f"{beside}{suffix}").unlink(missing_ok=True)


def replace_store(store: Store, path: Path, old: Path | None = None) -> None:
    """Move a store to a path, in place of the one that is there.

    Args:
        store: made by `new_store`, and filled.
        path: the target.
        old: where the replaced file is moved; it is deleted if None.

    Raises:
        StoreBusyError: another process holds the store at the path.
        DataError: it cannot be replaced.
    """
    if path.exists():
        with suppress(DamagedStoreError):
            retry_while_busy(lambda: duckdb.connect(path, read_only=True), path).close()
    try:
        for suffix in (".wal", ""):  # the log of a killed writer belongs to its file
            if old and Path(f"{path}{suffix}").exists():
                Path(f"{path}{suffix}").replace(f"{old}{suffix}")
        Path(f"{path}.wal").unlink(missing_ok=True)
        store.path.replace(path)
    except OSError as error:
        raise DataError(f"{path}: the store cannot be replaced: {error.strerror}") from error


@contextmanager
def reading(path: Path, named: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection; `named` is the path for messages, if the file is a copy of it.

    Raises:
        DataError: the file cannot be opened, or its content cannot be read.
    """
    named = named or path
    connection = retry_while_busy(lambda: duckdb.connect(path, read_only=True), named)
    try:
        require_version(connection, named)
        yield connection
    except (duckdb.Error, UnicodeDecodeError) as error:
        first = str(error).splitlines()[0]
        raise DataError(
            f"{named}: the store cannot be read: {first}; if it is damaged, {rebuild_advice(named)}"
        ) from error
    finally:
        connection.close()


def retry_while_busy(
    connect: Callable[[], T], path: Path, timeout: float = BUSY_TIMEOUT_SECONDS
) -> T:
    """Open a file, with retries while another process holds it.

    Raises:
        StoreBusyError: it is still held after `timeout` seconds.
        DamagedStoreError: it cannot be opened, or is not a store.
    """
    deadline = time.monotonic() + timeout
    pause = 0.005
    while True:
        try:
            return connect()
        except duckdb.IOException as error:
            first = str(error).splitlines()[0]
            if "Could not set lock" not in str(error):
                raise DamagedStoreError(_unopened(path, first)) from error
            if time.monotonic() > deadline:
                raise StoreBusyError(f"{path}: another process holds the store: {first}") from error
            time.sleep(pause)
            pause = min(pause * 2, 0.2)
        except duckdb.Error as error:
            first = str(error).splitlines()[0]
            raise DamagedStoreError(_unopened(path, first)) from error


def _unopened(path: Path, why: str) -> str:
    return f"{path}: the store cannot be opened: {why}; if it is damaged, {rebuild_advice(path)}"
