"""Batches on their way into the store: what cannot be written waits, and nothing is lost unsaid."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from primum.agents.models.outcomes import Outcome
from primum.agents.studies.study import Study
from primum.agents.turns.transcript import Answer
from primum.cases.model import Suite
from primum.core.errors import DataError
from primum.evaluation.store.database import Store, StoreBusyError
from primum.evaluation.store.recorder import Recorder

HOLD = """
import duckdb, sys
with duckdb.connect(sys.argv[1], read_only=True):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def recorder(tmp_path: Path, study: Study, tiny_suite: Suite) -> Recorder:
    return Recorder(Store(tmp_path / "store.duckdb"), study, tiny_suite)


def answer(item: str) -> Answer:
    return Answer("ann", item, 1, Outcome.OK, "", (2,))


def test_what_a_busy_store_did_not_take_goes_with_the_next_batch(
    recorder: Recorder, tmp_path: Path
) -> None:
    path = tmp_path / "store.duckdb"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdin
        assert other.stdout.readline() == "held\n"
        for item in ("CardTiny1", "CardTiny1-0"):
            recorder.add(answer(item))
            with pytest.raises(StoreBusyError):
                recorder.flush(timeout=0.05)
        other.stdin.write("\n")
    recorder.add(answer("EndoTiny1"))
    result = recorder.finish()
    assert result.outcome_counts["ann"].outcomes == {Outcome.OK: 3}
    with duckdb.connect(path, read_only=True) as store:
        found = store.execute("select item from answers order by item").fetchall()
    assert found == [("CardTiny1",), ("CardTiny1-0",), ("EndoTiny1",)]


def test_a_store_that_was_replaced_meanwhile_is_not_called_complete(
    recorder: Recorder, study: Study, tmp_path: Path
) -> None:
    recorder.add(answer("CardTiny1"))
    recorder.flush()
    Store(tmp_path / "store.duckdb").delete(study.id)
    recorder.add(answer("EndoTiny1"))
    with pytest.raises(DataError, match=f"`primum resume {study.id}` fills it again"):
        recorder.finish()
