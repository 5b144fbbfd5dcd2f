"""Queries: a store that stays as it is, is not there, or has other real processes at it."""

import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from primum.agents.studies.study import Study
from primum.core.errors import DataError
from primum.evaluation.exports.parquet import export_tables
from primum.evaluation.html_report.study_source import latest_complete
from primum.evaluation.store.query import query, snapshot
from primum.evaluation.store.store_notices import store_notices
from primum.evaluation.text_report.watch import read_board

HOLD = """
import duckdb, sys, time
connection = duckdb.connect()
connection.execute(f"attach '{sys.argv[1]}' as store")
connection.execute("insert into store.items (study, item) values ('s', 'late')")
print("held", flush=True)
time.sleep(1)
connection.close()
"""
KILLED = """
import duckdb, os, sys
connection = duckdb.connect()
connection.execute(f"attach '{sys.argv[1]}' as store")
connection.execute("insert into store.items (study, item) values ('s', 'late')")
os.kill(os.getpid(), 9)
"""
LATE = "select count(*) from items where item = 'late'"


def test_questions_leave_the_store_as_it_is(stored: Path) -> None:
    before, files = stored.read_bytes(), sorted(stored.parent.iterdir())
    query(stored, "leaderboard")
    with snapshot(stored) as connection:
        connection.execute("create temp table t as select 1")
        connection.execute("checkpoint")
    assert stored.read_bytes() == before
    assert sorted(stored.parent.iterdir()) == files


def test_without_a_store_the_way_to_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        query(tmp_path / "store.duckdb", "cost")
    assert str(caught.value) == (
        f"{tmp_path / 'store.duckdb'}: there is no store yet; `primum run` makes one"
    )
    assert not list(tmp_path.iterdir())


def test_what_is_no_store_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "store.duckdb").write_text("no database", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        query(tmp_path / "store.duckdb", "cost")
    assert str(caught.value).startswith(f"{tmp_path / 'store.duckdb'}: the store cannot be opened")
    assert "\n" not in str(caught.value)


def test_a_store_that_was_cut_off_is_named_in_one_line(stored: Path, study: Study) -> None:
    with stored.open("r+b") as file:
        file.truncate(stored.stat().st_size // 3)
    looks = (
        partial(store_notices, stored),
        partial(latest_complete, stored),
        partial(read_board, stored, study.id),
        partial(export_tables, stored, study, stored.parent / "tables"),
    )
    for look in looks:
        with pytest.raises(DataError) as caught:
            look()
        assert "cannot be" in str(caught.value)
        assert "\n" not in str(caught.value)
    assert not (stored.parent / "tables").exists()


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("leaderbord", " (did you mean leaderboard?)"),
        ("Leaderboard;", " (did you mean leaderboard?)"),
        ("zzz", ""),
    ],
)
def test_a_name_of_nothing_is_answered_by_those_that_are_near(
    name: str, near: str, stored: Path
) -> None:
    with pytest.raises(DataError) as caught:
        query(stored, name)
    assert str(caught.value) == (
        f"query: {name.strip(';')}: no such table or view{near}; "
        "`primum query --views` names the views"
    )


@pytest.mark.parametrize("seconds", ["inf", "1e9"])
def test_a_timeout_has_an_end(seconds: str, primum: Any, stored: Path) -> None:
    done = primum("query", "cost", "--timeout", seconds, "--workspace", stored.parent)
    assert done.returncode == 2
    assert "--timeout" in done.stderr


def test_a_question_waits_for_a_writer_and_sees_what_it_wrote(stored: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(stored)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout
        assert writer.stdout.readline() == "held\n"
        started = time.monotonic()
        assert query(stored, LATE).rows == [(1,)]
        assert time.monotonic() - started > 0.5


def test_what_a_killed_writer_committed_is_seen(stored: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(stored)], check=False)
    assert killed.returncode == -9
    assert query(stored, LATE).rows == [(1,)]
