"""Runs that are killed or looked at while they go, with real processes and a real server."""

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from primum.cases.load import save_suite
from primum.cases.model import Suite
from primum.tests.forked import Forks

pytestmark = pytest.mark.long

PANEL = """
name: slow
models:
  a: {{id: openai/model-a, family: llama, access: open, api_base: "{url}"}}
  b: {{id: openai/model-b, family: gemini, access: open, api_base: "{url}"}}
ensembles:
  - {{name: team, graph: panel, generators: [a, b], critics: [b], aggregator: a}}
"""
CONCURRENCY = 2
TASKS, CALLS_A_TASK = 3, 5


@pytest.fixture
def command(tmp_path: Path, chat_server: Any, tiny_suite: Suite) -> list[str]:
    panel, suite = tmp_path / "slow.yaml", tmp_path / "tiny.jsonl"
    panel.write_text(PANEL.format(url=chat_server.url))
    save_suite(tiny_suite, suite, "native")
    return [
        *("run", "--panel", str(panel), "--suite", str(suite)),
        *("--workspace", str(tmp_path / "ws"), "--concurrency", str(CONCURRENCY), "--json"),
    ]


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def prompts(server: Any) -> Counter[str]:
    return Counter(json.dumps(body, sort_keys=True) for body in server.bodies)


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_run_asks_for_nothing_that_is_on_record(
    command: list[str], chat_server: Any, forks: Forks, sign: signal.Signals
) -> None:
    chat_server.seconds = 0.3
    process = forks.start(command, dict(os.environ))
    wait_for(lambda: len(chat_server.bodies) >= 6)
    process.send_signal(sign)
    _, said = process.communicate(timeout=30)
    assert process.returncode == (130 if sign is signal.SIGINT else -signal.SIGKILL)
    assert "Traceback" not in said
    wait_for(lambda: chat_server.in_flight == 0)
    before = prompts(chat_server)
    chat_server.seconds = 0.0
    done = forks.run(command, dict(os.environ))
    assert done.returncode == 0, done.stderr
    repeated = sum((prompts(chat_server) - Counter(set(prompts(chat_server)))).values())
    assert len(prompts(chat_server)) == TASKS * CALLS_A_TASK
    assert repeated <= CONCURRENCY, "only what was in flight is asked again"
    made = json.loads(done.stdout)["calls"]["made"]
    assert made == TASKS * CALLS_A_TASK - (sum(before.values()) - repeated)


def test_the_store_answers_while_a_run_goes(
    command: list[str],
    chat_server: Any,
    primum: Callable[..., Any],
    forks: Forks,
    tmp_path: Path,
) -> None:
    chat_server.seconds = 1.2
    process = forks.start(command, dict(os.environ))
    ws = tmp_path / "ws"
    wait_for(lambda: len(chat_server.bodies) >= 1)
    sql = "select count(*) as n from answers"

    def answers() -> int:
        done = primum("query", sql, "--format", "json", "--workspace", ws)
        assert done.returncode == 0, done.stderr
        return int(json.loads(done.stdout)[0]["n"])

    seen = set()
    while process.poll() is None:
        seen.add(answers())
        done = primum("query", "select * from harm_reduction", "--workspace", ws)
        assert done.returncode == 0, done.stderr
    assert process.wait(30) == 0
    assert any(0 < n < answers() for n in seen), f"batches were seen as they came: {seen}"
