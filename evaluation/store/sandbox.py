"""Runs SQL in a separate process, which has a copy of the store and a time limit."""

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
# What Python may need to start; other variables, such as API keys, are not passed on.
NEEDED = ("DYLD_LIBRARY_PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "SYSTEMROOT")


def run_in_sandbox(
    folder: Path, sql: str, form: Literal["rows", "parquet"], seconds: float, since: float
) -> Path:
    """The path of the file with the result of one statement.

    Args:
        folder: contains the copy, under the name STORE of sandbox_worker.py.
        sql: one statement.
        form: of the result file, see sandbox_worker.py.
        seconds: after which the process is stopped.
        since: the time (`time.monotonic`) at which the seconds begin.

    Raises:
        DataError: the statement was refused or stopped.
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
                start_new_session=True,  # Ctrl-C reaches this process alone, which kills that one
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
