"""A whole `primum run` as a process beside bare LangGraph with LiteLLM, and plain httpx.

Six calls a case: three generators, two agents that read their drafts, an aggregator; each grades a
menu. Primum's arm is the real command on an empty workspace: it runs the team and its members alone
on the same calls, keeps every call, scores, resamples, stores and prints. `bare` and `httpx` are
benchmarks/support/whole_process.py: they ask, read JSON and write a file. The arms take turns, each
a process from its start to its exit, against one server in another process. Ends with one JSON
line: {"wall_over_httpx", "wall_over_bare"}, medians of the rounds' ratios.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from primum.agents.protocols.protocol import Protocol
from primum.benchmarks.support.material import repeated_suite, served_models
from primum.benchmarks.support.server import counted, serving
from primum.benchmarks.support.whole_process import AGGREGATOR, DRAFTS, GENERATORS, LAYER
from primum.cases.load import save_suite
from primum.cases.model import Suite
from primum.prompts.render import Prompt

CALLS = len(GENERATORS) + len(LAYER) + 1
MENU = Protocol(name="menu")
ARMS = Path(__file__).parent / "support" / "whole_process.py"
Command = Callable[[Path], list[str]]
"""The words of a command that keeps what it makes in a new folder."""


def rendered(suite: Suite) -> str:
    """Each case's prompts, a JSON object a line; the drafts are still to be put in."""

    def both(prompt: Prompt) -> dict[str, str]:
        return {"system": prompt.system, "user": prompt.user}

    lines = []
    for item in suite.items():
        asked = MENU.prompt("generator", "draft", "", item.public)
        reading = MENU.prompt("aggregator", "draft", "", item.public, drafts=DRAFTS)
        rows = {"id": item.id, "generator": both(asked), "aggregator": both(reading)}
        lines.append(json.dumps(rows))
    return "\n".join(lines)


def panel(url: str) -> str:
    """The same team as a panel file."""
    team = {
        "name": "team",
        "graph": "layers",
        "generators": [*GENERATORS],
        "layers": [[*LAYER]],
        "aggregator": AGGREGATOR,
    }
    models = {
        n: m.model_dump(exclude_none=True) for n, m in served_models([*GENERATORS], url).items()
    }
    return yaml.safe_dump({"name": "six", "models": models, "ensembles": [team]})


def commands(suite: Suite, url: str, cap: int, folder: Path) -> dict[str, Command]:
    """The arms' commands."""
    prompts, cases, team = (folder / name for name in ("prompts.jsonl", "cases.jsonl", "six.yaml"))
    prompts.write_text(rendered(suite), encoding="utf-8")
    save_suite(suite, cases, "native")
    team.write_text(panel(url), encoding="utf-8")

    def primum(kept: Path) -> list[str]:
        given = ["run", "--suite", str(cases), "--panel", str(team), "--workspace", str(kept)]
        return [sys.executable, "-m", "primum.cli", *given, "--concurrency", str(cap)]

    def plain(arm: str) -> Command:
        words = [sys.executable, str(ARMS), arm, str(prompts), url, str(cap)]
        return lambda kept: [*words, str(kept / "answers.jsonl")]

    return {"primum": primum, "bare": plain("bare"), "httpx": plain("httpx")}


def seconds(command: Command, url: str, calls: int) -> float:
    """Wall time of a process that makes so many calls."""
    with tempfile.TemporaryDirectory() as kept:
        words = command(Path(kept))
        counted(url)
        started = time.perf_counter()
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        took = time.perf_counter() - started
    assert done.returncode == 0, done.stderr
    made = counted(url)["calls"]
    assert made == calls, f"{made} calls, not {calls}"
    return took


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.2, help="of each call")
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--cap", type=int, default=50, help="calls in flight")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    suite, rounds = repeated_suite(given.cases), []
    with tempfile.TemporaryDirectory() as folder, serving(given.seconds) as url:
        arms = commands(suite, url, given.cap, Path(folder))
        for number in range(given.rounds):
            order = list(arms)[:: -1 if number % 2 else 1]
            rounds.append({n: seconds(arms[n], url, CALLS * given.cases) for n in order})

    def over(arm: str) -> float:
        return round(statistics.median(one["primum"] / one[arm] for one in rounds), 3)

    ideal = CALLS * given.cases * given.seconds / given.cap
    medians = [f"{n} {statistics.median(one[n] for one in rounds):.2f} s" for n in arms]
    print(", ".join(medians), f"(ideal {ideal:.2f})", file=sys.stderr)
    print(json.dumps({"wall_over_httpx": over("httpx"), "wall_over_bare": over("bare")}))


if __name__ == "__main__":
    main()
