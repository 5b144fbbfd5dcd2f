"""Two runs in one workspace, at once and one after the other."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from primum.agents.ledger.ledger import Ledger
from primum.agents.simulation.clinician import SimulatedModels
from primum.agents.studies.panels import load_panel
from primum.cases.load import load_suite, save_suite
from primum.cases.model import Suite
from primum.graphs.execution.study_builder import plan_study
from primum.tests.forked import Forks

pytestmark = pytest.mark.long

Command = Callable[..., Any]
ROWS = "select ensemble, item, trial, count(*) as n from {} group by all having n > {}"


@pytest.fixture
def suite(tmp_path: Path, tiny_suite: Suite) -> Path:
    path = tmp_path / "tiny.jsonl"
    save_suite(tiny_suite, path, "native")
    return path


def rows(primum: Command, ws: Path, sql: str) -> list[dict[str, Any]]:
    done = primum("query", sql, "--format", "json", "--workspace", ws)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_two_runs_at_once_store_each_answer_once(
    primum: Command, forks: Forks, suite: Path, tmp_path: Path
) -> None:
    ws = tmp_path / "ws"
    command = ["run", "--suite", str(suite), "--json", "--workspace", str(ws)]
    runs = [forks.start(command, dict(os.environ)) for _ in range(2)]
    results = [json.loads(run.communicate(timeout=120)[0]) for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert results[0]["ensembles"] == results[1]["ensembles"]
    for table, most in (("answers", 1), ("verdicts", 7)):
        assert rows(primum, ws, ROWS.format(table, most)) == []
    (count,) = rows(primum, ws, "select count(*) as n, count(distinct call) as d from calls")
    assert count["n"] == count["d"]


def test_a_rerun_that_is_stopped_loses_no_figure(
    primum: Command, suite: Path, tmp_path: Path
) -> None:
    ws = tmp_path / "ws"
    assert primum("run", "--suite", suite, "--workspace", ws).returncode == 0
    before = rows(primum, ws, "select * from summaries order by all")
    held = ws / "ledger.sqlite"
    held.rename(ws / "away.sqlite")
    held.mkdir()  # the second run cannot open its ledger, and stops
    assert primum("run", "--suite", suite, "--workspace", ws).returncode == 3
    assert rows(primum, ws, "select * from summaries order by all") == before
    assert rows(primum, ws, "select complete from studies") == [{"complete": True}]


def test_every_figure_says_that_it_is_simulated(
    primum: Command, suite: Path, tmp_path: Path
) -> None:
    ws = tmp_path / "ws"
    names = ("--ensemble", "control:key", "--against", "trio")
    assert primum("run", "--suite", suite, "--workspace", ws, *names).returncode == 0
    for table in ("summaries", "scores", "harms", "verdicts", "answers"):
        found = rows(primum, ws, f"select distinct ensemble, simulated from {table}")
        assert {row["ensemble"] for row in found if not row["simulated"]} <= {"control:key"}
        assert any(row["simulated"] for row in found)
    against = rows(primum, ws, "select distinct simulated from harm_reduction")
    assert against == [{"simulated": True}], "either side makes a comparison simulated"
    said = primum("query", "summaries", "--format", "csv", "--workspace", ws).stderr
    assert "SIMULATED" in said
    assert "INVENTED for tests" in said


def test_no_shipped_team_is_one_of_its_members(tmp_path: Path) -> None:
    """A team whose answers are a member's shows nothing about teams."""
    import asyncio

    from primum.agents.studies.clients import ModelClient
    from primum.graphs.execution.runner import Runner

    suite, simulated_models = load_suite("demo"), SimulatedModels()
    study = plan_study(suite, load_panel("simulated"), simulated_models.register(suite))
    answers: dict[str, dict[str, Any]] = {}

    async def run() -> None:
        ledger = Ledger(tmp_path / "ledger.sqlite")
        async for answer in Runner(study, ledger, ModelClient(simulated_models)).run(suite):
            answers.setdefault(answer.ensemble, {})[answer.item] = answer.recommended
        ledger.close()

    asyncio.run(run())
    for spec in study.ensembles:
        if spec.graph == "panel":
            assert all(answers[spec.name] != answers[member] for member in spec.members)
