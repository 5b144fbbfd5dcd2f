"""Primum's whole path to its models beside bare LangGraph with LiteLLM, and beside plain httpx.

Six calls a case in four steps, each waiting for the one before: three generators, an aggregator,
a judge's matcher, its reviewer. Primum runs them as it always does (ledger on disk, strict reading)
with its direct client; `bare` is the same graph and prompts with LiteLLM and nothing recorded;
`httpx` only sends the prompts. The arms take turns in one process, each against a server in
another. Between them the same number of drafts is asked for through each client alone: direct,
LiteLLM as Primum sets it up, httpx. Ends with one JSON line: {"span_over_ideal", "span_over_httpx",
"cpu_over_bare", "cpu_over_httpx", "direct_cpu_ms", "litellm_cpu_ms", "httpx_cpu_ms",
"peak_connections", "cap"}. A span is from the first request that reaches the server to the last
answer that leaves it; ideal is calls x seconds / cap (without seconds there is none: null). CPU is
that of the client's process: of the whole path for the ratios, of a client alone in milliseconds.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from primum.agents.judges.panel import JudgePanel, JudgeSpec
from primum.agents.ledger.ledger import Ledger
from primum.agents.models.litellm_client import LiteLLMClient
from primum.agents.models.openai_client import OpenAIClient
from primum.agents.specs.model import AgentSpec
from primum.agents.studies.panel import Panel
from primum.agents.topologies.registry import ensemble_of
from primum.benchmarks.support.bare import GENERATORS, PLAN, Run, bare_langgraph, plain_httpx
from primum.benchmarks.support.clients import by_httpx, cpu_seconds, requests, through
from primum.benchmarks.support.material import repeated_suite, served_models
from primum.benchmarks.support.server import counted, serving
from primum.cases.model import Suite
from primum.evaluation.matching.matchers import matcher_of
from primum.graphs.execution.runner import RunInputs, Runner
from primum.graphs.execution.study_builder import StudySettings, plan_study

CALLS = 6
Figures = dict[str, Any]


def primum(url: str, cap: int) -> Run:
    """Primum's own path, with a new ledger each time."""
    models = served_models([*GENERATORS, "judge"], url)
    team = ensemble_of(
        name="team",
        graph="panel",
        generators=tuple(AgentSpec(model=name) for name in GENERATORS),
        aggregator=AgentSpec(model=GENERATORS[0]),
    )
    seats = JudgeSpec(matcher=AgentSpec(model="judge"), reviewer=AgentSpec(model="judge"))
    judges = JudgePanel(name="one", models={"judge": models["judge"]}, judges=(seats,))
    panel = Panel(name="six", models=models, ensembles=(team,))
    client = OpenAIClient()

    async def run(suite: Suite) -> None:
        study = plan_study(
            suite, panel, "", StudySettings(protocol=PLAN, matcher=judges.label, judge=judges)
        )
        study = study.model_copy(update={"ensembles": (team,)})  # neither solos nor controls
        with tempfile.TemporaryDirectory() as folder:
            ledger = Ledger(Path(folder) / "ledger.sqlite", cap)
            runner = Runner(study, ledger, client, inputs=RunInputs(matcher_of=matcher_of(study)))
            answers = [answer async for answer in runner.run(suite)]
            ledger.close()
        missing = [a.reason for a in answers if not a.judgement or a.unjudged]
        assert len(answers) == len(suite.cases), "a case has no answer"
        assert not missing, f"an answer has no verdicts: {missing[0]}"

    return run


async def measured(run: Run, url: str, suite: Suite) -> Figures:
    """One round of an arm: what the server counted, and the CPU seconds of each call."""
    counted(url)
    cpu = time.process_time()
    await run(suite)
    cpu = time.process_time() - cpu
    found = counted(url)
    expected = CALLS * len(suite.cases)
    assert found["calls"] == expected, f"{found['calls']} calls, not {expected}"
    return {**found, "cpu": cpu / expected}


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.2, help="of each call")
    parser.add_argument("--constant", action="store_true", help="latency, instead of drawn")
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--cap", type=int, default=50, help="calls in flight")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    suite = repeated_suite(given.cases)
    ideal = CALLS * given.cases * given.seconds / given.cap
    clients = {
        "direct": through(OpenAIClient()),
        "litellm": through(LiteLLMClient()),
        "httpx": by_httpx,
    }
    makers = {"primum": primum, "bare": bare_langgraph, "httpx": plain_httpx}
    with ExitStack() as servers:
        arms: dict[str, tuple[Run, str]] = {}
        for name, make in makers.items():
            url = servers.enter_context(serving(given.seconds, constant=given.constant))
            arms[name] = make(url, given.cap), url
        for run, _ in arms.values():  # imports, connections, caches
            await run(repeated_suite(min(10, given.cases)))
        alone_at = servers.enter_context(serving(given.seconds, constant=given.constant))
        asked = list(requests(suite, alone_at, CALLS * given.cases))
        rounds: list[dict[str, Figures]] = []
        alone: list[dict[str, float]] = []
        for number in range(given.rounds):
            order = list(arms)[:: -1 if number % 2 else 1]
            rounds.append({name: await measured(*arms[name], suite) for name in order})
            names = list(clients)[:: -1 if number % 2 else 1]
            alone.append({n: await cpu_seconds(clients[n], asked, given.cap) for n in names})

    def median(arm: str, figure: str) -> float:
        return float(statistics.median(one[arm][figure] for one in rounds))

    def over(arm: str, figure: str = "cpu") -> float:
        return float(statistics.median(one["primum"][figure] / one[arm][figure] for one in rounds))

    for arm in arms:
        print(
            f"{arm:7} span {median(arm, 'span'):.2f} s (ideal {ideal:.2f}), CPU "
            f"{1000 * median(arm, 'cpu'):.2f} ms a call, {median(arm, 'peak_connections'):.0f} "
            f"connections and {median(arm, 'peak_in_flight'):.0f} calls at most",
            file=sys.stderr,
        )
    figures = {
        "span_over_ideal": round(median("primum", "span") / ideal, 3) if ideal else None,
        "span_over_httpx": round(over("httpx", "span"), 3),
        "cpu_over_bare": round(over("bare"), 3),
        "cpu_over_httpx": round(over("httpx"), 3),
        **{
            f"{name}_cpu_ms": round(1000 * statistics.median(one[name] for one in alone), 3)
            for name in clients
        },
        "peak_connections": max(one["primum"]["peak_connections"] for one in rounds),
        "cap": given.cap,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    asyncio.run(main())
