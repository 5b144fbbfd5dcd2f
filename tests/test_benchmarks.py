"""The benchmarks, small: what they count must be right; what they time is not asked here."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "benchmarks"


def figures(script: str, *arguments: object) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, FOLDER / script, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_throughput_never_opens_more_connections_than_calls_may_be_in_flight() -> None:
    found = figures("throughput.py", "--cases", 4, "--cap", 3, "--rounds", 1, "--seconds", 0.01)
    assert set(found) == {
        "span_over_ideal",
        "cpu_over_bare",
        "cpu_over_httpx",
        "peak_connections",
        "cap",
    }
    assert 1 <= found["peak_connections"] <= found["cap"] == 3


def test_an_ablation_makes_each_distinct_call_once() -> None:
    found = figures("dedupe.py", "--cases", 3, "--generators", 3)
    # Seven subsets of three: a draft each and seven aggregations a case. Run for run: twelve
    # drafts and seven aggregations, and three solos.
    assert found == {"calls": 3 * 10, "distinct": 3 * 10, "naive": 3 * 22}


def test_a_replay_makes_no_call() -> None:
    found = figures("replay.py", "--answers", 40)
    assert set(found) == {"ensemble_cases_per_s", "rss_growth"}
    assert found["ensemble_cases_per_s"] > 0


def test_every_verdict_is_stored() -> None:
    sizes = {"--ensembles": 3, "--cases": 4, "--trials": 2, "--options": 5, "--rounds": 1}
    found = figures("storage.py", *(part for pair in sizes.items() for part in pair))
    assert set(found) == {"rows", "store_s", "leaderboard_ms"}
    assert found["rows"] == 3 * 4 * 2 * 5


def test_resampling_says_its_size() -> None:
    sizes = ("--ensembles", 5, "--cases", 9, "--resamples", 200, "--rounds", 1)
    found = figures("resampling.py", *sizes)
    assert found.pop("seconds") >= 0
    assert found == {"ensembles": 5, "cases": 9, "resamples": 200}
