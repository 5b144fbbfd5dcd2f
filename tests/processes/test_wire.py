"""The same panel through a real OpenAI-compatible server: what leaves, what it costs, what it gives."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from primum.cases.load import load_suite, save_suite
from primum.cases.model import Suite

pytestmark = pytest.mark.long

SECRET = "sk-secret-of-the-wire-test"
PANEL = """
name: wire
models:
  a: {{id: openai/model-a, family: llama, access: open, api_base: "{url}", key_env: WIRE_KEY}}
  b: {{id: openai/model-b, family: gemini, access: proprietary, api_base: "{url}", key_env: WIRE_KEY}}
  c: {{id: openai/model-c, family: "other:mine", access: rag, api_base: "{url}", key_env: WIRE_KEY}}
ensembles:
  - {{name: team, graph: panel, generators: [a, b, c], critics: [b], aggregator: c}}
"""
Command = Callable[..., Any]


@pytest.fixture
def panel(tmp_path: Path, chat_server: Any) -> Path:
    path = tmp_path / "wire.yaml"
    path.write_text(PANEL.format(url=chat_server.url))
    return path


def run(primum: Command, panel: Path, suite: Path | str, *more: str, **environment: str) -> Any:
    workspace = panel.parent / "ws"
    return primum(
        *("run", "--suite", suite, "--panel", panel, "--workspace", workspace, "--json", *more),
        **{"WIRE_KEY": SECRET, **environment},
    )


def marked(suite: Suite) -> Suite:
    """A suite whose annotations carry words that no public part holds."""
    cases = tuple(
        case.model_copy(
            update={
                "case": case.case.model_copy(update={"recommendations": "LEAKPLAN"}),
                "options": tuple(
                    option.model_copy(
                        update={
                            "reason": "LEAKREASON",
                            "guideline": "LEAKGUIDE",
                            "abstraction": option.abstraction and "LEAKGROUP",
                        }
                    )
                    for option in case.options
                ),
            }
        )
        for case in suite.cases
    )
    return suite.model_copy(update={"cases": cases})


@pytest.fixture
def suite_file(tmp_path: Path, tiny_suite: Suite) -> Path:
    path = tmp_path / "tiny.jsonl"
    save_suite(marked(tiny_suite), path, "native")
    return path


def test_no_annotation_leaves(
    primum: Command, panel: Path, suite_file: Path, chat_server: Any, tiny_suite: Suite
) -> None:
    done = run(primum, panel, suite_file, LANGSMITH_TRACING="true", LANGSMITH_ENDPOINT=chat_server.url, LANGSMITH_API_KEY="x")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert set(chat_server.paths) == {"/v1/chat/completions"}, "nothing but completions is asked"
    letters = [item.presentation for item in tiny_suite.items()]
    options = [option.text for option in tiny_suite.cases[0].options]
    for body in chat_server.bodies:
        assert set(body) == {"model", "messages"}
        system, user = (message["content"] for message in body["messages"])
        assert sum(f"<case>\n{letter}\n</case>" in user for letter in letters) == 1
        menu = user.split("<menu>\n")[1].split("\n</menu>")[0].splitlines()
        assert [line.split(": ", 2)[2] for line in menu] == options
        text = json.dumps(body)
        assert "LEAK" not in text
        for word in ("score", "dependsOn", "depends_on", "bestInGroup", "isHarm", "alternative"):
            assert word not in text
        assert not any(f"Tiny{n}" in text for n in (1, 2)), "not even the case's id"
        assert not any(f"model-{m}" in system for m in "abc")


def test_prompts_do_not_depend_on_scores(
    primum: Command, panel: Path, suite_file: Path, chat_server: Any
) -> None:
    first = run(primum, panel, suite_file)
    before = sorted(json.dumps(body) for body in chat_server.bodies)
    flipped = load_suite(str(suite_file)).model_dump_json(by_alias=True)
    for option in (7, 8, 9, 5, 2, 1):
        flipped = flipped.replace(f'"score":{option},', f'"score":-{10 - option},')
    suite = Suite.model_validate_json(flipped.replace('"score":-', '"score":'))
    other = panel.parent / "other.jsonl"
    save_suite(suite, other, "native")
    again = run(primum, panel, other)
    assert json.loads(again.stdout)["calls"]["made"] == 0, "the same prompts: all on record"
    assert sorted(json.dumps(body) for body in chat_server.bodies) == before
    severe = [
        json.loads(d.stdout)["ensembles"][0]["metrics"]["F1_weighted"] for d in (first, again)
    ]
    assert severe[0] != severe[1]


def test_every_call_once(primum: Command, panel: Path, suite_file: Path, chat_server: Any) -> None:
    done = run(primum, panel, suite_file)
    result = json.loads(done.stdout)
    items = 3
    assert len(chat_server.bodies) == items * (3 + 3 + 1) == result["calls"]["made"]
    by_name = {ensemble["name"]: ensemble for ensemble in result["ensembles"]}
    assert by_name["team"]["calls"] == items * 7
    assert [by_name[m]["calls"] for m in "abc"] == [items] * 3
    assert by_name["team"]["cost"] is None, "no price is known for these"
    assert by_name["control:key"]["calls"] == 0
    assert not result["simulated"]
    again = run(primum, panel, suite_file)
    assert json.loads(again.stdout)["ensembles"] == result["ensembles"]
    assert len(chat_server.bodies) == items * 7


def test_the_key_is_nowhere(
    primum: Command, panel: Path, suite_file: Path, chat_server: Any
) -> None:
    unauthorised = {"error": {"message": f"bad key {SECRET}", "type": "x", "code": "y"}}
    chat_server.respond = lambda *_: (401, unauthorised, {})
    done = run(primum, panel, suite_file)
    assert done.returncode == 4, "nothing was answered, for a provider's reason"
    assert SECRET not in done.stdout + done.stderr
    for file in (path for path in (panel.parent / "ws").rglob("*") if path.is_file()):
        assert SECRET.encode() not in file.read_bytes()
    result = json.loads(done.stdout)
    team = result["ensembles"][0]
    assert team["coverage"] == 0
    assert team["metrics"]["Severe_rate"]["mean"] is None, "a failure is not a finding"


def test_unusable_replies_become_outcomes(
    primum: Command, panel: Path, suite_file: Path, chat_server: Any
) -> None:
    """Model b never gives JSON: one repair turn, then the panel goes on without its word."""
    docile = chat_server.respond

    def respond(body: dict[str, Any], n: int) -> Any:
        if body["model"] != "model-b":
            return docile(body, n)
        status, reply, headers = docile(body, n)
        reply["choices"][0]["message"]["content"] = "I think option 2 is right."
        return status, reply, headers

    chat_server.respond = respond
    done = run(primum, panel, suite_file)
    assert done.returncode == 1, "more failed than the threshold allows"
    by_name = {ensemble["name"]: ensemble for ensemble in json.loads(done.stdout)["ensembles"]}
    assert by_name["b"]["outcomes"] == {"invalid": 3}
    assert by_name["b"]["metrics"]["F1_weighted"]["mean"] == 0
    assert by_name["b"]["metrics_answered_only"]["F1_weighted"]["mean"] is None
    assert by_name["team"]["outcomes"] == {"ok": 3}
    assert by_name["team"]["degraded"] == 3
    repairs = [body for body in chat_server.bodies if len(body["messages"]) == 4]
    assert repairs
    assert all("the reply is not JSON" in body["messages"][3]["content"] for body in repairs)
    assert max(len(body["messages"]) for body in chat_server.bodies) == 4


def test_the_ledger_holds_what_was_asked(
    primum: Command, panel: Path, suite_file: Path, chat_server: Any
) -> None:
    run(primum, panel, suite_file)
    ledger = sqlite3.connect(panel.parent / "ws" / "ledger.sqlite")
    rows = [json.loads(row[0]) for row in ledger.execute("select request from calls")]
    ledger.close()

    def messages(records: list[Any]) -> list[str]:
        return sorted(json.dumps(record["messages"], sort_keys=True) for record in records)

    assert messages(rows) == messages(chat_server.bodies)
