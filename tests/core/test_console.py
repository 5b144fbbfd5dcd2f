"""Streams as shells leave them: closed, given up by their reader, or of another encoding."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from primum.cases.load import save_suite
from primum.cases.model import Suite
from primum.tests.conftest import clean_environment

Call = Callable[..., subprocess.CompletedProcess[str]]
PRIMUM = [sys.executable, "-m", "primum.cli"]
INTERRUPTED = """
import duckdb, os, signal, threading
from primum.core.console import enter
long = "select count(*) from range(100000000) a, range(1000) b where a.range % 7 = b.range"
threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
enter(lambda: duckdb.sql(long).fetchall())
"""
ODD = "Gr\u00f6\u00dfe \U0001f600"


@pytest.fixture(scope="module")
def workspace(primum: Call, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("output") / "ws"
    done = primum("run", "--ensemble", "kin", "--ensemble", "aspen-base", "--workspace", folder)
    assert done.returncode == 0, done.stderr
    return folder


def with_closed(which: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """A command whose stdout (">") or stderr ("2>") the shell has closed."""
    line = f'exec "$@" {which}&-'
    words = ["sh", "-c", line, "sh", *PRIMUM, *map(str, arguments)]
    return subprocess.run(
        words, capture_output=True, text=True, check=False, env=clean_environment()
    )


def test_a_run_whose_stderr_is_closed(workspace: Path) -> None:
    done = with_closed("2>", "run", "--ensemble", "aspen-base", "--workspace", workspace, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)


def test_a_notice_for_a_closed_stderr_is_not_among_the_figures(workspace: Path) -> None:
    done = with_closed("2>", "query", "cost", "--format", "json", "--workspace", workspace)
    assert done.returncode == 0
    assert "kin" in {row["ensemble"] for row in json.loads(done.stdout)}


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--ensemble", "aspen-base"],
        *(["query", "cost"], ["models"], ["--help"]),
    ],
    ids=lambda words: words[0],
)
def test_a_reader_who_has_gone_is_no_failure(arguments: list[str], workspace: Path) -> None:
    if arguments[0] in {"run", "query"}:
        arguments = [*arguments, "--workspace", str(workspace)]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [*PRIMUM, *arguments],
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env=clean_environment(),
        )
    finally:
        os.close(writing)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr


def test_what_stdout_has_no_word_for_is_escaped_as_in_json(
    primum: Call, tiny_suite: Suite, tmp_path: Path
) -> None:
    info = tiny_suite.info.model_copy(update={"notice": ODD})
    save_suite(tiny_suite.model_copy(update={"info": info}), tmp_path / "s.jsonl", "native")
    command = ("cases", "list", "--suite", tmp_path / "s.jsonl")
    narrow = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    shown, made = (primum(*command, *more, **narrow) for more in ((), ("--json",)))
    assert (shown.returncode, made.returncode) == (0, 0), shown.stderr + made.stderr
    assert r"Gr\u00f6\u00dfe \ud83d\ude00" in shown.stdout
    assert json.loads(made.stdout)["suite"]["notice"] == ODD


def test_ctrl_c_while_the_store_is_asked_ends_as_everywhere() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_one_is_singular(primum: Call, tiny_suite: Suite, tmp_path: Path) -> None:
    save_suite(tiny_suite, tmp_path / "s.jsonl", "native")
    done = primum("cases", "check", tmp_path / "s.jsonl")
    assert done.stdout.endswith("valid: 2 cases, 1 variant, 14 options\n")
