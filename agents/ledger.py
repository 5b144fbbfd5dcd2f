"""The call ledger: every call once, on disk before anyone uses it, one flight for one key."""

import asyncio
import hashlib
import json
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from primum.agents.client import PASSING, ChatClient, Credentials, Reply, Request
from primum.cases.errors import DataError

VERSION = 1
SCHEMA = """
create table if not exists calls (
    key text primary key,      -- SHA-256 over everything that can change the answer
    outcome text not null,
    request text not null,     -- canonical JSON
    reply text not null,       -- JSON: raw text, outcome, tokens, cost, seconds, attempts
    sha256 text not null,      -- of request and reply, checked on reading
    asked_at text not null     -- UTC, ISO 8601
) strict, without rowid;
"""


@dataclass
class Ledger:
    """Replies by the key of their request, in one SQLite file (WAL, owner-only).

    With `retry_failed`, timeouts and provider errors on record are asked again. `made` counts the
    calls made, `found` the questions that the record answered.
    """

    path: Path
    concurrency: int = 16
    retry_failed: bool = False
    made: int = 0
    found: int = 0
    _flights: dict[str, asyncio.Future[Reply]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open the file.

        Raises:
            DataError: it cannot be opened or written.
        """
        self._slots = asyncio.Semaphore(self.concurrency)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.path.touch(mode=0o600)
            self._db = _connect(self.path)
        except (OSError, sqlite3.Error) as error:
            raise DataError(f"{self.path}: the ledger cannot be opened: {error}") from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    async def ask(self, request: Request, client: ChatClient, credentials: Credentials) -> Reply:
        """The reply on record; else the reply of the one call that is made for this key."""
        flight = self._flights.get(request.key)
        if flight is None:
            known = self.get(request.key)
            if known and not (self.retry_failed and known.outcome in PASSING):
                self.found += 1
                return known
            flight = asyncio.ensure_future(self._call(request, client, credentials))
            self._flights[request.key] = flight
            flight.add_done_callback(lambda _: self._flights.pop(request.key))
        return await asyncio.shield(flight)

    def get(self, key: str) -> Reply | None:
        """The reply on record for a key.

        Raises:
            DataError: the record is damaged.
        """
        row = self._db.execute(
            "select request, reply, sha256 from calls where key = ?", (key,)
        ).fetchone()
        if row is None:
            return None
        request, reply, sha256 = row
        if _checksum(request, reply) != sha256:
            raise DataError(f"{self.path}: call {key[:12]}: the record is damaged (checksum)")
        return Reply.model_validate_json(reply)

    async def _call(self, request: Request, client: ChatClient, credentials: Credentials) -> Reply:
        async with self._slots:
            reply = await client.complete(request, credentials)
        self._put(request, reply)
        self.made += 1
        return reply

    def _put(self, request: Request, reply: Reply) -> None:
        asked = json.dumps(request.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        replied = reply.model_dump_json()
        self._db.execute(
            "insert or replace into calls values (?, ?, ?, ?, ?, ?)",
            (
                request.key,
                reply.outcome,
                asked,
                replied,
                _checksum(asked, replied),
                datetime.now(UTC).isoformat(timespec="milliseconds"),
            ),
        )


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=30)
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    (version,) = db.execute("pragma user_version").fetchone()
    if version not in {0, VERSION}:
        raise DataError(f"{path}: a ledger of another version of Primum; move it away")
    db.executescript(SCHEMA)
    db.execute(f"pragma user_version = {VERSION}")
    return db


def _checksum(request: str, reply: str) -> str:
    return hashlib.sha256(f"{request}\n{reply}".encode()).hexdigest()
