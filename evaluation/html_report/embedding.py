"""Data inside an HTML file: JSON that cannot end a script element, and compressed parts."""

import base64
import gzip
import hashlib
import json
import zlib
from typing import Any

from primum.core.terminal import clean

GZIP = 31  # zlib's value for a gzip header and a window of 32 kB
BASE64 = 4 / 3


def compact(value: Any) -> str:
    """A value's JSON on one line. Control characters of its texts are replaced.

    Raises:
        ValueError: a number in it is not finite.
    """
    return clean(json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False))


def packed(text: str) -> str:
    """A text compressed and written in base64, as the page's `inflate` reads it."""
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()


def source_hash(script: str) -> str:
    """The source expression of an inline script in a Content-Security-Policy."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


class Lines:
    """JSON Lines, compressed line by line, so that their size is known at any time."""

    def __init__(self) -> None:
        """Begin an empty part."""
        self._compress = zlib.compressobj(9, zlib.DEFLATED, GZIP)
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, value: Any) -> int:
        """Add a line; the bytes by which the part grew, in base64."""
        before = self.size
        line = (compact(value) + "\n").encode()
        self._keep(self._compress.compress(line) + self._compress.flush(zlib.Z_SYNC_FLUSH))
        return self.size - before

    @property
    def size(self) -> int:
        """Bytes so far, in base64."""
        return int(self._size * BASE64)

    def close(self) -> str:
        """All lines in base64; none can be added afterwards."""
        self._keep(self._compress.flush())
        return base64.b64encode(b"".join(self._parts)).decode()

    def _keep(self, piece: bytes) -> None:
        self._parts.append(piece)
        self._size += len(piece)
