"""The store: rows in, rows replaced, and other real processes at the same file."""

import math
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from primum.agents.models.outcomes import Outcome
from primum.agents.studies.study import Study
from primum.agents.turns.transcript import Answer
from primum.cases.model import Suite
from primum.core.errors import DataError
from primum.evaluation.store.database import Store
from primum.evaluation.store.recorder import Recorder
from primum.evaluation.store.schema import batch_of
from primum.evaluation.store.tables.answer_tables import ScoredAnswers
from primum.evaluation.store.tables.table import Batch
from primum.tests.evaluation.by_hand import rows_of

READ = """
import duckdb, sys, time
with duckdb.connect(sys.argv[1], read_only=True) as store:
    print(store.execute("select count(*) from items").fetchall()[0][0], flush=True)
    time.sleep(float(sys.argv[2]))
"""
WRITE = """
import sys
from pathlib import Path
from primum.tests.evaluation.by_hand import rows_of
from primum.evaluation.store.database import Store
store = Store(Path(sys.argv[1]))
for n in range(8):
    store.write(sys.argv[2], {"items": rows_of("items", [(f"{n}", "b", "s", None, "?")])})
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data" / "store.duckdb")


def items(*ids: str) -> Batch:
    return {"items": rows_of("items", [(item, "base", "Other", None, "?") for item in ids])}


def rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(store.path, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def process(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)], stdout=subprocess.PIPE, text=True
    )


def test_what_is_written_is_there_in_a_file_for_its_owner_only(store: Store) -> None:
    store.write("s", items("a", "b"))
    assert rows(store, "select * from items order by item") == [
        ("s", "a", "base", "Other", None, "?"),
        ("s", "b", "base", "Other", None, "?"),
    ]
    assert store.path.stat().st_mode & 0o777 == 0o600
    assert store.path.parent.stat().st_mode & 0o777 == 0o700


def test_a_store_that_is_opened_again_keeps_its_rows(store: Store) -> None:
    store.write("s", items("a"))
    Store(store.path).write("s", items("b"))
    assert rows(store, "select item from items order by item") == [("a",), ("b",)]


def test_a_rewrite_replaces_the_rows_of_its_study_and_of_the_tables_it_names(store: Store) -> None:
    options = {"options": rows_of("options", [("base", 1, "x", "Other", 9, None, None, None)])}
    for study in ("one", "two"):
        store.write(study, {**items("old"), **options})
    store.write("one", items("new", "newer"), replace=["items"])
    assert rows(store, "select study, item from items order by all") == [
        ("one", "new"),
        ("one", "newer"),
        ("two", "old"),
    ]
    assert rows(store, "select study from options order by all") == [("one",), ("two",)]


@pytest.mark.parametrize("pack", [list, np.array])
def test_nan_becomes_null(pack: Any, store: Store) -> None:
    names = ["ensemble", "policy", "definition", "metric", "mean", "lo", "hi", "cases"]
    names.append("simulated")
    figures = [pack([0.5, math.nan]), pack([math.nan, 0.25]), pack([1.0, 2.0]), pack([3, 0])]
    figures.append([True, False])
    words = [np.array(["e", "f"], dtype=object)] * 4
    store.write("s", {"summaries": dict(zip(names, [*words, *figures], strict=True))})
    assert rows(store, "select mean, lo, hi, cases from summaries order by ensemble") == [
        (0.5, None, 1.0, 3),
        (None, 0.25, 2.0, 0),
    ]


def test_a_batch_is_written_whole_or_not_at_all(store: Store) -> None:
    store.write("s", items("old"))
    bad = {
        "options": rows_of("options", [("base", "no number", "x", "Other", 9, None, None, None)])
    }
    with pytest.raises(DataError, match="no number"):
        store.write("s", {**items("new"), **bad}, replace=["items"])
    assert rows(store, "select item from items") == [("old",)]
    store.write("s", items("next"))
    assert rows(store, "select count(*) from items") == [(2,)]


def test_answers_without_a_score_are_stored_too(store: Store, study: Study) -> None:
    lost = Answer("a", "CardTiny1", 1, Outcome.TIMEOUT, "too slow", None)
    store.write("s", batch_of(ScoredAnswers(study, [lost])))
    found = rows(store, "select outcome, reason, scored, options from answers")
    assert found == [("timeout", "too slow", False, None)]
    assert rows(store, "select count(*) from scores") == [(0,)]


def test_the_same_study_run_again_fills_the_store_once(
    store: Store, study: Study, tiny_suite: Suite
) -> None:
    counts = "select (select count(*) from items), (select count(*) from scores), (select count(*) from summaries), (select count(*) from studies)"
    found = []
    for _ in range(2):
        recorder = Recorder(store, study, tiny_suite)
        recorder.add(Answer("ann", "CardTiny1", 1, Outcome.OK, "", (2,)))
        recorder.finish()
        found += rows(store, counts)
    assert found[0] == found[1]
    assert found[0][0] == 3
    assert rows(store, "select complete from studies") == [(True,)]


def test_another_process_reads_between_batches(store: Store) -> None:
    for number in range(1, 3):
        store.write("s", items(f"item-{number}"))
        assert process(READ, store.path, 0).communicate(timeout=30)[0] == f"{number}\n"


def test_a_writer_waits_for_a_reader_that_holds_the_file(store: Store) -> None:
    reader = process(READ, store.path, 1)
    assert reader.stdout
    assert reader.stdout.readline() == "0\n"
    started = time.monotonic()
    store.write("s", items("a"))
    assert time.monotonic() - started > 0.5
    assert reader.wait(30) == 0
    reader.stdout.close()
    assert rows(store, "select item from items") == [("a",)]


def test_two_processes_write_in_turns(store: Store) -> None:
    writers = [process(WRITE, store.path, name) for name in ("one", "two")]
    assert [writer.communicate(timeout=60)[0] for writer in writers] == ["", ""]
    assert [writer.returncode for writer in writers] == [0, 0]
    found = rows(store, "select study, count(*) from items group by all order by all")
    assert found == [("one", 8), ("two", 8)]


def test_a_place_that_cannot_be_written_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        Store(tmp_path / "file" / "store.duckdb")
    assert str(caught.value).startswith(f"{tmp_path / 'file'}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"no database\n", b"x" * 20_000, None])
def test_what_is_no_store_is_named_in_one_line_and_left_alone(
    content: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / "store.duckdb"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        Store(path)
    assert str(caught.value).startswith(f"{path}: the store cannot be opened: ")
    assert "\n" not in str(caught.value)
    assert content is None or path.read_bytes() == content


def test_a_store_of_another_version_is_refused_in_one_line_and_left_alone(store: Store) -> None:
    store.write("s", items("a"))
    with duckdb.connect(store.path) as connection:
        connection.execute("update store set schema_version = 0")
    before = store.path.read_bytes()
    with pytest.raises(DataError) as caught:
        Store(store.path)
    assert str(caught.value).startswith(f"{store.path}: a store of another version of Primum")
    assert "\n" not in str(caught.value)
    assert store.path.read_bytes() == before
