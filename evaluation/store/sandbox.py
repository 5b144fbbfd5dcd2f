"""Runs SQL in a process of its own, which sees a copy of the store and is stopped in time."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Literal

from primum.core.errors import DataError
from primum.evaluation.store.sandbox_worker import REFUSED, RESULT

TIMEOUT_SECONDS = 5.0
LONGEST_LINE = 1_000  # bytes of a refusal that are shown
# What Python may need to start; of all else (keys above all) the process knows nothing.
NEEDED = ("DYLD_LIBRARY_PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "SYSTEMROOT")


def run_in_sandbox(
    folder: Path, sql: str, form: Literal["rows", "parquet"], seconds: float, since: float
) -> Path:
    """The file with the result of one statement on the copy of a store.

    Args:
        folder: holds the copy, under the name that sandbox_worker.py has for it.
        sql: one statement.
        form: of the file, as sandbox_worker.py says.
        seconds: after which it is stopped.
        since: when they began to count, by `time.monotonic`.

    Raises:
        DataError: it was refused or stopped.
    """
    said = folder / "said"
    with said.open("wb") as stderr:
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "primum.evaluation.store.sandbox_worker"],
                input=json.dumps({"sql": sql, "form": form, "seconds": seconds}).encode() + b"\n",
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                timeout=max(0.0, since + seconds - time.monotonic()),
                cwd=folder,
                env={name: os.environ[name] for name in NEEDED if name in os.environ},
                start_new_session=True,  # Ctrl-C is for this process, which then kills that one
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise DataError(f"query: stopped after {seconds:g} s (--timeout)") from None
    line = _last_line(said)
    if done.returncode == REFUSED:
        raise DataError(f"query: {line}")
    if done.returncode:
        raise DataError(f"query: stopped: its process broke off ({done.returncode}) {line}")
    return folder / RESULT


def _last_line(file: Path) -> str:
    with file.open("rb") as said:
        said.seek(max(0, file.stat().st_size - LONGEST_LINE))
        lines = said.read().decode(errors="replace").splitlines()
    return lines[-1] if lines else ""
