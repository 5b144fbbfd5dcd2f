"""The ledger's commands on a ledger that a real run made."""

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from primum.cases.load import save_suite
from primum.cases.model import Suite

SECRET = "sk-secret-of-the-ledger-test"
PANEL = """
name: kept
models:
  a: {{id: openai/model-a, family: llama, access: open, api_base: "{url}", key_env: LEDGER_KEY, price: {{input_per_million: 1, output_per_million: 2}}}}
  b: {{id: openai/model-b, family: gemini, access: open, api_base: "{url}", key_env: LEDGER_KEY}}
ensembles:
  - {{name: team, graph: panel, generators: [a, b], critics: [b], aggregator: a}}
"""
TASKS = 3
BY_A, BY_B = TASKS * 2, TASKS * 3
CALLS = BY_A + BY_B
Command = Callable[..., Any]
KILLED = """
import os, sqlite3, sys
ledger = sqlite3.connect(sys.argv[1])
ledger.execute("delete from calls where key = (select min(key) from calls)")
ledger.commit()
os.kill(os.getpid(), 9)
"""


@pytest.fixture(scope="module")
def kept(
    tmp_path_factory: pytest.TempPathFactory, primum: Command, module_server: Any, tiny_suite: Suite
) -> Path:
    """A workspace after a run."""
    folder = tmp_path_factory.mktemp("kept")
    (folder / "kept.yaml").write_text(PANEL.format(url=module_server.url))
    save_suite(tiny_suite, folder / "tiny.jsonl", "native")
    done = primum(
        *("run", "--panel", folder / "kept.yaml", "--suite", folder / "tiny.jsonl"),
        *("--workspace", folder / "ws"),
        LEDGER_KEY=SECRET,
    )
    assert done.returncode == 0, done.stderr
    return folder / "ws"


@pytest.fixture
def own(kept: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copytree(kept, tmp_path / "ws"))


def change(workspace: Path, sql: str) -> None:
    db = sqlite3.connect(workspace / "ledger.sqlite")
    db.execute(sql)
    db.commit()
    db.close()


def count(workspace: Path) -> int:
    db = sqlite3.connect(workspace / "ledger.sqlite")
    (number,) = db.execute("select count(*) from calls").fetchone()
    db.close()
    return int(number)


ONE = "where key = (select min(key) from calls)"
DAMAGE = f"update calls set reply = replace(reply, 'seconds', 'sekonds') {ONE}"


def test_stats_count_by_model_and_outcome(kept: Path, primum: Command) -> None:
    done = primum("ledger", "stats", "--workspace", kept, "--json")
    assert done.returncode == 0, done.stderr
    one, two = json.loads(done.stdout)
    assert (one["model"], one["outcome"], one["calls"]) == ("openai/model-a", "ok", BY_A)
    assert (two["model"], two["outcome"], two["calls"]) == ("openai/model-b", "ok", BY_B)
    assert (one["attempts"], one["retried"]) == (BY_A, 0)
    assert (one["input_tokens"], one["output_tokens"]) == (100 * BY_A, 50 * BY_A)
    assert one["cost"] == pytest.approx(BY_A * 200 / 1e6)
    assert two["cost"] is None, "an unknown price is not nothing"
    text = primum("ledger", "stats", "--workspace", kept)
    assert "openai/model-a" in text.stdout
    assert SECRET not in text.stdout + done.stdout


def test_what_is_damaged_is_found_and_pruned(own: Path, primum: Command) -> None:
    where = ("--workspace", own)
    sound = primum("ledger", "verify", *where)
    assert (sound.returncode, sound.stdout.strip()) == (0, f"{CALLS} calls, 0 damaged")
    change(own, DAMAGE)
    broken = primum("ledger", "verify", *where, "--json")
    assert broken.returncode == 3
    found = json.loads(broken.stdout)
    assert found["calls"] == CALLS
    assert len(found["damaged"]) == 1
    would = primum("ledger", "prune", "--outcome", "damaged", *where)
    assert (would.returncode, would.stdout.strip()) == (0, "1 call to delete; --yes deletes")
    assert count(own) == CALLS
    did = primum("ledger", "prune", "--outcome", "damaged", "--yes", *where)
    assert did.returncode == 0, did.stderr
    assert count(own) == CALLS - 1
    assert primum("ledger", "verify", *where).returncode == 0


def test_an_outcome_that_was_changed_is_damage(own: Path, primum: Command) -> None:
    change(own, f"update calls set outcome = 'refusal' {ONE}")
    done = primum("ledger", "verify", "--workspace", own, "--json")
    assert done.returncode == 3
    assert len(json.loads(done.stdout)["damaged"]) == 1


@pytest.mark.parametrize(
    "wrong", [("--outcome", "nonesuch"), ("--before", "yesterday"), ()], ids="".join
)
def test_what_cannot_be_pruned(own: Path, primum: Command, wrong: tuple[str, ...]) -> None:
    done = primum("ledger", "prune", *wrong, "--yes", "--workspace", own)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert count(own) == CALLS


def test_export_is_a_new_file_of_its_owner(kept: Path, primum: Command, tmp_path: Path) -> None:
    target = tmp_path / "calls.jsonl"
    export = ("ledger", "export", "--output", target, "--workspace", kept)
    done = primum(*export)
    assert done.returncode == 0, done.stderr
    assert f"{CALLS} calls" in done.stdout
    rows = [json.loads(line) for line in target.read_text().splitlines()]
    assert len({row["key"] for row in rows}) == len(rows) == CALLS
    assert all(set(row) == {"key", "asked_at", "request", "reply"} for row in rows)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert SECRET not in target.read_text()
    before = target.read_bytes()
    again = primum(*export)
    assert again.returncode == 3
    assert "exists already" in again.stderr
    assert len(again.stderr.splitlines()) == 1
    assert target.read_bytes() == before


@pytest.mark.parametrize("command", [("stats",), ("export", "-o", "/dev/null/x")])
def test_without_a_ledger(primum: Command, tmp_path: Path, command: tuple[str, ...]) -> None:
    done = primum("ledger", *command, "--workspace", tmp_path / "none")
    assert done.returncode == 3
    assert "there is no ledger yet" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "none").exists()


@pytest.fixture
def barred() -> list[str]:
    """What a command begins with that may not write where a folder's mode forbids it."""
    if os.geteuid():
        return []
    if not shutil.which("setpriv"):
        pytest.skip("root writes everywhere, and setpriv is not there to stop it")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


@pytest.mark.parametrize("unwritten", [False, True], ids=["whole", "with a log"])
def test_a_ledger_where_nothing_may_be_written_is_read(
    own: Path, tmp_path: Path, barred: list[str], unwritten: bool
) -> None:
    change(own, "select count(*) from calls")  # whoever closes it last leaves no log
    assert not (own / "ledger.sqlite-wal").exists()
    if unwritten:  # the log of a run that was killed, or is under way
        subprocess.run([sys.executable, "-c", KILLED, str(own / "ledger.sqlite")], check=False)
        assert (own / "ledger.sqlite-wal").stat().st_size
    files = [path for path in own.iterdir() if path.is_file() and path.suffix != ".sqlite-shm"]
    before = [path.read_bytes() for path in files]
    for path in own.iterdir():
        path.chmod(0o500)
    own.chmod(0o500)
    for arguments in (["stats"], ["verify"], ["export", "-o", str(tmp_path / "calls.jsonl")]):
        done = subprocess.run(
            [*barred, sys.executable, "-m", "primum.cli", "ledger", *arguments, "--workspace", own],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
    own.chmod(0o700)
    assert len((tmp_path / "calls.jsonl").read_text().splitlines()) == CALLS - unwritten
    assert [path.read_bytes() for path in files] == before
