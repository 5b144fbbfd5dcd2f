"""Who is making which call: so that processes which share a ledger make none twice."""

import os
import socket
import sqlite3
import time
import uuid
from pathlib import Path

LEASE_SECONDS = 30.0
TABLE = """
create table if not exists leases (
    key text primary key,      -- a call that is being made
    owner text not null,       -- host:pid:random, of the process that makes it
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
    being written. Without a path there is nobody to share with, and every lease is given.
    """

    def __init__(self, path: Path | None) -> None:
        """Open the file.

        Raises:
            sqlite3.Error, OSError: it cannot be opened.
        """
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._db: sqlite3.Connection | None = None
        if path:
            path.touch(mode=0o600)
            self._db = sqlite3.connect(path, isolation_level=None, timeout=30)
            self._db.execute("pragma synchronous = off")
            self._db.execute("pragma journal_mode = memory")
            self._db.execute(TABLE)

    def close(self) -> None:
        """Give back every lease."""
        if self._db:
            self._db.execute("delete from leases where owner = ?", (self.owner,))
            self._db.close()

    def take(self, key: str) -> bool:
        """Take it on oneself to make a call; False while another process has done so.

        A lease is void once its time is up, or its process, if one of this machine's, is gone.
        """
        if self._db is None:
            return True
        now = time.time()
        given = (key, self.owner, now + LEASE_SECONDS, now)
        if self._db.execute(TAKE, (*given, "")).fetchall():
            return True
        rows = self._db.execute("select owner from leases where key = ?", (key,)).fetchall()
        gone = rows[0][0] if rows and not _alive(rows[0][0]) else ""
        return bool(gone and self._db.execute(TAKE, (*given, gone)).fetchall())

    def renew(self) -> None:
        """Hold one's leases for longer."""
        if self._db:
            until = time.time() + LEASE_SECONDS
            self._db.execute("update leases set until = ? where owner = ?", (until, self.owner))

    def release(self, key: str) -> None:
        """Give a lease back."""
        if self._db:
            mine = (key, self.owner)
            self._db.execute("delete from leases where key = ? and owner = ?", mine)


def _alive(owner: str) -> bool:
    """Whether a lease's process may still be there; one of another machine always may."""
    host, pid, _ = owner.rsplit(":", 2)
    if host != socket.gethostname():
        return True
    try:
        os.kill(int(pid), 0)
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except (OSError, IndexError):  # another user's, or a system without /proc
        return True
    return state != "Z"  # killed, and its parent has not looked yet
