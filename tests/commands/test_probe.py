"""`primum probe` against a real server: what is asked, shown, told, and kept."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from primum.tests.conftest import ChatServer, Response, completion, grade_menu

SECRET = "sk-secret-of-the-probe-test"
PANEL = """
name: probed
models:
  good: {{id: openai/good, family: llama, access: open, api_base: "{url}", price: {{input_per_million: 100, output_per_million: 1000}}}}
  cut: {{id: openai/cut, family: qwen, access: open, api_base: "{url}", params: {{max_tokens: 50}}}}
  keyed: {{id: openai/keyed, family: gpt, access: proprietary, api_base: "{url}", key_env: PROBE_KEY}}
ensembles:
  - {{name: team, graph: panel, generators: [good, cut], critics: [good], aggregator: good}}
  - {{name: chain, graph: relay, generators: [good], guardians: [keyed]}}
"""
JUDGES = """
name: court
models:
  reader: {{id: openai/reader, family: gemini, access: open, api_base: "{url}"}}
judges:
  - {{matcher: reader, reviewer: reader}}
"""
Command = Callable[..., Any]


def respond(body: dict[str, Any], _: int) -> Response:
    role = body["messages"][0]["content"].partition("\n")[0]
    if role == "Role: reviewer":
        return completion('{"overrides": []}')
    if role == "Role: matcher":
        return completion("I had rather not say.")
    if body["model"] == "cut":
        return completion('[{"Option": 1', "length")
    return grade_menu(body)


@pytest.fixture
def bench(
    primum: Command, chat_server: ChatServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Command:
    """The command on the panel and its judges, in a folder of its own."""
    chat_server.respond = respond
    monkeypatch.chdir(tmp_path)
    Path("panel.yaml").write_text(PANEL.format(url=chat_server.url))
    Path("judges.yaml").write_text(JUDGES.format(url=chat_server.url))

    def call(*more: object, **environment: str) -> Any:
        return primum("probe", "--panel", "panel.yaml", *more, **environment)

    return call


def rows(done: Any) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["model"], row["role"]): row for row in json.loads(done.stdout)}


def test_each_model_and_role_is_asked_and_read(bench: Command, chat_server: ChatServer) -> None:
    done = bench("--json", "--matcher", "judges.yaml")
    found = rows(done)
    assert {key: row["outcome"] for key, row in found.items()} == {
        ("good", "generator"): "ok",
        ("good", "critic"): "ok",
        ("good", "aggregator"): "ok",
        ("cut", "generator"): "truncated",
        ("keyed", "guardian"): None,
        ("keyed", "generator"): None,
        ("reader", "matcher"): "invalid",
        ("reader", "reviewer"): "ok",
    }
    good = found["good", "generator"]
    assert (good["input_tokens"], good["output_tokens"], good["calls"]) == (100, 50, 1)
    assert good["cost"] == pytest.approx(100 * 100e-6 + 50 * 1000e-6)
    assert good["returned_model"] == "served-model-1"
    assert "served-model-1 answered" in " ".join(good["advice"])
    assert "(now 50)" in " ".join(found["cut", "generator"]["advice"])
    assert found["cut", "generator"]["finish_reason"] == "length"
    assert "PROBE_KEY" in found["keyed", "guardian"]["advice"][0]
    assert found["reader", "matcher"]["calls"] == 2, "asked once more"
    assert not [body for body in chat_server.bodies if body["model"] == "keyed"]
    assert done.returncode == 4, "neither cut nor keyed gave anything"


def test_a_probe_keeps_nothing_and_asks_again(bench: Command, chat_server: ChatServer) -> None:
    there = {path.name for path in Path.cwd().iterdir()}
    bench()
    first = len(chat_server.bodies)
    bench()
    assert len(chat_server.bodies) == 2 * first > 0
    assert {path.name for path in Path.cwd().iterdir()} == there


def test_it_exits_with_0_where_every_model_is_of_use(bench: Command) -> None:
    text = Path("panel.yaml").read_text().replace("openai/cut", "openai/whole")
    Path("panel.yaml").write_text(text)
    done = bench("--show", PROBE_KEY=SECRET)
    assert done.returncode == 0, done.stdout
    assert '"GradeAI": "Appropriate"' in done.stdout
    assert SECRET not in done.stdout + done.stderr
    assert "cost: unknown for openai/keyed" in done.stderr.splitlines()[0], (
        "what it may cost comes first"
    )


def test_a_budget_stops_it(bench: Command, chat_server: ChatServer) -> None:
    price = "price: {input_per_million: 1, output_per_million: 1}"
    text = Path("panel.yaml").read_text().replace("params: {max_tokens: 50}", price)
    Path("panel.yaml").write_text(text.replace("key_env: PROBE_KEY", price))
    done = bench("--budget", "0.0001")
    assert done.returncode == 4
    assert "budget of $0.00" in done.stdout
    assert chat_server.bodies == []


def test_an_unknown_panel_is_one_line(primum: Command) -> None:
    done = primum("probe", "--panel", "nobody")
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1
