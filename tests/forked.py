"""The real command in processes forked from one that has imported it: each without its seconds.

`python -m primum.tests.forked` is that one. A line on its stdin is a command, as JSON; the line it
answers with is the exit code. A fork has its own arguments, variables, folder, files and end.
"""

import gc
import importlib
import json
import multiprocessing
import os
import pkgutil
import select
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from primum.agents.quiet import load_litellm
from primum.cli import main

TIMEOUT_SECONDS = 120


class Forks:
    """Commands of `primum`, one after another."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "primum.tests.forked"]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        # Nothing is read ahead: what `select` waits for must still be in the pipe.
        self._origin = subprocess.Popen(command, env=environment, bufsize=0, **pipes)

    def run(
        self, arguments: list[str], environment: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """What a command printed, and how it ended."""
        assert self._origin.stdin
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder) / "out", Path(folder) / "err"
            job = {
                "arguments": arguments,
                "environment": environment,
                "folder": os.getcwd(),  # noqa: PTH109
                "files": [str(out), str(err)],
            }
            self._origin.stdin.write(f"{json.dumps(job)}\n".encode())
            pid = self._said()
            try:
                code = self._said()
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                self._said()
                raise
            return subprocess.CompletedProcess(arguments, code, out.read_text(), err.read_text())

    def close(self) -> None:
        """End the process that all are forked from."""
        self._origin.communicate()

    def _said(self) -> int:
        assert self._origin.stdout
        if not select.select([self._origin.stdout], [], [], TIMEOUT_SECONDS)[0]:
            raise TimeoutError(f"no end after {TIMEOUT_SECONDS} s")
        return int(self._origin.stdout.readline())


def origin() -> None:
    """Import all that commands import; then fork for each command."""
    load_litellm()
    for room in ("commands", "graphs", "evaluation", "agents"):
        package = importlib.import_module(f"primum.{room}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    gc.collect()
    gc.freeze()  # no fork need copy what it does not use
    forking = multiprocessing.get_context("fork")
    for line in iter(sys.stdin.readline, ""):
        command = forking.Process(target=become, args=[json.loads(line)])
        command.start()
        say(command.pid)
        command.join()
        say(command.exitcode)


def say(number: int | None) -> None:
    """A line to the process that asked."""
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def become(job: dict[str, Any]) -> None:
    """Be `primum`, with a command's arguments, variables, folder and files."""
    os.environ.clear()
    os.environ.update(job["environment"])
    os.chdir(job["folder"])
    sys.argv[1:] = job["arguments"]
    for number, path in enumerate(job["files"], 1):
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(file, number)
        os.close(file)
    main()


if __name__ == "__main__":
    origin()
