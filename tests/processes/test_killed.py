"""Runs that are killed again and again, with real processes and a real server.

PRIMUM_KILLS says how often: 6 if unset; 70 is the acceptance's 50 and 20.
"""

import json
import os
import random
import signal
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from primum.agents.ledger.leases import LEASE_SECONDS
from primum.cases.load import save_suite
from primum.cases.model import Consultation, Suite
from primum.tests.conftest import ChatServer, serving
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
KILLS = int(os.environ.get("PRIMUM_KILLS", "6"))
CONCURRENCY, LATENCY, LONGEST_DELAY = 2, 0.05, 1.5
CHANCE = random.Random(44)
DELAYS = [CHANCE.uniform(0, LONGEST_DELAY) for _ in range(KILLS)]
CALLS_A_CASE = 5
# More than can be answered before the last kill.
CASES = int(sum(DELAYS) * CONCURRENCY / LATENCY / CALLS_A_CASE) + 4

Prompt = tuple[str, str]


def many_cases(suite: Suite) -> Suite:
    cases = [
        suite.cases[0].model_copy(
            update={"id": f"CardTiny{n}", "case": Consultation(presentation=f"Case {n}. What now?")}
        )
        for n in range(1, CASES + 1)
    ]
    return Suite(info=suite.info, cases=tuple(cases))


def command(folder: Path, workspace: str, server: ChatServer) -> list[str]:
    panel = folder / f"{workspace}.yaml"
    panel.write_text(PANEL.format(url=server.url))
    return [
        *("run", "--panel", str(panel)),
        *("--suite", str(folder / "tiny.jsonl"), "--workspace", str(folder / workspace)),
        *("--concurrency", str(CONCURRENCY), "--json"),
    ]


def asked(bodies: list[dict[str, Any]]) -> list[Prompt]:
    return [(body["model"], json.dumps(body["messages"], sort_keys=True)) for body in bodies]


def on_record(workspace: Path) -> dict[Prompt, tuple[str, str]]:
    """By prompt: the key and the reply, read as any other program would."""
    with sqlite3.connect(workspace / "ledger.sqlite") as db:
        rows = db.execute("select key, request, reply from calls").fetchall()
    found = {}
    for key, text, reply in rows:
        request = json.loads(text)
        model = request["model"].removeprefix("openai/")
        found[model, json.dumps(request["messages"], sort_keys=True)] = (key, reply)
    assert len(found) == len(rows)
    return found


def leases_left(workspace: Path) -> int:
    with sqlite3.connect(workspace / "ledger.leases") as db:
        return int(db.execute("select count(*) from leases").fetchone()[0])


def killed_run(forks: Forks, command_line: list[str], server: ChatServer, delay: float) -> None:
    """Start a run, and kill it so many seconds after its first request was seen."""
    before, deadline = len(server.bodies), time.monotonic() + 60
    process = forks.start(command_line, dict(os.environ))
    while len(server.bodies) == before:
        assert process.poll() is None, "it ended before it asked anything"
        assert time.monotonic() < deadline, "it asks nothing"
        time.sleep(0.005)
    time.sleep(delay)
    process.kill()
    assert process.wait(30) == -signal.SIGKILL, "it ended before it was killed"
    time.sleep(4 * LATENCY)  # what was on the wire has arrived
    while server.in_flight:
        time.sleep(0.01)


def finished_run(forks: Forks, command_line: list[str]) -> tuple[dict[str, Any], float]:
    """The JSON of a run that nobody kills, and its seconds."""
    started = time.monotonic()
    process = forks.start(command_line, dict(os.environ))
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    result: dict[str, Any] = json.loads(out)
    return result, time.monotonic() - started


def test_no_kill_loses_an_acknowledged_reply_or_asks_for_it_again(
    tmp_path: Path, chat_server: ChatServer, tiny_suite: Suite, forks: Forks
) -> None:
    save_suite(many_cases(tiny_suite), tmp_path / "tiny.jsonl", "native")
    with ThreadPoolExecutor(1) as pool, serving() as other_server:
        undisturbed = pool.submit(finished_run, forks, command(tmp_path, "whole", other_server))
        resumed, seconds = killed_and_resumed(forks, tmp_path, chat_server)
        whole, usual = undisturbed.result()
    assert resumed["ensembles"] == whole["ensembles"]
    assert whole["calls"]["made"] == CASES * CALLS_A_CASE
    assert seconds < usual + LEASE_SECONDS / 2, "nobody waits for the leases of the dead"


def killed_and_resumed(
    forks: Forks, folder: Path, server: ChatServer
) -> tuple[dict[str, Any], float]:
    line, workspace = command(folder, "killed", server), folder / "killed"
    known: dict[Prompt, tuple[str, str]] = {}
    repeats = leases = 0
    server.seconds = LATENCY
    for kill, delay in enumerate(DELAYS):
        seen = len(server.bodies)
        killed_run(forks, line, server, delay)
        new, now = asked(server.bodies[seen:]), on_record(workspace)
        assert known.items() <= now.items(), f"kill {kill}: a reply was lost or changed"
        assert not known.keys() & set(new), f"kill {kill}: asked for what was on record"
        assert len(new) == len(set(new)), f"kill {kill}: asked twice in one run"
        lost = len(set(new) - now.keys())
        assert lost <= CONCURRENCY, f"kill {kill}: more was lost than what was in flight"
        repeats, known = repeats + lost, now
        leases += leases_left(workspace)
    assert leases, "the dead left leases behind"
    assert len(known) > KILLS, "the kills came in the midst of it"

    server.seconds, seen = 0.0, len(server.bodies)
    resumed, seconds = finished_run(forks, line)
    now, new = on_record(workspace), asked(server.bodies[seen:])
    assert known.items() <= now.items()
    assert not known.keys() & set(new)
    assert len(now) == CASES * CALLS_A_CASE
    assert len(server.bodies) == len(now) + repeats, "each call once, but those in flight"
    assert resumed["calls"]["made"] == len(now) - len(known)
    return resumed, seconds
