"""The ledger's file: calls on record, and how the file came to its form."""

import asyncio
import hashlib
import json
import sqlite3
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import tenacity

from primum.agents.models.client import Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.core.errors import DataError

# Step n brings a file from version n to n + 1; what stands here is never changed, only added to.
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
)

GROUP = 1_000  # rows written together at most: SQLite takes 32,766 values in a statement
ROW = "(?, ?, ?, ?, ?, ?)"
# Only a transient failure gives way to another reply.
TRANSIENT = ", ".join(f"'{outcome}'" for outcome in Outcome if outcome.is_transient)
UPSERT = f"""
insert into calls values {{rows}}
on conflict (key) do update set outcome = excluded.outcome, request = excluded.request,
    reply = excluded.reply, sha256 = excluded.sha256, asked_at = excluded.asked_at
where calls.outcome in ({TRANSIENT})
"""


class Entry(NamedTuple):
    """A call on record, as it stands there; whole, if its checksum is right."""

    key: str
    outcome: str
    request: str
    reply: str
    asked_at: str
    whole: bool


Row = tuple[str, str, str, str, str, str]
Unwritten = tuple[Row, asyncio.Future[bool]]
"""A row, and who waits until it is written: False where another process may have been first."""


class Record:
    """Calls by key in one SQLite file (WAL, owner-only), which several processes may share.

    Without a path nothing is kept.
    """

    def __init__(self, path: Path | None, *, kept_as_it_is: bool = False) -> None:
        """Open the file, and bring it to today's form; or only read it, as it is.

        Raises:
            DataError: it cannot be opened, written or understood.
        """
        self.path = path
        self._writer = ThreadPoolExecutor(1, "ledger")
        self._unwritten: deque[Unwritten] = deque()
        try:
            if path and kept_as_it_is:
                self._db = self._reader = _reading(path)
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
        """The reply on record for a key.

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

    async def put(self, key: str, request: Request, reply: Reply) -> Reply:
        """Put a reply on record, unless another process was first; returns what stands there.

        It is on disk when this returns. One thread writes, so that nobody else waits for the disk;
        what comes while it does is written together.
        """
        asked = json.dumps(request.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        replied = reply.model_dump_json()
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        row = (key, reply.outcome, asked, replied, _checksum(key, asked, replied), at)
        loop = asyncio.get_running_loop()
        first: asyncio.Future[bool] = loop.create_future()
        self._unwritten.append((row, first))
        self._writer.submit(self._write, loop)
        return reply if await first else self.get(key) or reply

    def _write(self, loop: asyncio.AbstractEventLoop) -> None:
        """Write what waits, all of it or nothing, and say so in the loop where it is waited for.

        In one statement: a thread that busy ones keep waiting for its turn then waits once.
        """
        group = [self._unwritten.popleft() for _ in range(min(GROUP, len(self._unwritten)))]
        if not group:
            return  # it went with another's
        sql = UPSERT.format(rows=", ".join([ROW] * len(group)))
        values = [value for row, _ in group for value in row]
        said: bool | DataError
        try:
            said = self._db.execute(sql, values).rowcount == len(group)
        except sqlite3.Error as error:
            said = self._unusable(error)
        loop.call_soon_threadsafe(_tell, [first for _, first in group], said)

    def entries(self, before: str = "9") -> Iterator[Entry]:
        """What is on record, damaged or not, in the order of keys.

        Args:
            before: only what was asked before this time (ISO 8601, UTC).

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
        """Take calls off the record, all or none, and give their space back."""
        sql = "delete from calls where key in (select value from json_each(?))"
        self._execute(self._db, sql, (json.dumps(list(keys)),))
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


@tenacity.retry(
    retry=tenacity.retry_if_exception_message(match=".*locked"),
    wait=tenacity.wait_random(0.01, 0.1),
    stop=tenacity.stop_after_delay(30),
    reraise=True,
)
def _connect(path: Path | None) -> sqlite3.Connection:
    """Open the file and migrate it, also while another process does the same.

    Turning to WAL does not wait for a lock as other statements do: it is tried again.
    """
    db = sqlite3.connect(
        path or ":memory:", isolation_level=None, timeout=30, check_same_thread=False
    )
    try:
        _migrate(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _reading(path: Path) -> sqlite3.Connection:
    """Open a file where nothing can be written, beside it neither."""
    # What another has not yet brought into the file stands in its log.
    log = path.with_name(f"{path.name}-wal")
    way = "mode=ro" if log.exists() and log.stat().st_size else "immutable=1"
    db = sqlite3.connect(f"{path.absolute().as_uri()}?{way}", uri=True, isolation_level=None)
    if db.execute("pragma user_version").fetchone() != (len(MIGRATIONS),):
        db.close()
        raise _of_another_version(path)
    return db


def _migrate(db: sqlite3.Connection, path: Path | None) -> None:
    """Bring a file to today's form, in one transaction."""
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    db.execute("begin immediate")
    (version,) = db.execute("pragma user_version").fetchone()
    empty = not db.execute("select 1 from sqlite_schema").fetchone()
    if version > len(MIGRATIONS) or (version == 0 and not empty):
        raise _of_another_version(path)
    for step in MIGRATIONS[version:]:
        db.execute(step)
    if version < len(MIGRATIONS):
        db.execute(f"pragma user_version = {len(MIGRATIONS)}")
    db.execute("commit")


def _of_another_version(path: Path | None) -> DataError:
    return DataError(f"{path}: not a ledger of this version of Primum; move it away")


def _checksum(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _tell(waiting: list[asyncio.Future[bool]], said: bool | DataError) -> None:  # noqa: FBT001
    for one in waiting:
        if one.done():  # given up
            continue
        if isinstance(said, DataError):
            one.set_exception(said)
        else:
            one.set_result(said)
