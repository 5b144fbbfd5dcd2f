"""`replies: schema | text | auto` through the real command and a real server."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from primum.cases.load import save_suite
from primum.cases.model import Suite
from primum.tests.conftest import completion
from primum.tests.structured import binding, filled, ignoring, rejecting, schema_of

pytestmark = pytest.mark.long

PANEL = """
name: bound
models:
  a: {{id: openai/model-a, family: llama, access: open, api_base: "{url}", replies: {replies}}}
  b: {{id: openai/model-b, family: gemini, access: open, api_base: "{url}", replies: {replies}}}
ensembles:
  - {{name: team, graph: panel, generators: [a, b], critics: [b], aggregator: a}}
"""
# Calls of three items; two drafts that are the same, as bound ones are here, have one critique.
TEXT, BOUND = 15, 12


class Bench:
    """A workspace with a suite and a panel, and the command."""

    def __init__(self, folder: Path, primum: Callable[..., Any], server: Any, suite: Suite) -> None:
        self.folder, self.primum, self.server = folder, primum, server
        save_suite(suite, folder / "suite.jsonl", "native")

    def __call__(self, *arguments: object) -> Any:
        return self.primum(*arguments, "--workspace", self.folder / "ws")

    def run(self, replies: str, *more: str) -> Any:
        panel = self.folder / "panel.yaml"
        panel.write_text(PANEL.format(url=self.server.url, replies=replies))
        suite = self.folder / "suite.jsonl"
        return self("run", "--json", "--suite", suite, "--panel", panel, *more)

    def query(self, sql: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(self("query", sql, "--format", "json").stdout)
        return rows

    @property
    def bound(self) -> list[bool]:
        """Of each request, whether it had a schema."""
        return [schema_of(body) is not None for body in self.server.bodies]


@pytest.fixture
def bench(tmp_path: Path, primum: Callable[..., Any], chat_server: Any, tiny_suite: Suite) -> Bench:
    return Bench(tmp_path, primum, chat_server, tiny_suite)


def figures(done: Any) -> Any:
    assert done.returncode in {0, 1}, done.stderr
    printed = json.loads(done.stdout)
    return {key: printed[key] for key in printed if key not in {"calls", "id"}}


@pytest.mark.parametrize("replies", ["schema", "auto"])
def test_replies_are_bound_where_the_endpoint_binds(bench: Bench, replies: str) -> None:
    bench.server.respond = binding
    done = bench.run(replies)
    assert done.returncode == 0, done.stderr
    assert all(bench.bound)
    assert len(bench.server.bodies) == BOUND
    names = {body["response_format"]["json_schema"]["name"] for body in bench.server.bodies}
    assert names == {"grades", "objections"}
    rows = bench.query("select distinct outcome, replied_as from turns")
    assert rows == [{"outcome": "ok", "replied_as": "schema"}]
    said = json.loads(done.stdout)["bound_replies"]
    assert [(row["model"], row["settings"]) for row in said] == [("a", [replies]), ("b", [replies])]
    assert sum(row["schema"] for row in said) == BOUND


def test_the_run_and_the_report_say_how_replies_came(bench: Bench) -> None:
    bench.server.respond = binding
    bench.run("auto")
    panel, suite = bench.folder / "panel.yaml", bench.folder / "suite.jsonl"
    printed = " ".join(bench("run", "--suite", suite, "--panel", panel).stdout.split())
    assert "Replies of a, b: bound to a schema (auto)" in printed
    assert "those of the published runs were not" in printed
    report = bench.folder / "report.html"
    assert bench("report", "--output", report).returncode == 0
    page = report.read_text("utf-8")
    assert "<td>bound to a schema (auto)</td>" in page
    assert "to compare with these, write `replies: text`" in page


def test_what_came_as_text_is_said_where_a_schema_was_wanted_only(bench: Bench) -> None:
    bench.server.respond = rejecting()
    panel, suite = bench.folder / "panel.yaml", bench.folder / "suite.jsonl"
    for replies, said in (("auto", True), ("text", False)):
        bench.run(replies)
        printed = bench("run", "--suite", suite, "--panel", panel).stdout
        assert ("Replies of a, b: as text (auto)" in printed) == said
        assert "published" not in printed


def test_text_sends_no_schema(bench: Bench) -> None:
    bench.server.respond = binding
    assert bench.run("text").returncode == 0
    assert not any(bench.bound)


@pytest.mark.parametrize("status", [400, 422])
def test_auto_asks_an_endpoint_once_and_goes_on_in_text(bench: Bench, status: int) -> None:
    bench.server.respond = rejecting(status, "no such thing")
    done = bench.run("auto")
    assert done.returncode == 0, done.stderr
    asked = [body["model"] for body in bench.server.bodies if schema_of(body)]
    assert sorted(asked) == ["model-a", "model-b"]
    assert bench.bound.count(False) == TEXT
    rows = bench.query("select distinct outcome, replied_as from turns")
    assert rows == [{"outcome": "ok", "replied_as": "text"}]


@pytest.mark.parametrize("server", ["binding", "rejecting"])
def test_a_finished_run_is_found_again_without_the_server(bench: Bench, server: str) -> None:
    bench.server.respond = binding if server == "binding" else rejecting()
    first = bench.run("auto")
    asked = len(bench.server.bodies)
    study = bench.query("select distinct study from answers")[0]["study"]
    bench.server.respond = lambda *_: (500, {"error": {"message": "off"}}, {})
    for again in (
        bench.run("auto"),
        bench.run("auto", "--replay"),
        bench("resume", study, "--json"),
        bench("rescore", study, "--json"),
    ):
        assert figures(again) == figures(first)
    assert bench("rebuild").returncode == 0
    assert len(bench.server.bodies) == asked


def test_a_run_that_is_continued_does_not_ask_the_endpoint_again(bench: Bench) -> None:
    refuse = rejecting()

    def fails_later(body: dict[str, Any], number: int) -> Any:
        return refuse(body, number) if number < 8 else (400, {"error": {"message": "no"}}, {})

    bench.server.respond = fails_later
    stopped = bench.run("auto", "--concurrency", "1")
    assert stopped.returncode == 1, stopped.stderr
    assert bench.bound.count(True) == 2
    bench.server.respond = binding
    resumed = bench("resume", json.loads(stopped.stdout)["study"], "--retry-failed", "--json")
    assert resumed.returncode == 0, resumed.stderr
    assert bench.bound.count(True) == 2, "one for each model, all in all"
    said = json.loads(resumed.stdout)["bound_replies"]
    assert [{*row} for row in said] == [{"model", "judging", "settings", "text"}] * 2


def test_many_calls_in_flight_ask_an_endpoint_once(bench: Bench) -> None:
    bench.server.respond, bench.server.seconds = rejecting(), 0.05
    done = bench.run("auto", "--concurrency", "64", "--trials", "8")
    assert done.returncode == 0, done.stderr
    assert bench.server.peak > 2
    assert bench.bound.count(True) == 2
    assert bench.bound.count(False) == 8 * TEXT


def test_what_was_answered_in_text_stays_so_when_the_endpoint_learns_to_bind(bench: Bench) -> None:
    bench.server.respond = rejecting()
    first = bench.run("auto")
    bench.server.respond = binding
    assert bench.run("schema", "--retry-failed").returncode == 0
    asked = len(bench.server.bodies)
    assert figures(bench.run("auto", "--replay")) == figures(first)
    assert len(bench.server.bodies) == asked


def test_replies_in_text_from_another_study_do_not_keep_an_endpoint_from_binding(
    bench: Bench,
) -> None:
    bench.server.respond = binding
    bench.run("text")
    bench.run("auto")
    assert bench.bound.count(True) == BOUND


def test_auto_and_schema_share_their_calls(bench: Bench) -> None:
    bench.server.respond = binding
    bench.run("auto")
    bench.run("schema")
    assert len(bench.server.bodies) == BOUND


def test_schema_where_it_is_rejected_fails_and_says_what_to_change(bench: Bench) -> None:
    bench.server.respond = rejecting()
    done = bench.run("schema")
    assert all(bench.bound)
    assert done.returncode != 0
    (reason,) = {
        row["reason"] for row in bench.query("select reason from turns where role = 'generator'")
    }
    assert reason.startswith("the endpoint rejects the schema of replies; write `replies: auto`")
    assert "\n" not in reason


def test_a_server_that_ignores_the_schema_is_read_as_text(bench: Bench) -> None:
    bench.server.respond = ignoring
    done = bench.run("schema")
    assert done.returncode == 0, done.stderr
    rows = bench.query("select distinct outcome, replied_as from turns")
    assert rows == [{"outcome": "ok", "replied_as": "schema ignored"}]


def test_a_dry_run_counts_what_a_run_in_text_has_left(bench: Bench) -> None:
    bench.server.respond = rejecting()
    bench.run("auto")
    done = bench.run("auto", "--dry-run")
    printed = json.loads(done.stdout)
    assert (printed["calls"], printed["to_make"]) == (TEXT, 0)


JUDGES = """
name: strict
models:
  oak: {{id: openai/oak, family: gpt, access: open, api_base: "{url}", replies: {replies}}}
judges:
  - {{matcher: oak, reviewer: oak}}
"""


@pytest.mark.parametrize("server", ["binding", "rejecting", "ignoring"])
def test_judges_are_bound_where_they_can_be(bench: Bench, server: str) -> None:
    def respond(body: dict[str, Any], number: int) -> Any:
        role = body["messages"][0]["content"].partition("\n")[0]
        if role not in {"Role: matcher", "Role: reviewer"}:
            return completion("1. Order test A")
        if server == "binding":
            return completion(json.dumps(filled(schema_of(body) or {})).replace("full", "none"))
        if server == "rejecting" and schema_of(body):
            return rejecting()(body, number)
        if role == "Role: reviewer":
            return completion('{"overrides": []}')
        options = re.findall(r"^(\d+): ", body["messages"][1]["content"], re.MULTILINE)
        rows = [{"option": int(n), "verdict": "none", "evidence": ""} for n in options]
        return completion(json.dumps({"actions": [], "options": rows}))

    bench.server.respond = respond
    judges = bench.folder / "judges.yaml"
    judges.write_text(JUDGES.format(url=bench.server.url, replies="auto"))
    done = bench.run("text", "--protocol", "plan", "--matcher", str(judges))
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert {e["judged"] for e in printed["ensembles"] if e["graph"] != "control"} == {1.0}
    kind = {"binding": "schema", "rejecting": "text", "ignoring": "schema ignored"}[server]
    (judging,) = [row for row in printed["bound_replies"] if row["judging"]]
    # A reviewer who changes nothing writes the same with a schema and without.
    alike = {"schema"} if server == "ignoring" else set()
    assert set(judging) == {"model", "judging", "settings", kind} | alike
    asked = [schema_of(b) is not None for b in bench.server.bodies if b["model"] == "oak"]
    assert asked.count(True) == (1 if server == "rejecting" else len(asked))


def test_on_a_cluster_too_an_endpoint_is_asked_once(bench: Bench) -> None:
    pytest.importorskip("ray")
    bench.server.respond = rejecting()
    done = bench.run("auto", "--executor", "ray", "--workers", "2")
    assert done.returncode == 0, done.stderr
    assert bench.bound.count(True) == 2
    assert figures(bench.run("auto", "--replay")) == figures(done)


def test_plans_are_never_bound(bench: Bench) -> None:
    bench.server.respond = lambda *_: completion("1. Order test A")
    bench.run("schema", "--protocol", "plan")
    assert bench.server.bodies
    assert not any(bench.bound)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("replies: json", "replies"),
        ("params: {{response_format: {{type: json_object}}}}", "write `replies: schema` or `auto`"),
    ],
)
def test_a_setting_that_is_none_is_one_line(bench: Bench, line: str, words: str) -> None:
    panel = PANEL.replace("replies: {replies}", line, 1).format(
        url="http://127.0.0.1:1", replies="text"
    )
    (bench.folder / "bad.yaml").write_text(panel)
    done = bench(
        "run", "--suite", bench.folder / "suite.jsonl", "--panel", bench.folder / "bad.yaml"
    )
    assert done.returncode == 3
    assert "bad.yaml:4: models.a" in done.stderr
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
