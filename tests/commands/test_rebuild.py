"""`primum rebuild`: a store of another version, from the ledger and what lies beside it."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from primum.cases.model import Suite
from primum.evaluation.store.schema import TABLES
from primum.tests.studies import Ran, run_both

pytestmark = pytest.mark.long

Command = Callable[..., Any]


@pytest.fixture
def ran(tiny_suite: Suite, tmp_path: Path) -> Ran:
    return run_both(tmp_path, tiny_suite)


def store_of(ran: Ran) -> Path:
    return ran.folder / "ws" / "store.duckdb"


def manifest_of(ran: Ran, protocol: str) -> Path:
    return ran.folder / "ws" / "studies" / f"{ran.id(protocol)}.json"


def contents(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, but for the seconds that calls took."""
    with duckdb.connect(path, read_only=True) as store:
        return {
            table: store.execute(f"from {table} order by all").fetchall() for table in TABLES.names
        }


def set_version(path: Path, version: int) -> None:
    with duckdb.connect(path) as store:
        store.execute(f"update store set schema_version = {version}")


@pytest.mark.parametrize("reading", [True, False])
def test_the_command_that_is_named_makes_the_same_store_again(
    reading: bool, ran: Ran, primum: Command
) -> None:
    before = contents(store_of(ran))
    assert before["studies"]
    set_version(store_of(ran), 0)
    asked = ("query", "leaderboard") if reading else ("rescore", ran.id("menu"))
    refused = primum(*asked, *ran.workspace)
    assert (refused.returncode, refused.stdout) == (3, "")
    (line,) = refused.stderr.splitlines()
    assert line.startswith(f"primum: {store_of(ran)}: a store of another version of Primum; ")
    command = shlex.split(line.split("`")[1])
    assert command == ["primum", "rebuild", "--workspace", str(store_of(ran).parent)]
    done = primum(*command[1:])
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"rebuilt: {ran.id(p)}" for p in ("plan", "menu")]
    after = contents(store_of(ran))
    for table in TABLES.names:
        assert after[table] == before[table], table
    assert primum(*asked, *ran.workspace).returncode == 0
    assert {p.name for p in store_of(ran).parent.iterdir()} >= {"store.duckdb", "ledger.sqlite"}
    assert not list(store_of(ran).parent.glob(".store-*"))
    assert not (store_of(ran).parent / "store-old.duckdb").exists()


def test_a_damaged_manifest_is_named_and_the_others_are_rebuilt(ran: Ran, primum: Command) -> None:
    manifest_of(ran, "plan").write_text("{}", encoding="utf-8")
    set_version(store_of(ran), 0)
    old = store_of(ran).read_bytes()
    done = primum("rebuild", "--json", *ran.workspace)
    assert done.returncode == 3
    why = f"{manifest_of(ran, 'plan')}: not a manifest of this version of Primum"
    assert f"primum: {ran.id('plan')}: not rebuilt: {why}" in done.stderr.splitlines()
    assert json.loads(done.stdout) == {
        "rebuilt": [ran.id("menu")],
        "not_rebuilt": {ran.id("plan"): why},
    }
    rows = contents(store_of(ran))
    assert {row[0] for table in rows.values() for row in table} == {ran.id("menu")}
    assert (store_of(ran).parent / "store-old.duckdb").read_bytes() == old
    assert manifest_of(ran, "plan").read_text(encoding="utf-8") == "{}"


def test_a_study_whose_calls_are_gone_is_named_and_nothing_of_it_is_stored(
    ran: Ran, primum: Command
) -> None:
    ledger = ran.folder / "ws" / "ledger.sqlite"
    ledger.rename(ran.folder / "ledger.sqlite")
    before = store_of(ran).read_bytes()
    done = primum("rebuild", *ran.workspace)
    assert (done.returncode, done.stdout) == (3, "")
    for protocol in ("plan", "menu"):
        assert f"{ran.id(protocol)}: not rebuilt: {ledger}: " in done.stderr
        assert manifest_of(ran, protocol).exists()
    assert done.stderr.splitlines()[-1].endswith("what was there is left as it is")
    assert store_of(ran).read_bytes() == before


def test_a_store_that_is_damaged_or_gone_is_made_again(ran: Ran, primum: Command) -> None:
    before = contents(store_of(ran))
    store_of(ran).write_bytes(b"no database")
    refused = primum("query", "leaderboard", *ran.workspace)
    assert refused.returncode == 3
    assert "primum rebuild --workspace" in refused.stderr
    for gone in (False, True):
        if gone:
            store_of(ran).unlink()
        assert primum("rebuild", *ran.workspace).returncode == 0
        assert contents(store_of(ran)) == before


def test_imported_answers_come_back_and_the_latest_study_is_still_the_latest(
    ran: Ran, primum: Command
) -> None:
    answers = ran.folder / "answers.jsonl"
    line = {"id": "CardTiny1", "trial": 1, "response": "Give nothing at all."}
    answers.write_text(json.dumps(line) + "\n", encoding="utf-8")
    given = ("import", "answers", answers, "--suite", ran.suite, "--matcher", "lexical")
    assert primum(*given, "--json", *ran.workspace).returncode in {0, 1}
    assert primum("rescore", ran.id("plan"), "--json", *ran.workspace).returncode == 0
    before = contents(store_of(ran))
    assert len(before["studies"]) == 3
    latest = primum("query", "latest", "--format", "csv", *ran.workspace).stdout
    assert ran.id("plan") in latest
    done = primum("rebuild", *ran.workspace)
    assert done.returncode == 0, done.stderr
    assert contents(store_of(ran)) == before
    assert primum("query", "latest", "--format", "csv", *ran.workspace).stdout == latest


def test_a_workspace_without_studies_is_one_line(primum: Command, tmp_path: Path) -> None:
    done = primum("rebuild", "--workspace", tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert (
        done.stderr
        == f"primum: {tmp_path}: no study to rebuild a store from; `primum run` makes one\n"
    )
    assert list(tmp_path.iterdir()) == []
