"""Queries: what is refused, a store that stays as it is, and other real processes at it."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from primum.cases.errors import DataError
from primum.evaluation.query import export_parquet, query

HOLD = """
import duckdb, sys, time
connection = duckdb.connect()
connection.execute(f"attach '{sys.argv[1]}' as store")
connection.execute("insert into store.cases (study, task) values ('s', 'late')")
print("held", flush=True)
time.sleep(1)
connection.close()
"""
KILLED = """
import duckdb, os, sys
connection = duckdb.connect()
connection.execute(f"attach '{sys.argv[1]}' as store")
connection.execute("insert into store.cases (study, task) values ('s', 'late')")
os.kill(os.getpid(), 9)
"""
LATE = "select count(*) from cases where task = 'late'"

REFUSED = [
    "select 1; select 2",
    "select 1; drop table cases",
    "",
    ";",
    "selec 1",
    "select * from nowhere",
    "select no_column\nfrom\n\ncases",
    "attach '{}/new.duckdb' as other",
    "attach ':memory:' as other",
    "copy cases to '{}/new.csv'",
    "copy (select 1) to '{}/new.parquet' (format parquet)",
    "export database '{}/new'",
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from read_blob('/etc/passwd')",
    "select * from glob('/etc/*')",
    "select * from '/etc/passwd'",
    "select * from 'https://example.org/x.csv'",
    "copy cases from '/etc/passwd'",
    "import database '/etc'",
    "set threads = 1",
    "set enable_external_access = true",
    "set allowed_directories = ['/etc']",
    "reset lock_configuration",
    "pragma enable_external_access = true",
    "install httpfs",
    "load httpfs",
    "drop table cases",
    "delete from cases",
    "update cases set task = ''",
    "insert into cases (study) values ('x')",
    "create table mine as select 1",
    "create or replace view cost as select 1",
]


@pytest.mark.parametrize("sql", REFUSED)
def test_what_is_no_question_is_refused_in_one_line(sql: str, stored: Path, tmp_path: Path) -> None:
    before, files = stored.read_bytes(), sorted(tmp_path.iterdir())
    with pytest.raises(DataError) as caught:
        query(stored, sql.format(tmp_path))
    assert str(caught.value).startswith("query: ")
    assert "\n" not in str(caught.value)
    assert "root:" not in str(caught.value)
    assert stored.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == files


@pytest.mark.parametrize(
    "sql",
    [
        "select 1; select 2",
        "select * from read_csv('/etc/passwd')",
        "select 1) to '{}/other' (format csv); --",
        "select 1) to '{}/other' (format csv) --",
        "copy cases to '{}/other'",
        "attach '{}/other'",
    ],
)
def test_an_export_writes_its_target_and_nothing_else(
    sql: str, stored: Path, tmp_path: Path
) -> None:
    before, files = stored.read_bytes(), sorted(tmp_path.iterdir())
    with pytest.raises(DataError) as caught:
        export_parquet(stored, sql.format(tmp_path), tmp_path / "new.parquet")
    assert "\n" not in str(caught.value)
    assert stored.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == files


def test_questions_leave_the_store_as_it_is(stored: Path) -> None:
    before, files = stored.read_bytes(), sorted(stored.parent.iterdir())
    for sql in (
        "leaderboard",
        "select count(*) from scores",
        "create temp table t as select 1",
        "checkpoint",
    ):
        query(stored, sql)
    assert stored.read_bytes() == before
    assert sorted(stored.parent.iterdir()) == files


def test_without_a_store_the_way_to_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        query(tmp_path / "store.duckdb", "cost")
    assert str(caught.value) == (
        f"{tmp_path / 'store.duckdb'}: no store there yet; `primum run` makes one"
    )
    assert not list(tmp_path.iterdir())


def test_what_is_no_store_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "store.duckdb").write_text("no database", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        query(tmp_path / "store.duckdb", "cost")
    assert str(caught.value).startswith(f"{tmp_path / 'store.duckdb'}: the store cannot be opened")
    assert "\n" not in str(caught.value)


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
