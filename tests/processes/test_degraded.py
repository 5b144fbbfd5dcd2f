"""Teams of which one agent never answers: what they give is never shown as the whole team's."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from primum.cases.load import save_suite
from primum.cases.model import Suite
from primum.tests.conftest import completion, grade_menu

PANEL = """
name: wire
models:
  a: {{id: openai/model-a, family: llama, access: open, api_base: "{url}"}}
  b: {{id: openai/model-b, family: gemini, access: proprietary, api_base: "{url}", timeout: 0.2}}
  c: {{id: openai/model-c, family: mistral, access: open, api_base: "{url}"}}
ensembles:
  - {{name: drafted, graph: panel, generators: [a, b, c], aggregator: a}}
  - {{name: criticised, graph: panel, generators: [a, c], critics: [b], aggregator: a}}
  - {{name: chain, graph: relay, generators: [a], guardians: [b, c]}}
  - {{name: voted, graph: vote, generators: [a, b, c], rule: {{name: majority}}}}
  - {{name: argued, graph: debate, generators: [a, b, c], rounds: 2, rule: {{name: majority}}}}
  - {{name: whole, graph: panel, generators: [a, c], aggregator: a}}
  - {{name: concluded, graph: panel, generators: [a, c], aggregator: b}}
  - {{name: guarded, graph: relay, generators: [a], guardians: [c, b]}}
"""
DEGRADED = {"drafted", "criticised", "chain", "voted", "argued"}
UNANSWERED = {"concluded", "guarded"}  # b is the one who gives the answer
MARK = "some agent gave no usable reply; their figures are not those of the whole team"


def refused(_: dict[str, Any]) -> Any:
    return 401, {"error": {"message": "no", "code": 401}}, {}


def invalid(_: dict[str, Any]) -> Any:
    return completion("I would order test A.")


class Bench:
    """A workspace, a panel on the small suite in which b never answers, and the command."""

    def __init__(self, folder: Path, primum: Callable[..., Any], suite: Suite, server: Any) -> None:
        self.folder, self._primum = folder, primum
        self.panel, self.suite = folder / "panel.yaml", folder / "tiny.jsonl"
        self.panel.write_text(PANEL.format(url=server.url))
        save_suite(suite, self.suite, "native")

    def __call__(self, *words: object) -> Any:
        return self._primum(*words, "--workspace", self.folder / "ws")

    def run(self, *more: object, command: str = "run") -> Any:
        done = self(command, "--suite", self.suite, "--panel", self.panel, *more)
        assert done.returncode == 1, done.stderr
        return done

    def rows(self, sql: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self("query", sql, "--format", "json").stdout)
        return found


def never(way: str, server: Any) -> None:
    """Let the model b fail in one way at every call."""
    failing = {"401": refused, "invalid": invalid}.get(way)

    def respond(body: dict[str, Any], _: int) -> Any:
        return failing(body) if failing and body["model"] == "model-b" else grade_menu(body)

    server.respond = respond
    if way == "timeout":
        server.slow, server.seconds = "model-b", 2.0


@pytest.fixture
def bench(tmp_path: Path, primum: Callable[..., Any], tiny_suite: Suite, chat_server: Any) -> Bench:
    return Bench(tmp_path, primum, tiny_suite, chat_server)


@pytest.mark.parametrize("way", ["401", "timeout", "invalid"])
def test_run_store_and_json_mark_them(bench: Bench, chat_server: Any, way: str) -> None:
    never(way, chat_server)
    result = json.loads(bench.run("--json").stdout)
    counts = {e["name"]: (e["degraded"], e["coverage"]) for e in result["ensembles"]}
    assert {name for name, (n, _) in counts.items() if n} == DEGRADED
    assert {counts[name] for name in DEGRADED} == {(3, 1.0)}
    assert {counts[name] for name in UNANSWERED} == {(0, 0.0)}
    assert counts["whole"] == (0, 1.0)
    assert any(caution.endswith(MARK) for caution in result["cautions"])
    for c in result["comparisons"]:
        assert (c["degraded"] == 3) == (c["ensemble"] in DEGRADED)
        assert c["other_degraded"] == 0
    shown = bench.run().stdout.splitlines()
    for name in DEGRADED:
        (row,) = [line for line in shown if line.startswith(f"{name} ") and "%" in line]
        assert row.rstrip().endswith("3 of 3")
        assert any(line.startswith(f"{name} (degraded)") for line in shown), "with differences"
        (note,) = [line for line in shown if line.startswith(f"{name}: 3 of 3 answers degraded")]
        assert {"401": "provider error", "timeout": "timeout", "invalid": "invalid"}[way] in note
    assert not [line for line in shown if line.startswith("whole") and "degraded" in line]
    for view in ("leaderboard", "harm_reduction", "frontier", "robustness"):
        rows = bench.rows(f"select ensemble from {view} where degraded > 0")
        assert {row["ensemble"] for row in rows} == DEGRADED, view
    rows = bench.rows("select distinct ensemble from severe_errors where degraded > 0")
    assert {row["ensemble"] for row in rows} <= DEGRADED
    said = bench("query", "select 1 as one").stderr
    assert "DEGRADED: answers of argued of tiny-" in said
    assert MARK in said


def test_report_comparison_and_exports_mark_them(bench: Bench, chat_server: Any) -> None:
    never("401", chat_server)
    study = json.loads(bench.run("--json").stdout)["study"]
    assert bench("report", study, "--output", bench.folder / "page.html").returncode == 0
    page = (bench.folder / "page.html").read_text()
    assert page.count("degraded: 3 of 3 answers") == len(DEGRADED)
    assert "<strong>DEGRADED</strong> answers of " in page
    assert " (degraded), highest F1" in page or "whole, highest F1" in page
    compared = bench("compare", "drafted", "whole").stdout
    assert f"DEGRADED: answers of drafted (3 of 3): {MARK}" in compared
    assert "drafted (degraded) against whole, on tiny" in compared
    assert "drafted: 3 of 3 usable answers were degraded" in compared
    printed = json.loads(bench("compare", "whole", "drafted", "--json").stdout)
    assert [side["degraded"] for side in printed["sides"]] == [0, 3]
    assert any(line.startswith("DEGRADED: answers of drafted") for line in printed["notice"])
    assert "DEGRADED" not in bench("compare", "whole", "a").stdout
    for kind, names in {"csv": (), "parquet": (), "eee": (), "answers": (), "judged": ()}.items():
        target = bench.folder / kind
        done = bench("export", kind, study, "--output", target, *names)
        assert done.returncode == 0, done.stderr
        assert f"{MARK}\n" in done.stderr, kind
    judged = (bench.folder / "judged" / "drafted.jsonl").read_text().splitlines()
    assert {json.loads(line)["metrics"]["degraded"] for line in judged} == {1}
    assert "degraded" not in (bench.folder / "judged" / "whole.jsonl").read_text()
    alone = bench("export", "judged", study, "--ensemble", "whole")
    assert "DEGRADED" not in alone.stderr


def test_an_ablation_says_that_its_tables_count_them(bench: Bench, chat_server: Any) -> None:
    never("401", chat_server)
    words = ("--roles", "generator,aggregator", "--up-to", 2, "--aggregator", "a")
    contrast = ("--contrast", "panel.a+b.by-a:panel.a+c.by-a")
    shown = bench.run(*words, *contrast, command="ablate").stdout
    assert "DEGRADED: what follows counts degraded answers as their teams'" in shown
    assert shown.index("DEGRADED: what follows") < shown.index("Contrasts registered")
    after = shown[shown.index("Contrasts registered") :]
    assert "panel.a+b.by-a (degraded)  panel.a+c.by-a " in after


def test_exported_plans_stay_marked_when_they_are_imported(bench: Bench, chat_server: Any) -> None:
    def respond(body: dict[str, Any], _: int) -> Any:
        return refused(body) if body["model"] == "model-b" else completion("1. Order test A")

    chat_server.respond = respond
    study = json.loads(bench.run("--protocol", "plan", "--json").stdout)["study"]
    plans = bench.folder / "plans"
    assert bench("export", "answers", study, "--output", plans).returncode == 0
    for name, said in (("drafted", True), ("whole", False)):
        file = plans / f"{name}.jsonl"
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        assert [line.get("usage") for line in lines] == [{"degraded": 1} if said else None] * 3
        done = bench("import", "answers", file, "--suite", bench.suite)
        assert done.returncode == 0, done.stderr
        assert ("3 answers marked as degraded" in done.stderr) == said


def test_advice_for_one_case_says_who_did_not_answer(bench: Bench, chat_server: Any) -> None:
    def respond(body: dict[str, Any], _: int) -> Any:
        return refused(body) if body["model"] == "model-b" else completion("1. Order test A")

    chat_server.respond = respond
    case = bench.folder / "case.txt"
    case.write_text("A 60-year-old with chest pain for an hour. What now?")
    for name, words in (
        ("drafted", "generator-2 (b): provider_error"),
        ("criticised", "critic-1 (b): provider_error"),
        ("chain", "guardian-1 (b): provider_error"),
    ):
        given = ("recommend", case, "--panel", bench.panel, "--ensemble", name)
        shown = bench._primum(*given).stdout
        assert shown.splitlines()[0].endswith(" (degraded)")
        assert f"Without a usable reply: {words}. The plan is not the whole team's." in shown
        assert json.loads(bench._primum(*given, "--json").stdout)["degraded"]
    whole = bench._primum("recommend", case, "--panel", bench.panel, "--ensemble", "whole").stdout
    assert "degraded" not in whole
