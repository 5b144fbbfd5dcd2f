"""Primum's whole path to its models beside bare LangGraph with LiteLLM, and beside plain httpx.

Six calls a case in four steps, each waiting for the one before: three generators, an aggregator,
a judge's matcher, its reviewer. Primum runs them as it always does (ledger on disk, strict reading,
LiteLLM); `bare` is the same graph, prompts and LiteLLM calls with nothing recorded; `httpx` only
sends the prompts. The arms take turns in one process, each against a server in another. Ends
with one JSON line: {"span_over_ideal", "cpu_over_bare", "cpu_over_httpx", "peak_connections",
"cap"}. A span is from the first request that reaches the server to the last answer that leaves it;
ideal is calls x seconds / cap (without seconds there is none: null). CPU is the client's process's.
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
from primum.agents.specs.model import AgentSpec
from primum.agents.studies.panel import Panel
from primum.agents.topologies.registry import ensemble_of
from primum.benchmarks.support.bare import GENERATORS, PLAN, Run, bare_langgraph, plain_httpx
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
    client = LiteLLMClient()

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
    makers = {"primum": primum, "bare": bare_langgraph, "httpx": plain_httpx}
    with ExitStack() as servers:
        arms: dict[str, tuple[Run, str]] = {}
        for name, make in makers.items():
            url = servers.enter_context(serving(given.seconds, constant=given.constant))
            arms[name] = make(url, given.cap), url
        for run, _ in arms.values():  # imports, connections, caches
            await run(repeated_suite(min(10, given.cases)))
        rounds: list[dict[str, Figures]] = []
        for number in range(given.rounds):
            order = list(arms)[:: -1 if number % 2 else 1]
            rounds.append({name: await measured(*arms[name], suite) for name in order})

    def median(arm: str, figure: str) -> float:
        return float(statistics.median(one[arm][figure] for one in rounds))

    def over(arm: str) -> float:
        return float(statistics.median(one["primum"]["cpu"] / one[arm]["cpu"] for one in rounds))

    for arm in arms:
        print(
            f"{arm:7} span {median(arm, 'span'):.2f} s (ideal {ideal:.2f}), CPU "
            f"{1000 * median(arm, 'cpu'):.2f} ms a call, {median(arm, 'peak_connections'):.0f} "
            f"connections and {median(arm, 'peak_in_flight'):.0f} calls at most",
            file=sys.stderr,
        )
    figures = {
        "span_over_ideal": round(median("primum", "span") / ideal, 3) if ideal else None,
        "cpu_over_bare": round(over("bare"), 3),
        "cpu_over_httpx": round(over("httpx"), 3),
        "peak_connections": max(one["primum"]["peak_connections"] for one in rounds),
        "cap": given.cap,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    asyncio.run(main())
