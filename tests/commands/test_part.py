"""Parts of a suite through the real command and a real server: what is asked, paid and said."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from primum.tests.conftest import grade_menu

pytestmark = pytest.mark.long

PANEL = """
name: two
models:
  a: {{id: openai/model-a, family: llama, access: open, api_base: "{url}"}}
  b: {{id: openai/model-b, family: gemini, access: open, api_base: "{url}"}}
ensembles:
  - {{name: team, graph: panel, generators: [a, b], aggregator: a}}
"""
CALLS = 3  # of one item: two generators, whose drafts are solos too, and the aggregator
WHOLE = 35 * CALLS


class Bench:
    """A workspace, a panel on the demo suite, and the command."""

    def __init__(self, folder: Path, primum: Callable[..., Any], server: Any) -> None:
        self.folder, self.primum, self.server = folder, primum, server
        self.panel, self.workspace = folder / "panel.yaml", folder / "ws"
        self.panel.write_text(PANEL.format(url=server.url))

    def __call__(self, *words: object) -> Any:
        return self.primum(*words, "--workspace", self.workspace)

    def run(self, *more: object, command: str = "run") -> dict[str, Any]:
        """The printed object of a run, with the number of requests that it made."""
        before = len(self.server.bodies)
        done = self(command, "--panel", self.panel, "--json", *more)
        assert done.returncode == 0, done.stderr
        made = len(self.server.bodies) - before
        printed: dict[str, Any] = json.loads(done.stdout)
        return {**printed, "requests": made}


@pytest.fixture
def bench(tmp_path: Path, primum: Callable[..., Any], chat_server: Any) -> Bench:
    return Bench(tmp_path, primum, chat_server)


def size(printed: dict[str, Any]) -> tuple[int, int]:
    """The numbers of cases and variants."""
    return len(printed["part"]["cases"]), len(printed["part"]["variants"])


def test_a_part_is_paid_once_and_the_whole_pays_for_the_rest(bench: Bench) -> None:
    three = bench.run("--limit", 3, "--variants", "none")
    assert three["requests"] == 3 * CALLS
    six = bench.run("--limit", 6, "--variants", 1)
    assert {*three["part"]["cases"]} < {*six["part"]["cases"]}
    assert six["requests"] == (sum(size(six)) - 3) * CALLS
    whole = bench.run()
    assert whole["part"] is None
    assert whole["requests"] == WHOLE - three["requests"] - six["requests"]
    assert whole["calls"]["from_ledger"] > 0
    parts = [three, six, whole]
    assert len({p["study"] for p in parts}) == 3
    for printed in (bench.run("--limit", 3, "--variants", "none"), bench.run("--limit", 20)):
        assert printed["requests"] == 0
        assert printed["study"] in {three["study"], whole["study"]}
    again = bench("resume", three["study"], "--json")
    assert json.loads(again.stdout)["part"] == three["part"]
    assert len({json.dumps(body, sort_keys=True) for body in bench.server.bodies}) == WHOLE


def test_after_the_whole_a_part_costs_nothing_and_its_figures_are_those_of_its_items(
    bench: Bench,
) -> None:
    assert bench.run()["requests"] == WHOLE
    part = bench.run("--case", "CardDemo1", "--case", "EndoDemo2", "--variants", "none")
    assert (part["requests"], size(part)) == (0, (2, 0))
    sql = f"""select item, definition, metric, value, count(distinct study) as studies from scores
              where ensemble = 'team' and item in {tuple(part["part"]["cases"])} group by all"""
    rows = json.loads(bench("query", sql, "--format", "json").stdout)
    assert rows
    assert {row["studies"] for row in rows} == {2}, "the same value in both"


def test_an_ablation_of_a_part_shares_its_calls_with_runs(bench: Bench) -> None:
    words = ("--roles", "generator,aggregator", "--up-to", 2, "--aggregator", "a")
    two = bench.run("--limit", 2, "--variants", "none", *words, command="ablate")
    assert size(two) == (2, 0)
    run = bench.run("--limit", 2, "--variants", "none")
    assert run["requests"] == 0
    assert run["part"] == two["part"]
    assert bench.run("--limit", 4, "--variants", "none")["requests"] == 2 * CALLS
    four = bench.run("--limit", 4, "--variants", "none", *words, command="ablate")
    assert four["requests"] == two["requests"] - 2 * CALLS


def test_a_part_that_was_stopped_is_continued_as_that_part(bench: Bench) -> None:
    def fails_after_four(body: dict[str, Any], number: int) -> Any:
        return grade_menu(body) if number <= 4 else (200, {"choices": []}, {})

    bench.server.respond = fails_after_four
    words = ("run", "--panel", bench.panel, "--limit", 3, "--variants", "none", "--json")
    stopped = json.loads(bench(*words).stdout)
    asked = len(bench.server.bodies)
    bench.server.respond = lambda body, _: grade_menu(body)
    done = bench("resume", stopped["study"], "--retry-failed", "--json")
    assert done.returncode == 0, done.stderr
    resumed = json.loads(done.stdout)
    assert resumed["part"] == stopped["part"]
    assert {e["coverage"] for e in resumed["ensembles"]} == {1.0}
    assert len(bench.server.bodies) - asked == 3 * CALLS - 4


def test_every_place_that_shows_figures_says_of_how_many_cases(bench: Bench) -> None:
    size_words = "6 of 20 cases, 1 of 15 variants"
    words = ("--panel", bench.panel, "--limit", 6, "--variants", 1)
    shown = bench("run", *words)
    assert f"demo, {size_words}" in shown.stdout
    study = shown.stdout.partition("study ")[2].partition(":")[0]
    report = bench.folder / "report.html"
    assert bench("report", "--output", report).returncode == 0
    page = report.read_text("utf-8")
    assert f"of the suite demo ({size_words})" in page
    assert f"{size_words}. Means over base cases" in page
    assert "<strong>PARTIAL</strong>" in page
    for command in (
        ("compare", "team", "a"),
        ("compare", "team", "a", "--json"),
        ("watch", study),
        ("run", *words, "--dry-run"),
        ("run", *words, "--dry-run", "--json"),
        ("export", "csv", study),
        ("rescore", study, "--weights", "1:1:1:1"),
        ("query", "leaderboard"),
        ("query", "harm_reduction", "--format", "csv"),
        ("query", "severe_errors", "--format", "json"),
        ("query", "frontier"),
        ("query", "robustness"),
        ("query", "failures"),
    ):
        done = bench(*command)
        assert done.returncode == 0, done.stderr
        assert size_words in done.stdout, command
    assert f"{study} ({size_words})" in bench("query", "select 1 as one").stderr
    for kind in ("answers", "judged", "parquet", "eee"):
        done = bench("export", kind, study, "--output", bench.folder / kind)
        assert f"PARTIAL: {size_words}" in done.stderr, kind
    records = [json.loads(f.read_text()) for f in (bench.folder / "eee").rglob("*.json")]
    assert size_words in json.dumps(records)


def test_a_judge_is_checked_on_a_part(bench: Bench) -> None:
    answers, reference = bench.folder / "answers.jsonl", bench.folder / "reference.csv"
    ids = ("CardDemo1", "CardDemo1-0", "EndoDemo2")
    lines = [{"id": i, "trial": 1, "response": "1. Order an ECG now."} for i in ids]
    answers.write_text("".join(json.dumps(line) + "\n" for line in lines))
    rows = [f"{i},1,{option},none" for i in ids for option in (1, 2)]
    reference.write_text("\n".join(["id,trial,option,verdict", *rows]) + "\n")
    words = ("judge", "check", "--reference", reference, "--answers", answers, "--json")
    given = ("--matcher", "lexical")
    whole = json.loads(bench(*words, *given).stdout)
    assert (whole["n"], whole["part"]) == (6, None)
    done = bench(*words, *given, "--case", "CardDemo1", "--variants", "none")
    part = json.loads(done.stdout)
    assert (part["n"], part["missing"]) == (2, 0)
    assert part["part"]["size"] == "1 of 20 cases, 0 of 15 variants"
    assert "PARTIAL: 1 of 20 cases" in done.stderr
    nothing = bench(*words, *given, "--case", "DermDemo1")
    assert nothing.returncode == 3
    assert "no verdict in common" in nothing.stderr
    other = bench("judge", "check", "--study", "demo", "--limit", 2)
    assert other.returncode == 2
    assert "only --study" in other.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--limit", 0), "--limit 0: give a number of cases, 1 or more"),
        (("--limit", -1), "--limit -1: give a number of cases, 1 or more"),
        (("--limit", 1, "--case", "CardDemo1"), "--limit draws cases and --case names them"),
        (("--case", "carddemo1-9"), "similar ids: CardDemo1-"),
        (("--case", "CARDDEMO1"), "similar ids: CardDemo1"),
        (("--case", "zzzz"), "--case zzzz: no case or variant of demo has this id\n"),
        (("--case", ""), "the id is empty"),
        (("--variants", "some"), "--variants some: give none, all or a number of variants"),
        (("--variants", -1), "--variants -1: give none, all or a number of variants"),
    ],
)
@pytest.mark.parametrize("command", ["run", "ablate"])
def test_a_choice_that_cannot_be_is_said(
    bench: Bench, command: str, words: tuple[object, ...], said: str
) -> None:
    done = bench(command, "--dry-run", *words)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("limit", [20, 21, 10**30])
def test_a_limit_of_all_cases_or_more_is_the_whole_suite(bench: Bench, limit: int) -> None:
    done = bench("run", "--panel", bench.panel, "--dry-run", "--json", "--limit", limit)
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert (printed["part"], printed["to_make"]) == (None, WHOLE)
    assert (f"--limit {limit}: demo has 20 cases, and all are used" in done.stderr) == (limit > 20)
