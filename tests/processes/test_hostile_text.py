"""Text that would work on a terminal, from wherever it can come: nothing of it gets there."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from primum.cases.load import save_suite
from primum.cases.model import Suite
from primum.tests.conftest import ChatServer, Response, completion, grade_menu
from primum.tests.payloads import BAD, PAYLOADS, harmless

pytestmark = pytest.mark.long

PANEL = """
name: wire
models:
  good: {{id: openai/good, family: llama, access: open, api_base: "{url}"}}
  bad: {{id: openai/bad, family: gemini, access: open, api_base: "{url}"}}
ensembles:
  - {{name: team, graph: panel, generators: [good], critics: [good], aggregator: good}}
  - {{name: broken, graph: panel, generators: [bad], aggregator: good}}
"""


def respond(body: dict[str, Any], _: int) -> Response:
    """Every word of it hostile: the model's name, its rationales, its errors."""
    if body["model"] == "bad":
        return 400, {"error": {"message": f"no: {BAD}", "type": BAD, "code": BAD}}, {}
    if body["messages"][0]["content"].startswith("Role: critic"):
        reply = completion("[]")
    else:
        _status, graded, _headers = grade_menu(body)
        rows = json.loads(graded["choices"][0]["message"]["content"])
        reply = completion(json.dumps([{**row, "Rationale": BAD} for row in rows]))
    reply[1]["model"] = f"served {BAD}"
    return reply


@pytest.fixture
def hostile_suite(tiny_suite: Suite, tmp_path: Path) -> Path:
    one = tiny_suite.cases[0]
    options = tuple(
        option.model_copy(update={"text": f"{option.text} {BAD}", "reason": BAD, "guideline": BAD})
        for option in one.options
    )
    letter = one.case.model_copy(update={"presentation": f"A letter. {BAD} What now?"})
    info = tiny_suite.info.model_copy(update={"notice": BAD, "licence": BAD, "citation": BAD})
    case = one.model_copy(update={"case": letter, "options": options})
    save_suite(Suite(info=info, cases=(case,)), tmp_path / "suite.jsonl", "native")
    return tmp_path / "suite.jsonl"


def test_no_hostile_word_reaches_a_terminal(
    primum: Callable[..., Any], chat_server: ChatServer, hostile_suite: Path, tmp_path: Path
) -> None:
    assert len(PAYLOADS) >= 20
    chat_server.respond = respond
    panel, ws = tmp_path / "panel.yaml", tmp_path / "ws"
    panel.write_text(PANEL.format(url=chat_server.url))

    def shown(*arguments: object, codes: tuple[int, ...] = (0,)) -> str:
        done = primum(*arguments, OPENAI_API_KEY="sk-test")
        assert done.returncode in codes, done.stderr
        harmless(done.stdout)
        harmless(done.stderr)
        return str(done.stdout)

    whole = ("--suite", hostile_suite, "--panel", panel, "--workspace", ws)
    board = shown("run", *whole, codes=(0, 1))
    assert "team" in board
    assert "no: " in board, "why the broken team gave nothing"
    sql = """select m.text, m.reason, c.returned_model, o.text as option, o.reason as why,
             k.presentation, s.notice, s.licence, s.citation
             from turns m, calls c, options o, items k, studies s limit 200"""
    for form in ("table", "json"):
        found = shown("query", sql, "--format", form, "--workspace", ws)
        for word in ("served", "Rationale", "no: ", "A letter.", "Order test A"):
            assert word in found
    assert "A letter." in shown("cases", "show", "CardTiny1", "--suite", hostile_suite)
    shown("query", f"select error('{BAD.replace(chr(0), '')}')", "--workspace", ws, codes=(3,))
    assert "team" in shown("watch", "tiny", "--workspace", ws)
