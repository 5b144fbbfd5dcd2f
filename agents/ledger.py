"""The call ledger: every call once, on disk before anyone uses it, one flight for one key."""

import asyncio
import hashlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import tenacity

from primum.agents.client import PASSING, ChatClient, Credentials, Reply, Request
from primum.agents.records import Caller
from primum.agents.spec import ModelSpec
from primum.cases.errors import DataError

VERSION = 1
SCHEMA = """
create table if not exists calls (
    key text primary key,      -- SHA-256 over everything that can change the answer
    outcome text not null,
    request text not null,     -- canonical JSON
    reply text not null,       -- JSON: raw text, outcome, tokens, cost, seconds, attempts
    sha256 text not null,      -- of key, request and reply, checked on reading
    asked_at text not null     -- UTC, ISO 8601
) strict, without rowid
"""

# Only a failure that may pass gives way to another reply.
UPSERT = f"""
insert into calls values (?, ?, ?, ?, ?, ?)
on conflict (key) do update set outcome = excluded.outcome, request = excluded.request,
    reply = excluded.reply, sha256 = excluded.sha256, asked_at = excluded.asked_at
where calls.outcome in ({", ".join(f"'{outcome}'" for outcome in sorted(PASSING))})
"""


@dataclass
class Ledger:
    """Replies by the key of their request, in one SQLite file (WAL, owner-only).

    With `retry_failed`, timeouts and provider errors on record are asked again. `made` counts the
    calls made, `found` the questions that the record answered. Without a path nothing is kept.
    """

    path: Path | None
    concurrency: int = 16
    retry_failed: bool = False
    made: int = 0
    found: int = 0
    _flights: dict[str, asyncio.Task[Reply]] = field(default_factory=dict)
    _waiting: set[asyncio.Task[Reply]] = field(default_factory=set)
    _answered: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Open the file.

        Raises:
            DataError: it cannot be opened or written.
        """
        self._slots = asyncio.Semaphore(self.concurrency)
        try:
            if self.path:
                self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                self.path.touch(mode=0o600)
            self._db = _connect(self.path)
        except (OSError, sqlite3.Error) as error:
            raise DataError(f"{self.path}: the ledger cannot be opened: {error}") from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    async def ask(
        self, request: Request, client: ChatClient | None, credentials: Credentials
    ) -> Reply:
        """The reply on record; else the reply of the one call that is made for this key.

        Raises:
            DataError: there is none and no client to ask, or the ledger cannot be used.
        """
        key = request.key
        flight = self._flights.get(key)
        if flight is None:
            known = self.get(key)
            if known and not self._asks_again(key, known):
                self.found += 1
                return known
            if client is None:
                raise DataError(
                    f"{self.path}: call {key[:12]} to {request.model} is not on record, "
                    "and nothing is asked here: run the study first, with this matcher"
                )
            flight = asyncio.create_task(self._call(key, request, client, credentials))
            self._flights[key] = flight
            self._waiting.add(flight)
            flight.add_done_callback(lambda _: self._flights.pop(key))
        return await asyncio.shield(flight)

    def get(self, key: str) -> Reply | None:
        """The reply on record for a key.

        Raises:
            DataError: the record is damaged.
        """
        rows = self._execute("select request, reply, sha256 from calls where key = ?", (key,))
        if not rows:
            return None
        request, reply, sha256 = rows[0]
        if _checksum(key, request, reply) != sha256:
            raise DataError(f"{self.path}: call {key[:12]}: the record is damaged (checksum)")
        return Reply.model_validate_json(reply)

    def _asks_again(self, key: str, known: Reply) -> bool:
        """Whether a failure on record is asked again: told so, and not yet in this run."""
        return self.retry_failed and known.outcome in PASSING and key not in self._answered

    async def _call(
        self, key: str, request: Request, client: ChatClient, credentials: Credentials
    ) -> Reply:
        async with self._slots:
            self._waiting.discard(self._flights[key])
            reply = await client.complete(request, credentials)
        self.made += 1
        self._answered.add(key)
        return self._put(key, request, reply)

    async def drain(self) -> None:
        """Give up the calls that have not gone out, and wait for those that have."""
        for flight in self._waiting:
            flight.cancel()
        self._waiting.clear()
        await asyncio.gather(*self._flights.values(), return_exceptions=True)

    def _put(self, key: str, request: Request, reply: Reply) -> Reply:
        """Put a reply on record, unless another process was first; returns what stands there."""
        asked = json.dumps(request.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        replied = reply.model_dump_json()
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        row = (key, reply.outcome, asked, replied, _checksum(key, asked, replied), at)
        self._execute(UPSERT, row)
        return self.get(key) or reply

    def _execute(self, sql: str, values: tuple[str, ...]) -> list[tuple[str, ...]]:
        try:
            return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise DataError(f"{self.path}: the ledger cannot be used: {error}") from error


def caller(
    ledger: Ledger,
    models: Mapping[str, ModelSpec],
    client: ChatClient | None,
    own_clients: Mapping[str, ChatClient] | None = None,
) -> Caller:
    """The way through a ledger to some models, which are named as their panel names them.

    Args:
        ledger: answers what is on record.
        models: who may be asked.
        client: asks those that have no client of their own; None asks nobody.
        own_clients: clients of single models, by name.
    """
    own = own_clients or {}

    async def call(request: Request, model: str) -> Reply:
        spec = models[model]
        credentials = Credentials(key_env=spec.key_env, price=spec.price)
        return await ledger.ask(request, own.get(model) or client, credentials)

    return call


@tenacity.retry(
    retry=tenacity.retry_if_exception_message(match=".*locked"),
    wait=tenacity.wait_random(0.01, 0.1),
    stop=tenacity.stop_after_delay(30),
    reraise=True,
)
def _connect(path: Path | None) -> sqlite3.Connection:
    """Open the file and make its table, also while another process does the same.

    Turning to WAL does not wait for a lock as other statements do: it is tried again.
    """
    db = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=30)
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    db.execute("begin immediate")
    (version,) = db.execute("pragma user_version").fetchone()
    empty = not db.execute("select 1 from sqlite_schema").fetchone()
    if version != VERSION and not (version == 0 and empty):
        raise DataError(f"{path}: not a ledger of this version of Primum; move it away")
    db.execute(SCHEMA)
    db.execute(f"pragma user_version = {VERSION}")
    db.execute("commit")
    return db


def _checksum(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
