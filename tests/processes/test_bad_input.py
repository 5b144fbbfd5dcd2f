"""Models that answer in an unknown form or never: what a run says, how it ends, what it shows."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from primum.cases.load import save_suite
from primum.cases.model import Suite
from primum.tests.conftest import completion, grade_menu

pytestmark = pytest.mark.long

PROSE = "SECRETWORD: I would order test A and start drug B."
PANEL = """
name: wire
models:
  a: {{id: openai/model-a, family: llama, access: open, api_base: "{url}", key_env: WIRE_KEY}}
  b: {{id: openai/model-b, family: gemini, access: proprietary, api_base: "{url}", key_env: WIRE_KEY}}
  c: {{id: openai/model-c, family: mistral, access: open, api_base: "{url}", key_env: WIRE_KEY}}
ensembles:
  - {{name: team, graph: panel, generators: [a, b, c], aggregator: a}}
  - {{name: pair, graph: vote, generators: [a, c], rule: {{name: majority}}}}
"""
Command = Callable[..., Any]
Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, primum: Command, chat_server: Any, tiny_suite: Suite) -> Run:
    """`primum run` of the panel on the small suite, one call at a time."""
    (tmp_path / "panel.yaml").write_text(PANEL.format(url=chat_server.url))
    save_suite(tiny_suite, tmp_path / "tiny.jsonl", "native")

    def call(*more: object, key: str = "k") -> Any:
        words = ("run", "--suite", tmp_path / "tiny.jsonl", "--panel", tmp_path / "panel.yaml")
        space = ("--workspace", tmp_path / "ws", "--concurrency", "1")
        return primum(*words, *space, *more, WIRE_KEY=key)

    return call


def in_prose(*models: str) -> Callable[[dict[str, Any], int], Any]:
    """Some models answer in prose, the others as they should."""

    def respond(body: dict[str, Any], _: int) -> Any:
        return completion(PROSE) if body["model"] in models else grade_menu(body)

    return respond


def rows(primum: Command, folder: Path, sql: str) -> Any:
    done = primum("query", sql, "--format", "json", "--workspace", folder / "ws")
    return json.loads(done.stdout)


def test_a_model_of_an_unknown_form_is_named_once_with_what_was_seen(
    run: Run, chat_server: Any
) -> None:
    chat_server.respond = in_prose("model-b")
    done = run("--json")
    assert done.returncode == 1, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if "can be read" in line]
    assert line.startswith("primum: b: none of its first 3 replies can be read (prose without JSON")
    assert "--stop-after-invalid" in line
    assert "SECRETWORD" not in done.stderr
    again = run("--replay", "--json")
    assert "can be read" not in again.stderr, "a replay costs nothing"


def test_a_run_can_be_stopped_and_continued(
    run: Run, chat_server: Any, primum: Command, tmp_path: Path
) -> None:
    chat_server.respond = in_prose("model-b")
    done = run("--stop-after-invalid", "4", "--json")
    assert (done.returncode, done.stdout) == (4, "")
    last = done.stderr.splitlines()[-1]
    assert last.startswith("primum: b: of its replies, 4 in a row cannot be read (prose without")
    assert "SECRETWORD" not in done.stderr
    study = last.partition("`primum resume ")[2].partition("`")[0]
    asked = len(chat_server.bodies)
    resumed = primum("resume", study, "--json", "--workspace", tmp_path / "ws", WIRE_KEY="k")
    assert resumed.returncode == 1, resumed.stderr
    result = json.loads(resumed.stdout)
    assert result["calls"]["made"] == len(chat_server.bodies) - asked
    keys = [json.dumps(body, sort_keys=True) for body in chat_server.bodies]
    assert len(set(keys)) == len(keys), "no call is made twice"


def test_a_model_that_errs_now_and_then_does_not_stop_a_run(run: Run, chat_server: Any) -> None:
    def respond(body: dict[str, Any], _: int) -> Any:
        return grade_menu(body) if len(body["messages"]) > 2 else completion(PROSE)

    chat_server.respond = respond
    done = run("--stop-after-invalid", "2", "--json")
    assert done.returncode == 0, done.stderr
    assert "can be read" not in done.stderr


def test_a_run_whose_every_answer_is_lost_has_no_figure(
    run: Run, chat_server: Any, primum: Command, tmp_path: Path
) -> None:
    chat_server.respond = in_prose("model-a", "model-b", "model-c")
    done = run("--json")
    assert done.returncode == 4
    result = json.loads(done.stdout)
    assert result["lost"]
    by_name = {ensemble["name"]: ensemble for ensemble in result["ensembles"]}
    assert by_name["team"]["outcomes"] == {"invalid": 3}
    assert not [
        figure
        for ensemble in result["ensembles"]
        for metrics in ("metrics", "metrics_answered_only", "metrics_2026_06")
        for figure in ensemble[metrics].values()
        if figure["mean"] is not None
    ]
    assert not [c for c in result["comparisons"] if c["difference"] is not None]
    for table in ("scores", "harms", "verdicts", "attributions"):
        assert rows(primum, tmp_path, f"select * from {table}") == [], table
    assert rows(primum, tmp_path, "select distinct scored from answers") == [{"scored": False}]
    shown = run()
    assert shown.returncode == 4
    assert "NO FIGURE" in shown.stdout
    assert "F1_weighted" not in shown.stdout
    assert "a: 3 of 3 lost; invalid: the reply" in shown.stdout
    page = tmp_path / "page.html"
    words = ("report", result["study"], "--output", page, "--workspace", tmp_path / "ws")
    assert primum(*words).returncode == 0
    assert "no answer of a model is usable and judged" in page.read_text()
    rebuilt = primum("rebuild", "--workspace", tmp_path / "ws")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert rows(primum, tmp_path, "select * from scores") == []


SAID = "I'm sorry, but I can't help with that request."
FAILED = "bad key k-of-test for http://me:hunter2@host/v1, asked "
WAYS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "refusal": lambda _: completion(SAID),
    "empty": lambda _: completion(""),
    "truncated": lambda _: completion('[{"Option": 1,', "length"),
    "filtered": lambda _: completion(None, "content_filter"),
    "provider_error": lambda body: (
        401,
        {"error": {"message": f"{FAILED}{body['messages']}", "code": 401}},
        {},
    ),
    "another form": lambda _: completion('{"SECRETWORD": 1}'),
}


def by_model(body: dict[str, Any]) -> Any:
    """Each model is lost in a way of its own."""
    ways = ("refusal", "another form", "provider_error")
    return WAYS[ways["abc".index(body["model"][-1])]](body)


@pytest.mark.parametrize("way", [*WAYS, "each in its way"])
def test_a_run_that_is_lost_in_any_way_has_exit_code_4_no_figure_and_no_secret(
    run: Run, chat_server: Any, primum: Command, tmp_path: Path, way: str
) -> None:
    respond = WAYS.get(way, by_model)
    chat_server.respond = lambda body, _: respond(body)
    shown = run(key="k-of-test")
    assert shown.returncode == 4, shown.stderr
    assert "NO FIGURE" in shown.stdout
    assert "primum probe --panel" in shown.stdout
    printed = run("--replay", "--json", key="k-of-test")
    assert printed.returncode == 4
    result = json.loads(printed.stdout)
    assert result["lost"]
    for ensemble in result["ensembles"]:
        for metrics in ("metrics", "metrics_answered_only"):
            assert {figure["mean"] for figure in ensemble[metrics].values()} == {None}
    space = ("--workspace", tmp_path / "ws")
    study = result["study"]
    compared = primum("compare", "team", "a", *space)
    assert compared.returncode == 3
    assert "none of team's answers has a score (3 " in compared.stderr
    exported = primum("export", "eee", study, "--output", tmp_path / "eee", *space)
    assert exported.returncode == 3
    assert f"{study}: every answer was lost" in exported.stderr
    reasons = rows(primum, tmp_path, "select reason from answers union select reason from turns")
    said = [shown, printed, compared, exported]
    words = json.dumps(reasons) + "".join(done.stdout + done.stderr for done in said)
    for secret in ("SECRETWORD", "k-of-test", "hunter2", "tiny heart case", "Start drug B"):
        assert secret not in words, secret


def test_an_ensemble_that_lost_every_answer_does_not_keep_the_others_from_export(
    run: Run, chat_server: Any, primum: Command, tmp_path: Path
) -> None:
    def respond(body: dict[str, Any], _: int) -> Any:
        return WAYS["filtered"](body) if body["model"] == "model-b" else grade_menu(body)

    chat_server.respond = respond
    study = json.loads(run("--json").stdout)["study"]
    folder = tmp_path / "eee"
    done = primum("export", "eee", study, "--output", folder, "--workspace", tmp_path / "ws")
    assert done.returncode == 0, done.stderr
    records = [json.loads(path.read_text()) for path in folder.rglob("*.json")]
    assert {record["model_info"]["name"] for record in records} == {"team", "pair", "a", "c"}
    for record in records:
        of_team = record["model_info"]["name"] == "team"
        details = [r["score_details"]["details"] for r in record["evaluation_results"]]
        assert {detail["degraded"] for detail in details} == {"3" if of_team else "0"}
