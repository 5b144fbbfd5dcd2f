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
    text = os.read(ours, 100_000).decode() if on_a_terminal else written.read_text()
    assert "http://[/x]\ufffd[2J primum: 9 of 9 answers 1 of 16" in text
    assert text.count("\nprimum: ") <= 1
    assert "\x1b[2J" not in text
