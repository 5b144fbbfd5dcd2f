"""Thinking goes nowhere: not to another agent, not to a judge, and into no output."""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from primum.cases.load import save_suite
from primum.cases.model import Suite
from primum.tests.commands.test_judged_run import answer as plan_or_verdicts
from primum.tests.conftest import grade_menu

pytestmark = pytest.mark.long

MARKER = "MARKERTHOUGHT"
PLAN = f"1. Start drug E, {MARKER}\n2. Reassure, nothing more"
DRAFT = f'[{{"Option": 1, "GradeAI": "Appropriate", "Rationale": "{MARKER}"}}]'
THOUGHT = f"{MARKER}: first I would write\n```json\n{DRAFT}\n```\nor\n{PLAN}\nbut no."
PANEL = """
name: thinkers
models:
  a: {{id: openai/model-a, family: llama, access: open, api_base: "{url}", key_env: WIRE_KEY}}
  b: {{id: openai/model-b, family: gemini, access: proprietary, api_base: "{url}", key_env: WIRE_KEY}}
  c: {{id: openai/model-c, family: mistral, access: open, api_base: "{url}", key_env: WIRE_KEY}}
  d: {{id: openai/model-d, family: gpt, access: open, api_base: "{url}", key_env: WIRE_KEY}}
ensembles:
  - {{name: team, graph: panel, generators: [a, b, c, d], critics: [b], aggregator: a, authors: named}}
  - {{name: picks, graph: panel, generators: [c, d], aggregator: a, aggregation: select}}
  - {{name: chain, graph: relay, generators: [d], guardians: [a, c]}}
  - {{name: talk, graph: debate, generators: [a, b, d], rounds: 2, rule: {{name: majority}}}}
"""
JUDGES = """
name: two
models:
  oak: {{id: openai/model-a, family: gpt, access: proprietary, api_base: "{url}", key_env: WIRE_KEY}}
  elm: {{id: openai/model-d, family: gpt, access: proprietary, api_base: "{url}", key_env: WIRE_KEY}}
judges:
  - {{matcher: oak, reviewer: elm}}
"""
Command = Callable[..., Any]


def thinking(model: str, text: str) -> dict[str, Any]:
    """A message that thinks before a text, as different servers send it."""
    ways: dict[str, dict[str, Any]] = {
        "model-a": {"content": f"<think>{THOUGHT}</think>\n\n{text}", "reasoning_content": None},
        "model-b": {"content": text, "reasoning_content": THOUGHT},
        "model-c": {
            "content": [
                {"type": "thinking", "thinking": [{"type": "text", "text": THOUGHT}]},
                {"type": "text", "text": text},
            ]
        },
        "model-d": {
            "content": f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant"
            f"<|channel|>final<|message|>{text}"
        },
    }
    return {"role": "assistant", **ways[model]}


def think(body: dict[str, Any], number: int) -> Any:
    """A docile model that thinks; its first reply to a menu cannot be used, and is asked again."""
    system, user = (message["content"] for message in body["messages"][:2])
    model, judging = body["model"], "Role: matcher" in system or "Role: reviewer" in system
    chooses = "Role: selector" in system
    if "<menu>" in user and not chooses:
        status, reply, headers = grade_menu(body)
        if len(body["messages"]) == 2 and "Role: critic" not in system:
            reply["choices"][0]["message"]["content"] = "[]"
    else:
        named = {**body, "model": "model-a" if judging or model in "model-a model-c" else "model-b"}
        status, reply, headers = plan_or_verdicts(named, number)
    message = reply["choices"][0]["message"]
    text = '{"Draft": 1, "Rationale": "the best"}' if chooses else message["content"]
    reply["choices"][0]["message"] = thinking(model, text)
    reply["usage"]["completion_tokens_details"] = {"reasoning_tokens": 40}
    return status, reply, headers


@pytest.fixture
def folder(tmp_path: Path, chat_server: Any, tiny_suite: Suite) -> Path:
    chat_server.respond = think
    (tmp_path / "panel.yaml").write_text(PANEL.format(url=chat_server.url))
    (tmp_path / "judges.yaml").write_text(JUDGES.format(url=chat_server.url))
    save_suite(tiny_suite, tmp_path / "tiny.jsonl", "native")
    (tmp_path / "case.txt").write_text(tiny_suite.cases[0].case.presentation)
    return tmp_path


def embedded(page: str) -> str:
    """A page with its compressed parts."""
    found = [page]
    for part in re.findall(r">([A-Za-z0-9+/=]{40,})<", page):
        try:
            found.append(zlib.decompress(base64.b64decode(part), 31).decode())
        except (zlib.error, binascii.Error, UnicodeDecodeError):
            continue
    assert len(found) > 1
    return "\n".join(found)


def outputs(primum: Command, folder: Path, study: str) -> dict[str, str]:
    """Everything that can be printed or written of a study, by the command's name."""
    ws = ("--workspace", folder / "ws")
    found = {}
    for words in (
        ("rescore", study, "--weights", "1:1:1:1"),
        ("query", "from turns", "--format", "json"),
        ("query", "from answers", "--format", "json"),
        ("query", "from actions", "--format", "json"),
        ("watch", study),
        ("compare", "team", "chain", "--study", study),
        ("report", study, "--output", folder / "page.html"),
        ("export", "answers", study, "--ensemble", "team", "--output", folder / "answers.jsonl"),
        ("export", "csv", study, "--output", folder / "table.csv"),
        ("export", "parquet", study, "--output", folder / "parquet"),
        ("export", "eee", study, "--output", folder / "eee"),
    ):
        done = primum(*words, *ws)
        assert done.returncode in {0, 1}, (words, done.stderr)
        found[" ".join(map(str, words[:2]))] = done.stdout + done.stderr
    page = (folder / "page.html").read_text()
    return {**found, "page": embedded(page)}


@pytest.mark.parametrize("protocol", ["menu", "plan"])
def test_thinking_reaches_no_agent_no_judge_and_no_output(
    primum: Command, folder: Path, chat_server: Any, protocol: str
) -> None:
    judged = ("--matcher", folder / "judges.yaml") if protocol == "plan" else ()
    run = ("run", "--suite", folder / "tiny.jsonl", "--panel", folder / "panel.yaml", *judged)
    space = ("--protocol", protocol, "--workspace", folder / "ws")
    done = primum(*run, *space, "--json", WIRE_KEY="k")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert {e["coverage"] for e in result["ensembles"]} == {1.0}, result
    assert {e["judged"] for e in result["ensembles"]} == {1.0}
    shown = primum(*run, *space, WIRE_KEY="k")
    prompts = json.dumps(chat_server.bodies)
    assert "<draft" in prompts
    assert MARKER not in prompts, "no prompt holds the thinking of an earlier reply"
    everything = {"json": done.stdout + done.stderr, "text": shown.stdout + shown.stderr}
    everything |= outputs(primum, folder, result["study"])
    assert not [name for name, text in everything.items() if MARKER in text]
    for path in folder.rglob("*"):
        ledger = path.name.startswith("ledger")
        if path.is_file() and not ledger:
            assert MARKER.encode() not in path.read_bytes(), path
    agents = result["replies"]["by_model"]
    assert all(agents[name]["thinking_characters"] >= len(THOUGHT) for name in "abcd"), agents
    assert all(agents[name]["reasoning_tokens"] for name in "abcd")


def test_a_recommendation_is_without_thinking(
    primum: Command, folder: Path, chat_server: Any
) -> None:
    case, panel = folder / "case.txt", folder / "panel.yaml"
    for ensemble in ("team", "chain", "talk"):
        done = primum(
            *("recommend", case, "--panel", panel, "--ensemble", ensemble, "--json"), WIRE_KEY="k"
        )
        assert done.returncode == 0, done.stderr
        assert "Order test A" in done.stdout
        assert MARKER not in done.stdout + done.stderr
    assert MARKER not in json.dumps(chat_server.bodies)
