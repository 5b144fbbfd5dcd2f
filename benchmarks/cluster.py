"""What one ledger actor takes: calls a second at 0 ms, asked by workers on a Ray cluster.

A model that answers at once is asked, through the actor, first for what is not on record (each
call is committed to SQLite before its reply goes out) and then for the same again. Beside it, the
same questions put to a ledger in this very process. No graphs, no LiteLLM, no network. Ends with
one JSON line. Needs Ray: pip install "primum[ray]".
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from primum.agents.ledger.ledger import Ledger
from primum.agents.models.client import Credentials, Message, Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.specs.model import ModelSpec
from primum.agents.studies.study import Study
from primum.cases.model import SuiteInfo
from primum.graphs.execution.ray.actors import LedgerActor, LedgerSetup
from primum.graphs.execution.ray.cluster import join, load_ray

WORKERS = int(sys.argv[1]) if len(sys.argv) > 1 else 2
CALLS = 4_000
IN_FLIGHT = 128
PROMPT = "A letter of some length, and its menu. " * 100  # 4,000 characters
REPLY = Reply(outcome=Outcome.OK, text="A reply of some length. " * 80, input_tokens=1)
MODEL = ModelSpec(id="instant/model", family="other:x", access="open")
STUDY = Study(
    suite=SuiteInfo(name="none"),
    suite_digest="",
    models={"instant": MODEL},
    ensembles=(),
    trials=1,
    seed=0,
    version="0",
)


class Instant:
    """A model that answers at once."""

    async def complete(self, request: Request, credentials: Credentials) -> Reply:  # noqa: ARG002
        """The same reply to all."""
        return REPLY


class Asker:
    """A worker that does nothing but ask."""

    async def ask(self, ledger: Any, numbers: range) -> float:
        """Seconds until all of these were answered."""
        waiting = iter(numbers)

        async def work() -> None:
            for number in waiting:
                await ledger.ask.remote("seats", request(number), "instant")

        started = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(IN_FLIGHT // WORKERS)))
        return time.perf_counter() - started


def request(number: int) -> Request:
    """A call of its own for each number."""
    messages = (Message(role="user", content=f"{number}: {PROMPT}"),)
    return Request(model=MODEL.id, messages=messages)


async def alone(path: Path) -> float:
    """Calls a second of a ledger in this process."""
    ledger, client = Ledger(path, IN_FLIGHT), Instant()
    waiting = iter(range(CALLS))

    async def work() -> None:
        for number in waiting:
            await ledger.ask(request(number), client, Credentials())

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
    return CALLS / (time.perf_counter() - started)


def main() -> None:
    """Measure and print."""
    ray = load_ray()
    folder = Path(tempfile.mkdtemp())
    join(ray, None, WORKERS)
    ledger_of = partial(Ledger, folder / "cluster.sqlite", IN_FLIGHT)
    place = ray.remote(num_cpus=0, max_concurrency=100_000)
    ledger = place(LedgerActor).remote()
    ray.get(ledger.start.remote(LedgerSetup(STUDY, ledger_of, Instant())))
    askers = [ray.remote(num_cpus=1)(Asker).remote() for _ in range(WORKERS)]
    share = CALLS // WORKERS
    parts = [range(n * share, (n + 1) * share) for n in range(WORKERS)]
    ray.get(
        [a.ask.remote(ledger, range(-1 - n, -n)) for n, a in enumerate(askers)]
    )  # all are there

    def rate() -> float:
        asked = zip(askers, parts, strict=True)
        seconds: list[float] = ray.get([a.ask.remote(ledger, part) for a, part in asked])
        return CALLS / max(seconds)

    new, found = rate(), rate()
    ray.get(ledger.stop.remote())
    ray.shutdown()
    here = asyncio.run(alone(folder / "alone.sqlite"))
    figures = {
        "workers": WORKERS,
        "cpus": os.cpu_count(),
        "new_calls_per_s": round(new),
        "found_calls_per_s": round(found),
        "new_calls_per_s_in_one_process": round(here),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
