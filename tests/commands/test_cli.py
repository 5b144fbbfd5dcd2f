"""The command line: exit codes, one clear line, JSON that programs can use."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from primum.cases.load import save_suite
from primum.cases.model import Suite

Command = Callable[..., Any]


def one_line(done: Any, code: int, *words: str) -> None:
    assert done.returncode == code, done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    for word in words:
        assert word in lines[0], f"{word} not in: {lines[0]}"


def test_run_prints_one_json_object(primum: Command, tmp_path: Path, tiny_suite: Suite) -> None:
    suite = tmp_path / "tiny.jsonl"
    save_suite(tiny_suite, suite, "native")
    done = primum(
        "run",
        "--suite",
        suite,
        "--workspace",
        tmp_path / "ws",
        "--json",
        "--against",
        "control:nothing",
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["simulated"] is True
    assert any("SIMULATED" in line for line in result["notice"])
    assert "INVENTED for tests" in result["notice"]
    names = {ensemble["name"] for ensemble in result["ensembles"]}
    assert {"trio", "kin", "aspen-large", "control:nothing", "control:key"} <= names
    against = {(c["ensemble"], c["against"]) for c in result["comparisons"]}
    assert {
        ("trio", "best_member"),
        ("trio", "mean_member"),
        ("trio", "control:nothing"),
    } <= against
    view = primum("query", "leaderboard", "--format", "json", "--workspace", tmp_path / "ws")
    board = json.loads(view.stdout)
    assert {row["ensemble"] for row in board} == names
    for ensemble in result["ensembles"]:
        row = next(row for row in board if row["ensemble"] == ensemble["name"])
        assert row["f1_weighted"] == pytest.approx(ensemble["metrics"]["F1_weighted"]["mean"])
        assert row["severe_rate"] == pytest.approx(ensemble["metrics"]["Severe_rate"]["mean"])


def test_controls_alone_need_no_model(primum: Command, tmp_path: Path, mast_open: Path) -> None:
    """The figures of nothing, everything and key on the 20 published cases (FACTS, section 1)."""
    names = [
        part
        for name in ("nothing", "everything", "key")
        for part in ("--ensemble", f"control:{name}")
    ]
    started = time.monotonic()
    done = primum("run", "--suite", mast_open, *names, "--workspace", tmp_path / "ws", "--json")
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - started < 60
    result = json.loads(done.stdout)
    assert not result["simulated"]
    found = {e["name"]: e["metrics"] for e in result["ensembles"]}
    figures = {
        name: [
            round(m[k]["mean"], 3)
            for k in ("Severe_rate", "Moderate_rate", "Mild_rate", "F1_weighted")
        ]
        for name, m in found.items()
    }
    assert figures == {
        "control:nothing": [0.45, 0.9, 1.0, 0.0],
        "control:everything": [0.65, 1.0, 1.0, 0.405],
        "control:key": [0.0, 0.0, 0.0, 1.0],
    }
    assert found["control:everything"]["Recall_weighted"]["mean"] == 1


def test_bad_input_is_one_line(primum: Command, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"suite": {"name": "x"}}\n' + "\n" * 15 + '{"case": {"id": \n')
    one_line(primum("run", "--suite", broken), 3, "broken.jsonl:17", "broken JSON")
    panel = tmp_path / "panel.yaml"
    panel.write_text(
        "name: p\nmodels:\n  m: {id: openai/x, family: llama, access: open}\n"
        "ensembles:\n  - name: e\n    graph: solo\n    generators: [m]\n    moderators: [m]\n"
    )
    one_line(primum("run", "--panel", panel), 3, "panel.yaml:8", "moderators")
    one_line(
        primum("run", "--panel", "frontier"),
        3,
        "frontier.yaml:10",
        "key_env",
        "OPENAI_API_KEY",
        "no API key",
    )
    one_line(primum("run", "--ensemble", "nobody"), 2, "nobody", "trio")
    (tmp_path / "file").write_text("")
    unwritable = tmp_path / "file" / "ws"
    one_line(primum("run", "--workspace", unwritable), 3, str(unwritable))
    one_line(primum("query", "select 1", "--workspace", tmp_path / "none"), 3, "no store")
    one_line(primum("cases", "show", "Nobody1"), 3, "Nobody1")
    one_line(primum("cases", "check", tmp_path), 3, "the folder has no suite")


def test_nothing_is_half_written(primum: Command, tmp_path: Path) -> None:
    workspace = tmp_path / "ws"
    assert primum("run", "--panel", "frontier", "--workspace", workspace).returncode == 3
    assert not workspace.exists()


def test_import_and_export(primum: Command, tmp_path: Path) -> None:
    folder, native = tmp_path / "out", tmp_path / "back.jsonl"
    assert primum("cases", "export", folder).returncode == 0
    assert primum("cases", "import", folder, native).returncode == 0
    checked = primum("cases", "check", native)
    assert "20 cases, 15 variants" in checked.stdout
    one_line(primum("cases", "export", folder), 3, "exists already")
    shown = primum("cases", "show", "CardDemo1", "--json")
    assert json.loads(shown.stdout)["case"]["id"] == "CardDemo1"
    listed = primum("cases", "list")
    assert "SYNTHETIC" in listed.stdout
    assert listed.stdout.count("Demo") >= 20


def test_doctor_and_models(primum: Command, tmp_path: Path) -> None:
    well = primum("doctor", "--workspace", tmp_path, "--json")
    assert well.returncode == 0
    assert all(check["ok"] for check in json.loads(well.stdout))
    ill = primum("doctor", "--panel", "frontier", "--workspace", tmp_path, OPENAI_API_KEY="x")
    assert ill.returncode == 3
    assert "ANTHROPIC_API_KEY is not set" in ill.stdout
    assert "OPENAI_API_KEY is set" in ill.stdout
    listed = primum("models").stdout
    assert "gemini/gemini-2.5-pro" in listed
    assert "PERPLEXITYAI_API_KEY" in listed


@pytest.mark.parametrize("command", [["run"], ["doctor"], ["query", "cost"], ["ledger", "stats"]])
def test_a_workspace_that_can_be_no_folder(
    primum: Command, tmp_path: Path, command: list[str]
) -> None:
    (tmp_path / "file").touch()
    for workspace in (tmp_path / "file", tmp_path / "file" / "inner"):
        done = primum(*command, "--workspace", workspace)
        one_line(done, 3, str(workspace), f"{tmp_path / 'file'} is not a folder")
    one_line(
        primum(*command, "--workspace", "x" * 300), 3, "xxx: cannot be read: File name too long"
    )


@pytest.mark.parametrize("option", ["--panel", "--suite", "--matcher"])
def test_an_option_that_names_nothing(primum: Command, tmp_path: Path, option: str) -> None:
    done = primum("run", "--protocol", "plan", option, "", "--workspace", tmp_path / "ws")
    assert done.returncode == 2
    assert f"'{option}': the name is empty" in done.stderr
    assert not (tmp_path / "ws").exists()
