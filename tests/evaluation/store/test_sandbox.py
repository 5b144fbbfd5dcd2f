"""Hostile statements, each in a process of its own: refused or stopped in one line, nothing done."""

import hashlib
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from primum.core.errors import DataError
from primum.evaluation.store.query import export_parquet, query
from primum.evaluation.store.sandbox_worker import REFUSED as REFUSED_CODE
from primum.evaluation.store.sandbox_worker import STORE
from primum.tests.conftest import clean_environment
from primum.tests.evaluation.hostile import ENDLESS, FILES, OUT_OF_COPY, REFUSED

SHORTLY = 0.7  # seconds for a statement without end
# The sandbox's own main() for each statement, forked after its imports, so that they are paid once.
EACH = """
import io, json, os, sys
from primum.evaluation.store.sandbox_worker import main
form, statements = sys.argv[1], json.load(sys.stdin)
def start(number):
    process = os.fork()
    if process:
        return process
    os.dup2(os.open(f"said-{number}", os.O_CREAT | os.O_WRONLY, 0o600), 2)
    asked = {"sql": statements[number], "form": form, "seconds": 10}
    sys.stdin = io.StringIO(json.dumps(asked))
    main()
codes = []
for at in range(0, len(statements), 2):
    started = [start(number) for number in range(at, min(at + 2, len(statements)))]
    codes += [os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in started]
print(json.dumps(codes))
"""


class Said(NamedTuple):
    """What became of a statement: the exit code of its process, and what it said."""

    sql: str
    code: int
    text: str


def in_turn(folder: Path, statements: list[str], form: str) -> list[Said]:
    """Statements in the sandbox, two at a time."""
    done = subprocess.run(
        [sys.executable, "-c", EACH, form],
        input=json.dumps(statements),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        cwd=folder,
        env=clean_environment(SECRET_KEY="sk-secret"),
    )
    assert done.stderr == ""
    codes = json.loads(done.stdout)
    texts = [(folder / f"said-{number}").read_text() for number in range(len(statements))]
    return [Said(*found) for found in zip(statements, codes, texts, strict=True)]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("form", "statements"), [("rows", REFUSED), ("parquet", [*FILES, *OUT_OF_COPY])]
)
def test_what_is_no_question_is_refused_in_one_line(
    form: str, statements: list[str], stored: Path
) -> None:
    assert len(statements) == len(set(statements)) > 20
    folder = stored.parent
    before = digest(stored)
    assert stored.name == STORE
    for said in in_turn(folder, statements, form):
        assert said.code == REFUSED_CODE, said
        assert said.text.strip(), said
        assert "\n" not in said.text, said
        assert len(said.text) <= 500, said
        assert "Traceback" not in said.text, said
        assert "root:" not in said.text, said
    assert digest(stored) == before
    left = {path.name for path in folder.iterdir() if not path.name.startswith("said-")}
    assert left <= {STORE, "result", "spill"}
    assert not (folder / "spill").exists() or not list((folder / "spill").iterdir())


def test_what_would_not_end_is_stopped_in_one_line(stored: Path) -> None:
    before = digest(stored)

    def ask(sql: str) -> str:
        with pytest.raises(DataError) as caught:
            query(stored, sql, SHORTLY)
        return str(caught.value)

    assert len(ENDLESS) == len(set(ENDLESS)) > 10
    with ThreadPoolExecutor(4) as pool:
        said = dict(zip(ENDLESS, pool.map(ask, ENDLESS), strict=True))
    stopped = f"query: stopped after {SHORTLY:g} s (--timeout)"
    memory = "query: stopped: it takes more than 1GB of memory, or 4 GB of disk"
    assert set(said.values()) <= {stopped, memory}, said
    assert sum(line == stopped for line in said.values()) >= len(ENDLESS) / 2, said
    assert digest(stored) == before
    assert [path.name for path in stored.parent.iterdir()] == [STORE]


def test_a_refusal_and_a_stop_on_the_command_line(primum: Callable[..., Any], stored: Path) -> None:
    for arguments, line in (
        (["drop table items"], "primum: query: only statements that read are allowed (select, "),
        ([ENDLESS[0], "--timeout", "0.5"], "primum: query: stopped after 0.5 s (--timeout)"),
    ):
        done = primum("query", *arguments, "--workspace", stored.parent)
        assert (done.returncode, done.stdout) == (3, "")
        (said,) = done.stderr.splitlines()
        assert said.startswith(line)
    for wrong in ((), ("select 1", "--timeout", "0"), ("select 1", "--format", "parquet")):
        assert primum("query", *wrong, "--workspace", stored.parent).returncode == 2


def test_more_than_the_memory_is_said(stored: Path) -> None:
    with pytest.raises(DataError, match="stopped: it takes more than 1GB of memory"):
        query(stored, "select string_agg(repeat('x', 1_000_000)) from range(100_000)")


def test_the_process_knows_no_key_and_no_home(
    stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In Python's place a script that says what it was given."""
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "$(pwd) $(env | sort | tr "\\n" " ")" >&2\nexit 3\n')
    python.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    with pytest.raises(DataError) as caught:
        query(stored, "select 1")
    folder, *variables = str(caught.value).removeprefix("query: ").split()
    assert Path(folder).parent == stored.parent, "it stands in the folder of the copy"
    assert {variable.partition("=")[0] for variable in variables} <= {"PWD", "OLDPWD", "SHLVL", "_"}


def test_a_process_that_breaks_off_is_said(
    stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nkill -ABRT $$\n")
    python.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(DataError, match=r"query: stopped: its process broke off \(-6\)"):
        query(stored, "select 1")


def test_a_result_larger_than_any_pipe_comes_whole(stored: Path, tmp_path: Path) -> None:
    sql = "select range as n, repeat('x', 100) || range as text from range(50_000)"
    found = query(stored, sql).rows
    assert found == [(n, "x" * 100 + str(n)) for n in range(50_000)]
    export_parquet(stored, sql, tmp_path / "large.parquet")
    assert (tmp_path / "large.parquet").read_bytes()[:4] == b"PAR1"


def test_ctrl_c_ends_both_processes_and_leaves_nothing(stored: Path) -> None:
    command = [sys.executable, "-m", "primum.cli", "query", ENDLESS[0]]
    with subprocess.Popen(
        [*command, "--workspace", str(stored.parent)],
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(),
    ) as process:
        while not list(stored.parent.glob(".query-*/said")):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.stderr
        assert "Traceback" not in process.stderr.read()
        assert process.wait(10) == 130
    assert [path.name for path in stored.parent.iterdir()] == [STORE]


def test_a_folder_with_a_quote_in_its_name(stored: Path, tmp_path: Path) -> None:
    folder = tmp_path / "it's here"
    folder.mkdir()
    shutil.copy(stored, folder)
    assert query(folder / STORE, "select 1 as n").rows == [(1,)]
    export_parquet(folder / STORE, "select 1 as n", folder / "new.parquet")
    assert (folder / "new.parquet").exists()
