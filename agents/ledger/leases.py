"""Who is making which call: so that processes which share a ledger make none twice."""

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
    """Calls under way by key, in a SQLite file of their own beside the ledger's.

    They need not outlive a power failure, so no lease waits for the disk, nor for a reply that is
    being written. A thread holds them for longer, however busy the event loop is. Without a path
    there is nobody to share with, and every lease is given.
    """

    def __init__(self, path: Path | None) -> None:
        """Open the file.

        Raises:
            DataError: it cannot be opened.
        """
        self.owner = f"{_here()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._closed = threading.Event()
        if path:
            with self._used():
                path.touch(mode=0o600)
                self._db = _opened(path)
                self._db.execute(TABLE)
            threading.Thread(target=self._renew, args=(path,), daemon=True).start()

    def close(self) -> None:
        """Give back every lease."""
        self._closed.set()
        if self._db:
            with suppress(sqlite3.Error):  # they are void in half a minute
                self._db.execute("delete from leases where owner = ?", (self.owner,))
            self._db.close()

    def take(self, key: str) -> bool:
        """Take it on oneself to make a call; False while another process has done so.

        A lease is void once its time is up, or its process, if one of this machine's, is gone.

        Raises:
            DataError: the file cannot be written.
        """
        if self._db is None:
            return True
        now = time.time()
        given = (key, self.owner, now + LEASE_SECONDS, now)
        with self._used():
            if self._db.execute(TAKE, (*given, "")).fetchall():
                return True
            rows = self._db.execute("select owner from leases where key = ?", (key,)).fetchall()
            gone = rows[0][0] if rows and not _alive(rows[0][0]) else ""
            return bool(gone and self._db.execute(TAKE, (*given, gone)).fetchall())

    def release(self, key: str) -> None:
        """Give a lease back.

        Raises:
            DataError: the file cannot be written.
        """
        if self._db:
            mine = (key, self.owner)
            with self._used():
                self._db.execute("delete from leases where key = ? and owner = ?", mine)

    def _renew(self, path: Path) -> None:
        """Hold one's leases for longer, until they are given back; by a connection of its own."""
        while not self._closed.wait(LEASE_SECONDS / 3):
            with suppress(sqlite3.Error), closing(_opened(path)) as db:  # the next time, then
                until = time.time() + LEASE_SECONDS
                db.execute("update leases set until = ? where owner = ?", (until, self.owner))

    @contextmanager
    def _used(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise DataError(f"{self._path}: no calls can be leased: {error}") from error


def _opened(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=30)
    db.execute("pragma synchronous = off")
    db.execute("pragma journal_mode = memory")
    return db


def _here() -> str:
    """This machine, and whose process numbers are this one's: a container has its own."""
    try:
        return f"{socket.gethostname()}/{Path('/proc/self/ns/pid').readlink()}".replace(":", "")
    except OSError:
        return socket.gethostname()


def _alive(owner: str) -> bool:
    """Whether a lease's process may still be there; one of another machine always may."""
    host, pid, _ = owner.rsplit(":", 2)
    if host != _here():
        return True
    try:
        os.kill(int(pid), 0)
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except (OSError, IndexError):  # another user's, or a system without /proc
        return True
    return state != "Z"  # killed, and its parent has not looked yet
