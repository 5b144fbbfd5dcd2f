"""What a run would cost, what it may cost, and how it goes on: real processes, a real server."""

import json
import re
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from primum.agents.studies.archive import delete_study, find_study, save_study
from primum.cases.load import save_suite
from primum.cases.model import Suite
from primum.tests.conftest import clean_environment
from primum.tests.forked import Fork, Forks

pytestmark = pytest.mark.long

SECRET = "sk-secret-of-the-money-test"
PRICE = "price: {{input_per_million: 100, output_per_million: 1000}}"
PANEL = f"""
name: priced
models:
  a: {{{{id: openai/model-a, family: llama, access: open, api_base: "{{url}}", key_env: MONEY_KEY, params: {{{{max_tokens: 100}}}}, {PRICE}}}}}
  b: {{{{id: openai/model-b, family: gemini, access: open, api_base: "{{url}}", key_env: MONEY_KEY, params: {{{{max_tokens: 100}}}}, {PRICE}}}}}
ensembles:
  - {{{{name: team, graph: panel, generators: [a, b], critics: [b], aggregator: a}}}}
"""
TASKS, CALLS_A_TASK = 3, 5
CALLS = TASKS * CALLS_A_TASK
Command = Callable[..., Any]


class Bench:
    """A suite, panels with and without prices, workspaces, and the command."""

    def __init__(
        self, folder: Path, primum: Command, forks: Forks, server: Any, suite: Suite
    ) -> None:
        self.folder, self.primum, self.forks, self.server = folder, primum, forks, server
        text = PANEL.format(url=server.url)
        (folder / "priced.yaml").write_text(text)
        at = text.rindex(", price: {")
        (folder / "unpriced.yaml").write_text(
            text[:at] + text[at:].replace(text[at:].split("}")[0] + "}", "")
        )
        save_suite(suite, folder / "tiny.jsonl", "native")

    def arguments(self, *more: object, panel: str = "priced", ws: str = "ws") -> list[str]:
        folder = self.folder
        given = ("--panel", folder / f"{panel}.yaml", "--suite", folder / "tiny.jsonl")
        return [*map(str, ("run", *given, "--workspace", folder / ws, *more))]

    def run(self, *more: object, panel: str = "priced", ws: str = "ws") -> Any:
        return self.primum(*self.arguments(*more, panel=panel, ws=ws), MONEY_KEY=SECRET)

    def resume(self, *more: object) -> Any:
        return self.primum("resume", *more, "--workspace", self.folder / "ws", MONEY_KEY=SECRET)

    def start(self, *more: object) -> Fork:
        return self.forks.start(self.arguments(*more), clean_environment(MONEY_KEY=SECRET))

    def on_record(self, ws: str = "ws") -> int:
        ledger = sqlite3.connect(self.folder / ws / "ledger.sqlite")
        (number,) = ledger.execute("select count(*) from calls").fetchone()
        ledger.close()
        return int(number)

    def kept(self, ws: str = "ws") -> dict[str, object]:
        """Every file of a workspace; of the ledger its rows: opening it touches SQLite's header."""
        ledger = sqlite3.connect(self.folder / ws / "ledger.sqlite")
        rows = ledger.execute("select * from calls order by key").fetchall()
        ledger.close()
        files = (path for path in (self.folder / ws).rglob("*") if path.is_file())
        others = {p.name: p.read_bytes() for p in files if not p.name.startswith("ledger.sqlite")}
        return {**others, "rows": rows}


@pytest.fixture
def bench(
    tmp_path: Path, primum: Command, forks: Forks, chat_server: Any, tiny_suite: Suite
) -> Bench:
    return Bench(tmp_path, primum, forks, chat_server, tiny_suite)


class Ran(NamedTuple):
    """A plan run that was foreseen, made, and foreseen again."""

    bench: Bench
    before: dict[str, Any]
    asked_before: int
    there_before: bool
    done: Any
    result: dict[str, Any]


PLAN = ("--protocol", "plan", "--matcher", "lexical")


@pytest.fixture(scope="module")
def ran(
    tmp_path_factory: pytest.TempPathFactory,
    primum: Command,
    forks: Forks,
    module_server: Any,
    tiny_suite: Suite,
) -> Ran:
    bench = Bench(tmp_path_factory.mktemp("money"), primum, forks, module_server, tiny_suite)
    menus = module_server.respond

    def respond(body: dict[str, Any], n: int) -> Any:
        if "<menu>" in body["messages"][1]["content"]:
            return menus(body, n)
        status, reply, headers = menus({**body, "messages": [{"content": "Role: critic"}] * 2}, n)
        plan = f"1. Order test A\n2. Start drug B, says {body['model']}"
        reply["choices"][0]["message"]["content"] = plan
        return status, reply, headers

    module_server.respond = respond
    dry = bench.run(*PLAN, "--dry-run", "--json")
    assert dry.returncode == 0, dry.stderr
    asked, there = len(module_server.bodies), (bench.folder / "ws").exists()
    done = bench.run(*PLAN, "--json")
    assert done.returncode == 0, done.stderr
    return Ran(bench, json.loads(dry.stdout), asked, there, done, json.loads(done.stdout))


def one_line(done: Any) -> str:
    """What was said last on stderr, as a user's error."""
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stdout + done.stderr
    lines: list[str] = done.stderr.splitlines()
    assert lines
    assert all(line.startswith("primum: ") for line in lines), done.stderr
    return lines[-1]


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_a_dry_run_asks_nobody_and_foresees_every_call(ran: Ran) -> None:
    assert ran.asked_before == 0
    assert not ran.there_before, "not even a workspace is made"
    assert ran.before["to_make"] == ran.before["calls"] == ran.result["calls"]["made"] == CALLS
    assert ran.before["on_record"] == 0
    low, high = ran.before["cost"]
    spent = CALLS * (100 * 100 + 50 * 1000) / 1e6
    assert 0 < low <= high
    assert spent <= high
    assert ran.before["unpriced"] == []
    by_role: Counter[str] = Counter()
    for row in ran.before["by_model_and_role"]:
        by_role[row["role"]] += row["calls"]
    assert by_role == {"generator": 2 * TASKS, "critic": 2 * TASKS, "aggregator": TASKS}


def test_after_the_run_all_is_on_record(ran: Ran) -> None:
    asked, kept = len(ran.bench.server.bodies), ran.bench.kept()
    done = ran.bench.run(*PLAN, "--dry-run", "--json")
    found = json.loads(done.stdout)
    assert (found["on_record"], found["to_make"]) == (CALLS, 0)
    assert found["cost"] == [0, 0]
    assert found["seconds"] == [0, 0]
    assert found["prompt_tokens"] == 0
    assert len(ran.bench.server.bodies) == asked
    assert ran.bench.kept() == kept


def test_a_dry_run_of_menus_in_words(ran: Ran) -> None:
    asked, kept = len(ran.bench.server.bodies), ran.bench.kept()
    done = ran.bench.run("--dry-run")
    assert done.returncode == 0, done.stderr
    assert f"{CALLS} distinct calls: 0 in the ledger, {CALLS} to make" in done.stdout
    assert re.search(r"^cost: \$\d+\.\d\d to \$\d+\.\d\d", done.stdout, re.MULTILINE)
    assert re.search(r"^time: \d+ to \d+ s", done.stdout, re.MULTILINE)
    assert SECRET not in done.stdout + done.stderr
    assert len(ran.bench.server.bodies) == asked
    assert ran.bench.kept() == kept


def test_an_unknown_price_is_no_price(ran: Ran) -> None:
    done = ran.bench.run("--dry-run", "--json", panel="unpriced", ws="nowhere")
    found = json.loads(done.stdout)
    assert found["cost"] is None
    assert found["unpriced"] == ["openai/model-b"]
    asked = len(ran.bench.server.bodies)
    refused = ran.bench.run("--budget", "5", panel="unpriced", ws="refused")
    assert refused.returncode == 3
    said = one_line(refused)
    assert "b (openai/model-b)" in said
    assert "price: {input_per_million: ..., output_per_million: ...}" in said
    assert len(ran.bench.server.bodies) == asked


def test_progress_is_plain_lines(ran: Ran) -> None:
    said = one_line(ran.done)
    assert re.search(rf"primum: (\d+) of \1 answers, {CALLS} calls", said)
    assert "$0.90" in said
    assert "\x1b" not in ran.done.stderr
    assert "\r" not in ran.done.stderr


def test_a_replay_gives_the_same_and_asks_nobody(ran: Ran) -> None:
    asked = len(ran.bench.server.bodies)
    done = ran.bench.run(*PLAN, "--replay", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["calls"]["made"] == 0
    assert {**found, "calls": None} == {**ran.result, "calls": None}
    assert len(ran.bench.server.bodies) == asked


@pytest.mark.parametrize("ws", ["ws", "empty"])
def test_a_replay_of_what_is_not_there_fails(ran: Ran, ws: str) -> None:
    asked = len(ran.bench.server.bodies)
    done = ran.bench.run(*PLAN, "--replay", "--trials", "2", ws=ws)
    assert done.returncode == 3
    said = one_line(done)
    assert ("no ledger" if ws == "empty" else "not in the ledger") in said
    assert len(ran.bench.server.bodies) == asked


def test_a_replay_asks_nothing_again(ran: Ran) -> None:
    done = ran.bench.run("--replay", "--retry-failed")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_budget_stops_and_more_goes_on(bench: Bench) -> None:
    alone = ("--concurrency", "1", "--json", "--budget")
    nothing = bench.run(*alone, "0")
    assert nothing.returncode == 4
    assert not bench.server.bodies
    stopped = bench.run(*alone, "0.9")
    said = one_line(stopped)
    assert stopped.returncode == 4
    assert re.search(r"budget of \$0\.90: \$\d\.\d{4} is spent", said)
    asked = len(bench.server.bodies)
    assert 0 < asked < CALLS
    assert bench.on_record() == asked
    more = bench.run(*alone, "50")
    assert more.returncode == 0, more.stderr
    assert json.loads(more.stdout)["calls"]["made"] == CALLS - asked
    assert len(bench.server.bodies) == CALLS
    assert len({json.dumps(body, sort_keys=True) for body in bench.server.bodies}) == CALLS


def test_a_budget_is_a_number(bench: Bench) -> None:
    done = bench.run("--budget", "nan")
    assert done.returncode == 2
    assert not bench.server.bodies


def test_a_stopped_study_is_resumed(bench: Bench) -> None:
    bench.server.seconds = 0.3
    process = bench.start("--concurrency", "2", "--json")
    wait_for(lambda: len(bench.server.bodies) >= 5)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert SECRET not in said
    bench.server.seconds = 0.0
    before = bench.on_record()
    assert 0 < before < CALLS
    (study,) = [path.stem for path in (bench.folder / "ws" / "studies").glob("*.json")]
    resumed = bench.resume(study[:5], "--json")
    assert resumed.returncode == 0, resumed.stderr
    found = json.loads(resumed.stdout)
    assert found["calls"]["made"] == CALLS - before
    assert len(bench.server.bodies) == CALLS, "what was in flight was waited for"
    whole = json.loads(bench.run("--json", ws="whole").stdout)
    for ensemble in (*found["ensembles"], *whole["ensembles"]):
        ensemble.pop("seconds", None)
    assert found["ensembles"] == whole["ensembles"]
    assert found["comparisons"] == whole["comparisons"]
    again = json.loads(bench.resume(study, "--json").stdout)
    assert again["calls"]["made"] == 0


def test_an_unknown_study_is_not_resumed(ran: Ran) -> None:
    done = ran.bench.resume("nonesuch")
    assert done.returncode == 3
    assert "nonesuch: no such study" in one_line(done)


def test_a_budget_says_whose_replies_have_no_limit(bench: Bench) -> None:
    done = bench.run("--budget", "9")
    assert "max_tokens" not in done.stderr
    text = (bench.folder / "priced.yaml").read_text()
    (bench.folder / "free.yaml").write_text(text.replace("params: {max_tokens: 100}, ", "", 1))
    done = bench.run("--budget", "9", panel="free", ws="free")
    said = "budget: a without max_tokens; a reply is assumed to have 2,000 tokens, or as many as"
    assert said in done.stderr


@pytest.mark.parametrize("command", ["resume", "rescore"])
def test_a_study_asked_by_other_prompts_is_not_mixed_with_these(ran: Ran, command: str) -> None:
    workspace = ran.bench.folder / "ws"
    (manifest,) = (workspace / "studies").glob("*.json")
    study, suite = find_study(workspace, manifest.stem)
    other = study.model_copy(update={"prompts": "0" * 64})
    save_study(workspace, other, suite)
    done = ran.bench.primum(command, other.id, "--workspace", workspace, MONEY_KEY=SECRET)
    delete_study(workspace, other)
    assert (done.returncode, done.stdout) == (3, "")
    assert f"{other.id}: its prompts, of Primum" in one_line(done)


def test_a_second_interruption_waits_for_nothing(bench: Bench) -> None:
    bench.server.seconds = 20.0
    process = bench.start("--concurrency", "2")
    wait_for(lambda: len(bench.server.bodies) >= 2)
    process.send_signal(signal.SIGINT)
    time.sleep(1.5)
    assert process.poll() is None, "it waits for what is in flight"
    process.send_signal(signal.SIGINT)
    started = time.monotonic()
    _, said = process.communicate(timeout=15)
    assert time.monotonic() - started < 5
    assert process.returncode == 130
    assert "Traceback" not in said
    assert "interrupted" in said
