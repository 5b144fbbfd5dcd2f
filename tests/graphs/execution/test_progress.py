"""How far a run is: nothing that a panel calls an endpoint works on a terminal."""

import os
import pty
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from primum.agents.models.outcomes import Outcome
from primum.agents.turns.transcript import Answer
from primum.graphs.execution.executor import Executor
from primum.graphs.execution.progress import Progress
from primum.tests.terminal import read_terminal

ENDPOINT = "http://[/x]\x1b[2J\r\nprimum: 9 of 9 answers"

ANSWER = Answer("team", "CardTiny1", 1, Outcome.OK, "", (2,))


@pytest.mark.parametrize("on_a_terminal", [False, True])
def test_an_endpoint_is_shown_as_it_is_and_harmless(
    on_a_terminal: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pty.openpty()
    written = tmp_path / "stderr"
    file = os.fdopen(theirs, "w") if on_a_terminal else written.open("w")
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", file)
    executor = cast(Executor, SimpleNamespace(made=1, endpoints={ENDPOINT: "1 of 16"}))
    with Progress(2, executor) as progress:
        progress.add(ANSWER)
    file.close()
    text = read_terminal(ours).decode() if on_a_terminal else written.read_text()
    assert "http://[/x]\ufffd[2J primum: 9 of 9 answers 1 of 16" in text
    assert text.count("\nprimum: ") <= 1
    assert "\x1b[2J" not in text


@pytest.mark.parametrize(("calls", "rate"), [(90, "9.0/s"), (10, "1.0/s"), (4, "24.0/min")])
def test_a_slow_models_rate_is_by_the_minute(
    calls: int, rate: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = [0.0]
    monkeypatch.setattr("primum.graphs.execution.progress.time.monotonic", lambda: clock[0])
    executor = cast(Executor, SimpleNamespace(made=calls, endpoints={}))
    with Progress(2, executor) as progress:
        clock[0] = 10.0
        progress.add(ANSWER)
        clock[0] = 10.0
    said = capsys.readouterr().err.splitlines()
    assert said == [f"primum: 1 of 2 answers, {calls} calls, {rate}"]


def test_the_last_line_is_said_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = [0.0]
    monkeypatch.setattr("primum.graphs.execution.progress.time.monotonic", lambda: clock[0])
    executor = cast(Executor, SimpleNamespace(made=2, endpoints={}))
    with Progress(2, executor) as progress:
        for seconds in (60.0, 120.0):
            clock[0] = seconds
            progress.add(ANSWER)
    assert [line[:14] for line in capsys.readouterr().err.splitlines()] == [
        "primum: 1 of 2",
        "primum: 2 of 2",
    ]
