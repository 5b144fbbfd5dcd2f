"""The ledger's file: calls by key in SQLite, and the migrations of its schema."""

import asyncio
import hashlib
import json
import sqlite3
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from primum.agents.models.client import Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.core.errors import DataError
from primum.core.sql import literals

# Step n migrates a file from version n to n + 1. Steps are added, never changed.
MIGRATIONS = (
    """
    create table calls (
        key text primary key,      -- SHA-256 over everything that can change the answer
        outcome text not null,
        request text not null,     -- canonical JSON
        reply text not null,       -- JSON: raw text, outcome, tokens, cost, seconds, attempts
        sha256 text not null,      -- of key, request and reply, checked on reading
        asked_at text not null     -- UTC, ISO 8601
    ) strict, without rowid;
    """,
    """
    create table without_schema (
        key text primary key,      -- of a call with a schema, made without it
        text_key text not null     -- of the call without the schema
    ) strict, without rowid;
    """,
)

GROUP = 1_000  # most rows in one statement: SQLite takes 32,766 values
BUSY_TIMEOUT_SECONDS, BUSY_PAUSE_SECONDS = 30.0, 0.05
ROW = "(?, ?, ?, ?, ?, ?)"
# Only a transient failure gives way to another reply.
TRANSIENT = literals(outcome for outcome in Outcome if outcome.is_transient)
UPSERT = f"""
insert into calls values {{rows}}
on conflict (key) do update set outcome = excluded.outcome, request = excluded.request,
    reply = excluded.reply, sha256 = excluded.sha256, asked_at = excluded.asked_at
where calls.outcome in ({TRANSIENT})
"""


class Entry(NamedTuple):
    """A recorded call; `whole` says whether its checksum is right."""

    key: str
    outcome: str
    request: str
    reply: str
    asked_at: str
    whole: bool


Row = tuple[str, str, str, str, str, str]
Unwritten = tuple[Row, asyncio.Future[bool]]
"""A row, and a future set once it is written; False where another process may have been first."""


class Record:
    """Calls by key in one SQLite file (WAL, owner-only), which several processes may share.

    Without a path it is in memory.
    """

    def __init__(self, path: Path | None, *, read_only: bool = False) -> None:
        """Open the file and migrate it to the current version; `read_only` changes nothing.

        Raises:
            DataError: it cannot be opened, written or understood.
        """
        self.path = path
        self._writer = ThreadPoolExecutor(1, "ledger")
        self._unwritten: deque[Unwritten] = deque()
        try:
            if path and read_only:
                self._db = self._reader = _open_read_only(path)
                return
            if path:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                path.touch(mode=0o600)
            self._db = _connect(path)
            self._reader = _connect(path) if path else self._db
        except (OSError, sqlite3.Error) as error:
            raise DataError(f"{path}: the ledger cannot be opened: {error}") from error

    def close(self) -> None:
        """Write what is not yet written, and close the file."""
        self._writer.shutdown()
        self._reader.close()
        self._db.close()

    def get(self, key: str) -> Reply | None:
        """The recorded reply for a key.

        Raises:
            DataError: the record is damaged.
        """
        sql = "select request, reply, sha256 from calls where key = ?"
        rows = self._execute(self._reader, sql, (key,))
        if not rows:
            return None
        request, reply, sha256 = rows[0]
        if _checksum(key, request, reply) != sha256:
            raise DataError(f"{self.path}: call {key[:12]}: the record is damaged (checksum)")
        return Reply.model_validate_json(reply)

    async def put(self, request: Request, reply: Reply) -> Reply:
        """Record a reply, unless another process was first; returns the recorded one.

        It is on disk when this returns. One thread writes, so that the event loop never waits for
        the disk; rows that arrive meanwhile are written together.
        """
        key = request.key
        asked = request.canonical
        replied = reply.model_dump_json()
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        row = (key, reply.outcome, asked, replied, _checksum(key, asked, replied), at)
        loop = asyncio.get_running_loop()
        written: asyncio.Future[bool] = loop.create_future()
        self._unwritten.append((row, written))
        self._writer.submit(self._write, loop)
        return reply if await written else self.get(key) or reply

    def is_without_schema(self, key: str) -> bool:
        """Whether a call with a schema is marked as made without it."""
        sql = "select 1 from without_schema where key = ?"
        return bool(self._execute(self._reader, sql, (key,)))

    async def put_without_schema(self, key: str, text_key: str) -> None:
        """Mark a call with a schema as made without it; the mark is on disk when this returns."""
        sql = "insert or ignore into without_schema values (?, ?)"
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writer, self._execute, self._db, sql, (key, text_key))

    def _write(self, loop: asyncio.AbstractEventLoop) -> None:
        """Write the rows that wait, all or none, and set their futures.

        One statement takes the interpreter lock once, which matters beside busy threads.
        """
        group = [self._unwritten.popleft() for _ in range(min(GROUP, len(self._unwritten)))]
        if not group:
            return  # written with an earlier group
        sql = UPSERT.format(rows=", ".join([ROW] * len(group)))
        values = [value for row, _ in group for value in row]
        result: bool | DataError
        try:
            result = self._db.execute(sql, values).rowcount == len(group)
        except sqlite3.Error as error:
            result = self._unusable(error)
        loop.call_soon_threadsafe(_settle, [written for _, written in group], result)

    def entries(self, before: str = "9") -> Iterator[Entry]:
        """Every recorded call, damaged or not, in the order of keys.

        Args:
            before: only calls asked before this time (ISO 8601, UTC).

        Raises:
            DataError: the file is damaged.
        """
        sql = """select key, outcome, request, reply, asked_at, sha256 from calls
                 where asked_at < ? order by key"""
        try:
            for key, outcome, request, reply, asked_at, sha256 in self._reader.execute(
                sql, (before,)
            ):
                whole = _checksum(key, request, reply) == sha256
                # The outcome stands in a column too, which the checksum does not cover.
                whole = whole and json.loads(reply)["outcome"] == outcome
                yield Entry(key, outcome, request, reply, asked_at, whole)
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def forget(self, keys: Iterable[str]) -> None:
        """Delete calls, all or none, and give their space back to the disk."""
        given = (json.dumps(list(keys)),)
        for table, column in (("calls", "key"), ("without_schema", "text_key")):
            sql = f"delete from {table} where {column} in (select value from json_each(?))"
            self._execute(self._db, sql, given)
        self._execute(self._db, "vacuum", ())

    def _execute(
        self, db: sqlite3.Connection, sql: str, values: tuple[Any, ...]
    ) -> list[tuple[Any, ...]]:
        try:
            return db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _unusable(self, error: sqlite3.Error) -> DataError:
        return DataError(f"{self.path}: the ledger cannot be used: {error}")


def _connect(path: Path | None) -> sqlite3.Connection:
    """Open the file and migrate it, also while another process does the same.

    The switch to WAL does not wait for a lock as other statements do: it is repeated.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT_SECONDS
    while True:
        try:
            return _open(path)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
        time.sleep(BUSY_PAUSE_SECONDS)


def _open(path: Path | None) -> sqlite3.Connection:
    db = sqlite3.connect(
        path or ":memory:",
        isolation_level=None,
        timeout=BUSY_TIMEOUT_SECONDS,
        check_same_thread=False,
    )
    try:
        _migrate(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _open_read_only(path: Path) -> sqlite3.Connection:
    """Open a file for reading in a folder that cannot be written."""
    # Without writes to come and with nothing in the log, SQLite needs no files beside it.
    log = path.with_name(f"{path.name}-wal")
    mode = "mode=ro" if log.exists() and log.stat().st_size else "immutable=1"
    db = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None)
    if db.execute("pragma user_version").fetchone() != (len(MIGRATIONS),):
        db.close()
        raise _unknown_version(path)
    return db


def _migrate(db: sqlite3.Connection, path: Path | None) -> None:
    """Bring a file to the current version, in one transaction."""
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    db.execute("begin immediate")
    (version,) = db.execute("pragma user_version").fetchone()
    empty = not db.execute("select 1 from sqlite_schema").fetchone()
    if version > len(MIGRATIONS) or (version == 0 and not empty):
        raise _unknown_version(path)
    for step in MIGRATIONS[version:]:
        db.execute(step)
    if version < len(MIGRATIONS):
        db.execute(f"pragma user_version = {len(MIGRATIONS)}")
    db.execute("commit")


def _unknown_version(path: Path | None) -> DataError:
    return DataError(f"{path}: not a ledger of this version of Primum; move it away")


def _checksum(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _settle(futures: list[asyncio.Future[bool]], result: bool | DataError) -> None:  # noqa: FBT001
    for future in futures:
        if future.done():  # cancelled
            continue
        if isinstance(result, DataError):
            future.set_exception(result)
        else:
            future.set_result(result)
