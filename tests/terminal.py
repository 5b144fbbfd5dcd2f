"""What a pseudo-terminal shows."""

import os
from contextlib import suppress


def read_terminal(ours: int) -> bytes:
    """All that was written to a pseudo-terminal whose other end is closed; closes this end too.

    A single read may give any part of it, so one is no sign of the end.
    """
    shown = b""
    with suppress(OSError):  # the end, on Linux
        while more := os.read(ours, 65_536):
            shown += more
    os.close(ours)
    return shown
