"""`primum watch` in a process of its own, beside a run in another."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from primum.agents.models.outcomes import Outcome
from primum.agents.studies.archive import suite_digest
from primum.agents.studies.study import Study
from primum.agents.topologies.registry import ensemble_of
from primum.agents.turns.transcript import Answer
from primum.cases.load import save_suite
from primum.cases.model import Consultation, Suite
from primum.evaluation.store.database import Store
from primum.evaluation.store.recorder import Recorder
from primum.tests.conftest import ChatServer, clean_environment
from primum.tests.terminal import read_terminal

pytestmark = pytest.mark.long

PANEL = """
name: slow
models:
  a: {{id: openai/a, family: llama, access: open, api_base: "{url}"}}
ensembles:
  - {{name: team, graph: panel, generators: [a], aggregator: a}}
"""
CASES = 36


def start(*arguments: object, **ways: Any) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "primum.cli", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(OPENAI_API_KEY="sk-test"),
        **ways,
    )


def blocks(text: str) -> list[str]:
    """What stands between one title and the next."""
    return re.split(r"^(?=\S+ at \d\d:\d\d:\d\d: )", text, flags=re.MULTILINE)[1:]


def test_the_board_of_a_run_until_it_is_complete(
    tmp_path: Path, chat_server: ChatServer, tiny_suite: Suite
) -> None:
    chat_server.seconds = 0.09
    one, ws = tiny_suite.cases[0], tmp_path / "ws"
    letters = [Consultation(presentation=f"Case {n}. What now?") for n in range(CASES)]
    cases = tuple(
        one.model_copy(update={"id": f"CardTiny{n}", "case": letter})
        for n, letter in enumerate(letters)
    )
    save_suite(Suite(info=tiny_suite.info, cases=cases), tmp_path / "suite.jsonl", "native")
    (tmp_path / "panel.yaml").write_text(PANEL.format(url=chat_server.url))
    whole = ("--suite", tmp_path / "suite.jsonl", "--panel", tmp_path / "panel.yaml")
    run = start("run", *whole, "--workspace", ws, "--concurrency", 2, "--json")
    while not list(ws.glob("studies/*.json")):
        assert run.poll() is None
        time.sleep(0.02)
    watched = start("watch", "tiny", "--every", 0.1, "--workspace", ws)
    result, said = run.communicate(timeout=120)
    assert run.returncode == 0, said
    board, notes = watched.communicate(timeout=30)
    assert watched.returncode == 0, notes
    assert notes == "primum: INVENTED for tests\n"
    found = blocks(board)
    assert len(found) >= 3, board
    assert all(": running, " in block for block in found[:-1])
    assert ": complete" in found[-1]
    counts = [int(n) for n in re.findall(rf"^team +(\d+) of {CASES} ", board, re.MULTILINE)]
    assert len(counts) == len(found)
    assert counts == sorted(counts)
    assert (counts[0] < CASES, counts[-1]) == (True, CASES)
    figures = {e["name"]: e["metrics"] for e in json.loads(result)["ensembles"]}
    for name in ("team", "control:key"):
        row = next(line for line in found[-1].splitlines() if line.startswith(f"{name} "))
        assert f"{figures[name]['F1_weighted']['mean']:.3f}" in row
        assert f"{figures[name]['Severe_rate']['mean']:.1%}" in row


@pytest.fixture
def unfinished(tmp_path: Path, tiny_suite: Suite) -> Recorder:
    study = Study(
        suite=tiny_suite.info,
        suite_digest=suite_digest(tiny_suite),
        models={},
        ensembles=(ensemble_of(name="control:some", graph="control"),),
        trials=2,
        seed=0,
        version="0",
    )
    return Recorder(Store(tmp_path / "store.duckdb"), study, tiny_suite)


def add(recorder: Recorder, suite: Suite, trial: int) -> None:
    for item in suite.items():
        recorder.add(Answer("control:some", item.id, trial, Outcome.OK, "", (2, 3)))
    recorder.flush(timeout=2.0)


def test_ctrl_c_is_130_and_a_writer_is_not_held_up(
    unfinished: Recorder, tiny_suite: Suite, tmp_path: Path
) -> None:
    with start("watch", "tiny", "--every", "0.1", "--workspace", tmp_path) as watched:
        assert watched.stdout
        assert watched.stderr
        assert "running" in watched.stdout.readline()
        for trial in (1, 2):
            add(unfinished, tiny_suite, trial)
        while "6 of 6" not in watched.stdout.readline():
            assert watched.poll() is None
        watched.send_signal(signal.SIGINT)
        assert watched.wait(10) == 130
        assert watched.stderr.read() == "primum: INVENTED for tests\n"
        assert blocks(watched.stdout.read()) == []
    with start("watch", "tiny", "--every", "0.1", "--workspace", tmp_path) as again:
        assert again.stdout
        assert "running" in again.stdout.readline()
        unfinished.finish()
        assert again.wait(10) == 0
        assert ": complete" in blocks(again.stdout.read())[-1]


def test_on_a_terminal_the_board_stays_in_its_place(
    unfinished: Recorder, tiny_suite: Suite, tmp_path: Path
) -> None:
    add(unfinished, tiny_suite, 1)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "primum.cli", "watch", "tiny", "--every", "0.1"]
    with subprocess.Popen(
        [*command, "--workspace", str(tmp_path)],
        stdout=theirs,
        stderr=subprocess.PIPE,
        env=clean_environment(TERM="xterm", COLUMNS="120"),
    ) as watched:
        os.close(theirs)
        shown = b""
        while b"3 of 6" not in shown:
            shown += os.read(ours, 4096)
        add(unfinished, tiny_suite, 2)
        unfinished.finish()
        text = (shown + read_terminal(ours)).decode()
        assert watched.wait(10) == 0
    assert "6 of 6" in text
    assert "\x1b[1A" in text, "the cursor goes back up"
    assert text.rstrip().endswith("\x1b[?25h"), "the cursor is there again"


def test_a_study_that_is_not_there(primum: Callable[..., Any], tmp_path: Path) -> None:
    done = primum("watch", "nothing", "--workspace", tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert (
        done.stderr
        == f"primum: nothing: no such study in {tmp_path}; there are none; `primum run` makes one\n"
    )
    assert primum("watch", "nothing", "--every", "0").returncode == 2
