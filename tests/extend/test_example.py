"""The example extension, installed and used from the command line."""

import json
import subprocess
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]
ACTIONS = ("--extension", "primum_example.actions")
OWN = ("--ensemble", "audit", "--ensemble", "two")


def test_the_example_is_installed() -> None:
    found = {point.name: point.value for point in entry_points(group="primum")}
    assert found["example"] == "primum_example", "run `make .venv/dev.stamp`"


@pytest.fixture(scope="module")
def studies(mine: Command, folder: Path) -> dict[str, dict[str, Any]]:
    """What `run --json` printed: menus, plans, and menus with the metric."""
    space = ("--workspace", folder / "ws", "--json")
    ran = {
        "menu": mine("run", *OWN, *space),
        "plan": mine("run", *OWN, *space, "--protocol", "plan", "--matcher", "exact"),
        "metric": mine(*ACTIONS, "run", *OWN, *space),
        "plain": mine("run", "--ensemble", "pair", *space),
    }
    assert all(done.returncode == 0 for done in ran.values()), [d.stderr for d in ran.values()]
    return {name: json.loads(done.stdout) for name, done in ran.items()}


def manifest(folder: Path, study: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "ws" / "studies" / f"{study}.json").read_text())
    return found


def ask(primum: Command, folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    return primum(*words, "--workspace", folder / "ws")


def test_every_answer_is_there(studies: dict[str, dict[str, Any]]) -> None:
    for found in studies.values():
        assert {e["coverage"] for e in found["ensembles"]} == {1.0}


def test_manifests_name_what_they_rest_on(studies: dict[str, Any], folder: Path) -> None:
    named = {
        name: [use["name"] for use in manifest(folder, found["study"])["extensions"]]
        for name, found in studies.items()
    }
    assert named == {
        "menu": ["example"],
        "plan": ["example"],
        "metric": ["example", "example-actions"],
        "plain": [],
    }
    (use,) = manifest(folder, studies["menu"]["study"])["extensions"]
    assert (use["version"], use["module"]) == ("1.0", "primum_example")
    assert len(use["prompts"]) == 64


def test_the_metric_changes_no_other_figure(studies: dict[str, Any]) -> None:
    assert studies["metric"]["study"] != studies["menu"]["study"]
    pairs = zip(studies["menu"]["ensembles"], studies["metric"]["ensembles"], strict=True)
    for before, other in pairs:
        after = dict(other["metrics"])
        assert after.pop("Recommended")["mean"] > 0
        assert after == before["metrics"]


def test_the_metric_is_in_the_store_and_the_report(
    studies: dict[str, Any], primum: Command, folder: Path
) -> None:
    study = studies["metric"]["study"]
    sql = f"select distinct study from summaries where metric = 'Recommended' and study = '{study}'"
    done = ask(primum, folder, "query", sql)
    assert done.returncode == 0, done.stderr
    assert study in done.stdout
    page = folder / "metric.html"
    done = ask(primum, folder, *ACTIONS, "report", study, "--output", page)
    assert done.returncode == 0, done.stderr
    assert "Options recommended" in page.read_text()


@pytest.mark.parametrize("kind", ["menu", "plan"])
def test_report_compare_and_resume(
    kind: str, studies: dict[str, Any], primum: Command, folder: Path
) -> None:
    study, page = studies[kind]["study"], folder / f"{kind}.html"
    done = ask(primum, folder, "report", study, "--output", page)
    assert done.returncode == 0, done.stderr
    text = page.read_text()
    assert "audited" in text
    assert "two-steps" in text
    done = ask(primum, folder, "compare", "audit", "two", "--study", study, "--json")
    assert done.returncode == 0, done.stderr
    done = ask(primum, folder, "resume", study, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["study"] == study
    assert json.loads(done.stdout)["calls"]["made"] == 0


def test_no_metric_is_added_to_a_study_that_does_not_name_its_extension(
    studies: dict[str, Any], primum: Command, folder: Path
) -> None:
    study = studies["menu"]["study"]
    done = ask(primum, folder, *ACTIONS, "resume", study)
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"primum: {study}: it was started without the extension example-actions")
    done = ask(primum, folder, *ACTIONS, "rescore", study, "--weights", "1:1:1:1", "--json")
    assert done.returncode == 0, done.stderr
    found = manifest(folder, json.loads(done.stdout)["study"])
    assert [use["name"] for use in found["extensions"]] == ["example", "example-actions"]


def test_a_plan_scored_by_another_matcher_names_what_it_rests_on(
    primum: Command, folder: Path
) -> None:
    run = ("run", "--suite", folder / "tiny.jsonl", "--panel", folder / "panel.yaml")
    plans = ask(primum, folder, *run, "--ensemble", "pair", "--protocol", "plan", "--json")
    done = ask(
        *(primum, folder, "rescore", json.loads(plans.stdout)["study"]),
        *("--matcher", "exact", "--json"),
    )
    assert done.returncode == 0, done.stderr
    found = manifest(folder, json.loads(done.stdout)["study"])
    assert found["matcher"] == "exact/1"
    assert [use["name"] for use in found["extensions"]] == ["example"]


@pytest.mark.parametrize("protocol", ["menu", "plan"])
def test_dry_run_counts_the_calls_of_both_graphs(
    mine: Command, protocol: str, tmp_path: Path
) -> None:
    words = ("run", *OWN, "--protocol", protocol, "--dry-run", "--json", "--workspace", tmp_path)
    done = mine(*words)
    assert done.returncode == 0, done.stderr
    # Three items: a draft of each of the two models, an audit, an aggregation, a rewriting.
    assert json.loads(done.stdout)["calls"] == 15


@pytest.mark.parametrize(("name", "node"), [("audit", "auditor-1"), ("two", "rewrite")])
def test_graphs_are_drawn(primum: Command, folder: Path, name: str, node: str) -> None:
    done = primum("graph", name, "--panel", folder / "panel.yaml")
    assert done.returncode == 0, done.stderr
    assert f"{node}({node})" in done.stdout


def test_no_power_is_simulated_for_a_graph_that_nobody_knows(mine: Command) -> None:
    done = mine("power", "--ensemble", "two", "--against", "aspen", "--studies", "20")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "two: " in done.stderr


def test_power_of_a_graph_of_known_roles(mine: Command) -> None:
    words = ("--cases", "20", "--trials", "1", "--studies", "20", "--json")
    done = mine("power", "--ensemble", "audit", "--against", "aspen", *words)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["designs"]) == 1
