"""The real command in processes forked from one that has imported it: each without its seconds.

`python -m primum.tests.forked` is that one. A line on its stdin is a command, as JSON, and it
answers with the process's number; or it is such a number, and it answers with the exit code, or
null while there is none. A fork has its own arguments, variables, folder, files and end.
"""

import gc
import importlib
import json
import multiprocessing
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from primum.agents.models.litellm_setup import load_litellm
from primum.cli import main

TIMEOUT_SECONDS = 120


class Fork:
    """A command under way, used as subprocess.Popen is."""

    def __init__(self, pid: int, ended: Callable[[int], int | None], out: Path, err: Path) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended, self._out, self._err = ended, out, err

    def poll(self) -> int | None:
        """How it ended, if it has."""
        if self.returncode is None:
            self.returncode = self._ended(self.pid)
        return self.returncode

    def wait(self, timeout: float = TIMEOUT_SECONDS) -> int:
        """How it ended, once it has."""
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                self.kill()
                raise TimeoutError(f"no end after {timeout} s")
            time.sleep(0.01)
        return code

    def communicate(self, timeout: float = TIMEOUT_SECONDS) -> tuple[str, str]:
        """What it printed, once it has ended."""
        self.wait(timeout)
        return self._out.read_text(), self._err.read_text()

    def send_signal(self, sign: int) -> None:
        """Send a signal."""
        os.kill(self.pid, sign)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


class Forks:
    """Where commands of `primum` come from."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "primum.tests.forked"]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._origin = subprocess.Popen(command, env=environment, text=True, bufsize=1, **pipes)
        self._folder = tempfile.TemporaryDirectory()
        self._numbers = count()
        self._turn = threading.Lock()

    def start(self, arguments: list[str], environment: dict[str, str]) -> Fork:
        """A command, on its way."""
        number = next(self._numbers)
        out, err = (Path(self._folder.name) / f"{number}.{name}" for name in ("out", "err"))
        job = {
            "arguments": arguments,
            "environment": environment,
            "folder": os.getcwd(),  # noqa: PTH109
            "files": [str(out), str(err)],
        }
        return Fork(self._ask(job), self._ask, out, err)

    def run(
        self, arguments: list[str], environment: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """What a command printed, and how it ended."""
        fork = self.start(arguments, environment)
        out, err = fork.communicate()
        return subprocess.CompletedProcess(arguments, fork.wait(), out, err)

    def close(self) -> None:
        """End the process that all are forked from."""
        self._origin.communicate()
        self._folder.cleanup()

    def _ask(self, question: dict[str, Any] | int) -> Any:
        assert self._origin.stdin
        assert self._origin.stdout
        with self._turn:
            self._origin.stdin.write(f"{json.dumps(question)}\n")
            return json.loads(self._origin.stdout.readline())


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
    commands: dict[int | None, BaseProcess] = {}
    for line in iter(sys.stdin.readline, ""):
        question = json.loads(line)
        if isinstance(question, int):
            answer = commands[question].exitcode
        else:
            command = forking.Process(target=become, args=[question])
            command.start()
            commands[command.pid] = command
            answer = command.pid
        sys.stdout.write(f"{json.dumps(answer)}\n")
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
