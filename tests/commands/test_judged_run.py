"""Plans judged through a real OpenAI-compatible server: what leaves, what it gives, what fails."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from primum.cases.load import save_suite
from primum.cases.model import Suite

pytestmark = pytest.mark.long

PANEL = """
name: wire
models:
  a: {{id: openai/model-a, family: llama, access: open, api_base: "{url}"}}
  b: {{id: openai/model-b, family: gemini, access: proprietary, api_base: "{url}"}}
ensembles:
  - {{name: team, graph: panel, generators: [a, b], critics: [b], aggregator: a}}
"""
JUDGES = """
name: three
models:
  oak: {{id: openai/judge-oak, family: gpt, access: proprietary, api_base: "{url}", replies: schema}}
  elm: {{id: openai/judge-elm, family: gemini, access: proprietary, api_base: "{url}", replies: auto}}
  fir: {{id: openai/judge-fir, family: claude, access: proprietary, api_base: "{url}"}}
judges:
"""
ONE = "  - {{matcher: oak, reviewer: elm}}\n"
THREE = ONE + "  - {{matcher: elm, reviewer: fir}}\n  - {{matcher: fir, reviewer: oak}}\n"
PLANS = {
    "model-a": "1. [today] Order test A. Why: it is due.\n2. Start drug B\n3. Take a walk",
    "model-b": "1. Order test A\n2. Start drug E",
}
Command = Callable[..., Any]
Judged = tuple["Bench", dict[str, Any], list[dict[str, Any]]]


def part(user: str, tag: str) -> str:
    return user.rsplit(f"<{tag}>\n", maxsplit=1)[-1].split(f"\n</{tag}>", maxsplit=1)[0]


def verdicts(user: str) -> dict[str, Any]:
    """A judge that matches an option where its text stands in the answer, word for word."""
    answer = part(user, "answer")
    options = re.findall(r"^(\d+): [^:]+: (.+)$", part(user, "options"), re.MULTILINE)
    found = {int(n): text for n, text in options if text in answer}
    return {
        "actions": [
            {"number": i, "action": text, "category": "Multiple", "matches": [n], "score": 5, "rationale": ""}
            for i, (n, text) in enumerate(found.items(), 1)
        ],
        "options": [
            {"option": int(n), "verdict": "full" if int(n) in found else "none", "evidence": found.get(int(n), "")}
            for n, _ in options
        ],
    }  # fmt: skip


def said(text: str, finish: str = "stop") -> tuple[int, dict[str, Any], dict[str, str]]:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "finish_reason": finish, "message": message}
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    head = {"id": "x", "object": "chat.completion", "created": 1, "model": "served"}
    return 200, {**head, "choices": [choice], "usage": usage}, {}


def answer(body: dict[str, Any], _: int) -> Any:
    """Models write their plans, critics and reviewers change nothing, matchers read."""
    system, user = (message["content"] for message in body["messages"][:2])
    role = system.splitlines()[0]
    if role == "Role: matcher":
        return said(json.dumps(verdicts(user)))
    if role == "Role: reviewer":
        return said('{"overrides": []}')
    return said("No change." if role == "Role: critic" else PLANS[body["model"]])


def role_of(body: dict[str, Any]) -> str:
    return str(body["messages"][0]["content"].splitlines()[0].removeprefix("Role: "))


class Bench:
    """A workspace with a suite, a panel and judges, and the command."""

    def __init__(self, folder: Path, primum: Command, server: Any, suite: Suite) -> None:
        self.folder, self.primum, self.server = folder, primum, server
        server.respond = answer
        (folder / "panel.yaml").write_text(PANEL.format(url=server.url))
        (folder / "one.yaml").write_text((JUDGES + ONE).format(url=server.url))
        (folder / "three.yaml").write_text((JUDGES + THREE).format(url=server.url))
        save_suite(suite, folder / "suite.jsonl", "native")

    def __call__(self, *arguments: object) -> Any:
        return self.primum(*arguments, "--workspace", self.folder / "ws")

    def run(self, judges: str = "one", *more: str) -> Any:
        folder = self.folder
        return self(
            *("run", "--protocol", "plan", "--json", "--matcher", folder / f"{judges}.yaml"),
            *("--suite", folder / "suite.jsonl", "--panel", folder / "panel.yaml", *more),
        )

    def query(self, sql: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(self("query", sql, "--format", "json").stdout)
        return rows


@pytest.fixture
def bench(tmp_path: Path, primum: Command, chat_server: Any, tiny_suite: Suite) -> Bench:
    return Bench(tmp_path, primum, chat_server, tiny_suite)


@pytest.fixture(scope="module")
def judged(
    tmp_path_factory: pytest.TempPathFactory, primum: Command, module_server: Any, tiny_suite: Suite
) -> Judged:
    """A run that went well: the bench, what it printed, and what was asked."""
    bench = Bench(tmp_path_factory.mktemp("judged"), primum, module_server, tiny_suite)
    done = bench.run()
    assert done.returncode == 0, done.stderr
    return bench, json.loads(done.stdout), list(module_server.bodies)


def test_plans_are_written_without_the_options_and_judged_without_the_scores(
    judged: Judged,
) -> None:
    by_role: dict[str, list[dict[str, Any]]] = {}
    for body in judged[2]:
        by_role.setdefault(role_of(body), []).append(body)
    assert {"generator", "critic", "aggregator", "matcher", "reviewer"} == set(by_role)
    for body in by_role["generator"]:
        said_to_it = json.dumps(body)
        assert "Start drug E" not in said_to_it
        assert "under 200 words" in said_to_it
        assert "response_format" not in body
    for body in (*by_role["matcher"], *by_role["reviewer"]):
        assert body["response_format"]["json_schema"]["strict"] is True
        assert not re.search(r"isHarmOfInaction|bestInGroup|B or C|: 9\b", json.dumps(body))
    # Three items; the aggregator sends what model-a drafts, so only two texts an item are judged.
    assert {role: len(bodies) for role, bodies in by_role.items()} == {
        "generator": 6,
        "critic": 6,
        "aggregator": 3,
        "matcher": 6,
        "reviewer": 6,
    }


def test_figures_are_those_of_the_verdicts_and_say_who_judged(judged: Judged) -> None:
    bench, found, _ = judged
    assert found["matcher"].startswith("judge:three/")
    assert (found["protocol"], found["form"], found["simulated"]) == ("plan", "concise", False)
    ensembles = {e["name"]: e for e in found["ensembles"]}
    for name in ("team", "a", "b"):
        assert (ensembles[name]["judged"], ensembles[name]["unjudged"]) == (1, 0)
    # b leaves out drug B or C (8) and starts drug E (2); its follow-up is inapplicable.
    assert ensembles["b"]["metrics"]["Severe_rate"]["mean"] == 0
    assert ensembles["b"]["metrics"]["Moderate_rate"]["mean"] == 1
    assert (ensembles["b"]["metrics"]["Omissions"]["mean"], ensembles["b"]["metrics"]["Commissions"]["mean"]) == (1, 1)  # fmt: skip
    # a leaves out the follow-up that depends on B, and walks off the rubric.
    assert ensembles["a"]["metrics"]["Moderate_rate"]["mean"] == 0
    assert ensembles["a"]["metrics"]["Offrubric_rate"]["mean"] == 0  # its judge lists no walk
    assert ensembles["b"]["own_family_judges"] == ["oak+elm"]
    assert ensembles["a"]["own_family_judges"] == []
    # The variant counts in Resilience and F1_floor: nothing flips.
    assert ensembles["a"]["metrics"]["Resilience"]["mean"] == 1
    rows = bench.query("select * from verdicts where ensemble = 'b' and verdict = 'full'")
    assert {(r["option_id"], r["evidence"]) for r in rows} == {
        (2, "Order test A"),
        (7, "Start drug E"),
    }
    (text,) = {r["text"] for r in bench.query("from answers where ensemble = 'a'")}
    assert text == PLANS["model-a"]


def test_what_no_judge_could_read_is_unjudged_and_not_scored(bench: Bench) -> None:
    def refuses_e(body: dict[str, Any], count: int) -> Any:
        user = body["messages"][1]["content"]
        if role_of(body) == "matcher" and "Start drug E" in part(user, "answer"):
            return said("", "content_filter")
        return answer(body, count)

    bench.server.respond = refuses_e
    done = bench.run()
    assert done.returncode == 1, "3 of 9 answers have no verdicts"
    found = {e["name"]: e for e in json.loads(done.stdout)["ensembles"]}
    b = found["b"]
    assert (b["coverage"], b["judged"], b["unjudged"]) == (1, 0, 3)
    assert b["metrics"]["F1_weighted"] == {"mean": None, "lo": None, "hi": None, "cases": 0}
    assert (found["a"]["judged"], found["a"]["metrics"]["F1_weighted"]["cases"]) == (1, 2)
    rows = bench.query("select outcome, scored, unjudged from answers where ensemble = 'b'")
    assert {(r["outcome"], r["scored"]) for r in rows} == {("ok", False)}
    assert all("judge oak+elm, match" in r["unjudged"] for r in rows)
    (board,) = bench.query(
        "select coverage, judged, f1_weighted from leaderboard where ensemble='b'"
    )
    assert board == {"coverage": 1, "judged": 0, "f1_weighted": None}
    assert bench.run("one", "--max-failed", "40").returncode == 0
    shown = bench.primum(
        *("run", "--protocol", "plan", "--matcher", bench.folder / "one.yaml"),
        *("--suite", bench.folder / "suite.jsonl", "--panel", bench.folder / "panel.yaml"),
        *("--workspace", bench.folder / "ws"),
    )
    assert "b: 3 of 3 answered, not judged, and not scored" in shown.stdout
    study, ws = json.loads(done.stdout)["study"], ("--workspace", bench.folder / "ws")
    lost = bench.primum("compare", "a", "b", "--study", study, *ws)
    assert lost.returncode == 3
    assert f"{study}: none of b's answers was judged" in lost.stderr
    assert f"`primum rescore {study} --matcher NAME`" in lost.stderr
    anew = bench("rescore", study, "--matcher", "lexical", "--json")
    found = bench.primum("compare", "a", "b", "--study", json.loads(anew.stdout)["study"], *ws)
    assert "2 cases, 3 items, 1 trial of each" in found.stdout
    assert "Differences are paired by case" in found.stdout
    assert "interval contains" not in found.stdout, "two cases have none"


def test_judges_that_all_fail_end_a_run_with_the_providers_exit_code(bench: Bench) -> None:
    def broken(body: dict[str, Any], count: int) -> Any:
        if role_of(body) == "matcher":
            return 400, {"error": {"message": "no such model", "code": 400}}, {}
        return answer(body, count)

    bench.server.respond = broken
    done = bench.run()
    assert done.returncode == 4
    assert not bench.query("select * from scores where ensemble in ('a', 'b', 'team')")


def test_scoring_again_asks_nobody(judged: Judged) -> None:
    bench, first, asked = judged
    again = json.loads(bench("rescore", first["study"], "--json").stdout)
    assert again["study"] == first["study"]
    assert again["ensembles"] == first["ensembles"]
    other = json.loads(bench("rescore", first["study"], "--matcher", "lexical", "--json").stdout)
    assert other["study"] != first["study"]
    assert other["matcher"].startswith("lexical/")
    assert len(bench.server.bodies) == len(asked)
    assert {r["matcher"][:7] for r in bench.query("select matcher from studies")} == {
        "judge:t",
        "lexical",
    }


def test_judge_check_holds_judges_against_reference_verdicts(bench: Bench) -> None:
    folder = bench.folder
    lines = [{"id": "CardTiny1", "trial": 1, "response": PLANS["model-a"]}, {"id": "EndoTiny1", "trial": 1, "response": PLANS["model-b"]}]  # fmt: skip
    (folder / "answers.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    right = {"CardTiny1": {2, 3}, "EndoTiny1": {2, 7}}
    rows = [f"{c},1,{n},{'full' if n in yes else 'none'}" for c, yes in right.items() for n in range(1, 8)]  # fmt: skip
    (folder / "right.csv").write_text("\n".join(["id,trial,option,verdict", *rows]) + "\n")
    arguments = (
        *("judge", "check", "--suite", folder / "suite.jsonl", "--json"),
        *("--answers", folder / "answers.jsonl", "--reference", folder / "right.csv"),
    )
    done = bench(*arguments, "--matcher", folder / "three.yaml")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["n"], found["positives"], found["kappa"], found["missing"]) == (14, 4, 1, 0)
    labels = {"oak+elm", "elm+fir", "fir+oak"}
    assert set(found["judges"]) == labels | {f"without {label}" for label in labels}

    def silent(body: dict[str, Any], count: int) -> Any:
        if role_of(body) == "matcher" and "Start drug E" in body["messages"][1]["content"]:
            return said("I would rather not.")
        return answer(body, count)

    bench.server.respond = silent
    (folder / "other.yaml").write_text(
        (JUDGES + ONE).format(url=bench.server.url).replace("oak", "ash")
    )
    done = bench(*arguments, "--matcher", folder / "other.yaml")
    assert done.returncode == 1
    assert "unjudged: CardTiny1, trial 1" in done.stderr or "unjudged: EndoTiny1" in done.stderr
    assert json.loads(done.stdout)["missing"] > 0


def test_a_judge_that_favours_its_own_family_is_shown(bench: Bench) -> None:
    def partial_to_gemini(body: dict[str, Any], count: int) -> Any:
        user = body["messages"][1]["content"]
        if role_of(body) == "matcher" and body["model"] == "judge-elm":
            sheet = verdicts(user)
            if "Start drug E" in part(user, "answer"):  # a plan of model-b, a gemini
                for option in sheet["options"]:
                    if option["option"] == 7:
                        option.update(verdict="none", evidence="")
                sheet["actions"] = [a for a in sheet["actions"] if a["matches"] != [7]]
            return said(json.dumps(sheet))
        return answer(body, count)

    bench.server.respond = partial_to_gemini
    study = json.loads(bench.run("three").stdout)["study"]
    done = bench("judge", "check", "--study", study, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    preferences = {row["judge"]: row for row in found["self_family"]}
    assert set(preferences["elm+fir"]["own"]) == {"b", "team"}
    assert preferences["elm+fir"]["difference"] > 0
    # fir is a claude's judge and oak a gpt's: of elm's, oak+elm alone has b as its own too.
    assert preferences["fir+oak"]["own"] == []
    assert preferences["fir+oak"]["difference"] is None
    ranked = {row["judges"]: row for row in found["leave_one_out"]}
    assert ranked["all"]["tau"] == 1
    assert "without elm+fir" in ranked
    assert bench("judge", "check", "--study", "none-such").returncode == 3
