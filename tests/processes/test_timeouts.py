"""A model's and a seat's time for a call, at a real server that takes its time."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from primum.cases.load import save_suite
from primum.cases.model import Suite
from primum.tests.conftest import ChatServer, clean_environment

pytestmark = pytest.mark.long

PANEL = """
name: slow
models:
  hasty: {{id: openai/hasty, family: llama, access: open, api_base: "{url}", timeout: 0.2}}
  calm: {{id: openai/calm, family: gemini, access: open, api_base: "{url}"}}
ensembles:
  - {{name: team, graph: panel, generators: [hasty, calm], critics: [{{model: calm, timeout: 0.1}}],
      aggregator: {{model: hasty, timeout: 60}}}}
"""
Primum = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def words(tmp_path: Path, chat_server: ChatServer, tiny_suite: Suite) -> list[object]:
    """The arguments of a command on the panel of models in a hurry."""
    (tmp_path / "slow.yaml").write_text(PANEL.format(url=chat_server.url))
    save_suite(tiny_suite, tmp_path / "tiny.jsonl", "native")
    files = ("--panel", tmp_path / "slow.yaml", "--suite", tmp_path / "tiny.jsonl")
    return [*files, "--workspace", tmp_path / "data", "--json"]


def test_a_seats_timeout_takes_precedence_over_its_models(
    words: list[object], chat_server: ChatServer, primum: Primum, tmp_path: Path
) -> None:
    chat_server.seconds = 0.7
    done = primum("run", *words)
    assert done.returncode == 1, "too many failures of the model in a hurry"
    found = {each["name"]: each["outcomes"] for each in json.loads(done.stdout)["ensembles"]}
    tasks = 3
    assert found["team"]["ok"] == tasks, "its aggregator waits, and its members need not all answer"
    assert found["hasty"]["timeout"] == tasks
    assert found["calm"]["ok"] == tasks
    asked = "select distinct reason from turns where outcome = 'timeout' order by reason"
    shown = primum("query", asked, "--workspace", tmp_path / "data", "--format", "csv").stdout
    assert "the timeout is 0.1 s (a field of models and seats)" in shown
    assert "the timeout is 0.2 s" in shown


def test_a_dry_run_is_bound_by_timeouts(words: list[object], primum: Primum) -> None:
    found = json.loads(primum("run", *words, "--dry-run", "--concurrency", "1").stdout)
    calls = 3
    assert found["seconds_at_timeouts"] == pytest.approx(calls * (0.2 + 600 + 2 * 0.1 + 60))
    assert found["seconds"] == pytest.approx([calls * (x + 0.3) for x in (4, 40)], rel=0.2)


def test_a_model_that_takes_150_seconds_is_measured(
    tmp_path: Path, chat_server: ChatServer, tiny_suite: Suite
) -> None:
    """By either client, one call each, at the same time."""
    chat_server.seconds = 150
    models = {
        client: {
            "id": f"openai/{client}",
            "family": family,
            "access": "open",
            "api_base": chat_server.url,
            "client": client,
            "timeout": 300,
        }
        for client, family in (("litellm", "llama"), ("openai-compatible", "gemini"))
    }
    ensembles = [{"name": f"by-{c}", "graph": "solo", "generators": [c]} for c in models]
    panel = {"name": "patient", "models": models, "ensembles": ensembles}
    (tmp_path / "patient.yaml").write_text(json.dumps(panel))
    save_suite(tiny_suite, tmp_path / "tiny.jsonl", "native")
    files = ["--panel", str(tmp_path / "patient.yaml"), "--suite", str(tmp_path / "tiny.jsonl")]
    part = ["--case", "CardTiny1", "--variants", "none", "--workspace", str(tmp_path / "data")]
    done = subprocess.run(
        [sys.executable, "-m", "primum.cli", "run", *files, *part, "--json"],
        capture_output=True,
        text=True,
        check=True,
        timeout=290,
        env=clean_environment(),
    )
    found = {each["name"]: each for each in json.loads(done.stdout)["ensembles"]}
    for each in (found[f"by-{client}"] for client in models):
        assert each["outcomes"] == {"ok": 1}
        assert each["metrics"]["F1_weighted"]["mean"] > 0.99
    assert len(chat_server.bodies) == len(models), "no call is made twice"
