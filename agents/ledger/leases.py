"""Leases on calls, so that processes that share a ledger make no call twice."""

import os
import socket
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from primum.core.errors import DataError

LEASE_SECONDS = 30.0
TABLE = """
create table if not exists leases (
    key text primary key,      -- a call that is being made
    owner text not null,       -- machine:pid:random, of the process that makes it
    until real not null        -- seconds since 1970; void after that
) strict, without rowid
"""
TAKE = """
insert into leases values (?1, ?2, ?3)
on conflict (key) do update set owner = ?2, until = ?3 where owner = ?2 or until < ?4 or owner = ?5
returning key
"""


class Leases:
    """Leases on calls by key, in a SQLite file of their own beside the ledger's.

    They need not survive a power failure, so taking one waits neither for the disk nor for a reply
    that is being written. A thread renews them, however busy the event loop is. Without a path
    nothing is shared, and every lease is granted.
    """

    def __init__(self, path: Path | None) -> None:
        """Open the file.

        Raises:
            DataError: it cannot be opened.
        """
        self.owner = f"{_this_host()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._closed = threading.Event()
        if path:
            with self._errors():
                path.touch(mode=0o600)
                self._db = _open(path)
                self._db.execute(TABLE)
            threading.Thread(target=self._renew, args=(path,), daemon=True).start()

    def close(self) -> None:
        """Release every lease of this process."""
        self._closed.set()
        if self._db:
            with suppress(sqlite3.Error):  # they expire in half a minute
                self._db.execute("delete from leases where owner = ?", (self.owner,))
            self._db.close()

    def take(self, key: str) -> bool:
        """Lease a call; False while another process has a lease on it.

        A lease ends when it expires, or when its process, if one of this machine's, has ended.

        Raises:
            DataError: the file cannot be written.
        """
        if self._db is None:
            return True
        now = time.time()
        lease = (key, self.owner, now + LEASE_SECONDS, now)
        with self._errors():
            if self._db.execute(TAKE, (*lease, "")).fetchall():
                return True
            rows = self._db.execute("select owner from leases where key = ?", (key,)).fetchall()
            ended = rows[0][0] if rows and not _alive(rows[0][0]) else ""
            return bool(ended and self._db.execute(TAKE, (*lease, ended)).fetchall())

    def release(self, key: str) -> None:
        """Release a lease.

        Raises:
            DataError: the file cannot be written.
        """
        if self._db:
            mine = (key, self.owner)
            with self._errors():
                self._db.execute("delete from leases where key = ? and owner = ?", mine)

    def _renew(self, path: Path) -> None:
        """Renew this process's leases until they are released, on a connection of its own."""
        while not self._closed.wait(LEASE_SECONDS / 3):
            with suppress(sqlite3.Error), closing(_open(path)) as db:  # or the next time
                until = time.time() + LEASE_SECONDS
                db.execute("update leases set until = ? where owner = ?", (until, self.owner))

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise DataError(f"{self._path}: the leases cannot be used: {error}") from error


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=30)
    db.execute("pragma synchronous = off")
    db.execute("pragma journal_mode = memory")
    return db


def _this_host() -> str:
    """This machine and its namespace of process ids, of which each container has its own."""
    try:
        return f"{socket.gethostname()}/{Path('/proc/self/ns/pid').readlink()}".replace(":", "")
    except OSError:
        return socket.gethostname()


def _alive(owner: str) -> bool:
    """Whether a lease's process may still run; one of another machine is taken to."""
    host, pid, _ = owner.rsplit(":", 2)
    if host != _this_host():
        return True
    try:
        os.kill(int(pid), 0)
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except (OSError, IndexError):  # another user's process, or a system without /proc
        return True
    return state != "Z"  # a zombie: it ended, and its parent has not waited for it yet
