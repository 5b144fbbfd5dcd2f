"""The benchmarks, small: what they count must be right; what they time is not asked here."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from primum.tests.paths import ROOT

FOLDER = ROOT / "benchmarks"
pytestmark = pytest.mark.long


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
        "span_over_httpx",
        "cpu_over_bare",
        "cpu_over_httpx",
        "direct_cpu_ms",
        "litellm_cpu_ms",
        "httpx_cpu_ms",
        "peak_connections",
        "cap",
    }
    assert 1 <= found["peak_connections"] <= found["cap"] == 3


def test_whole_processes_make_the_same_calls() -> None:
    found = figures("process.py", "--cases", 2, "--rounds", 1, "--seconds", 0.01)
    assert set(found) == {"wall_over_httpx", "wall_over_bare"}
    assert all(ratio > 0 for ratio in found.values())


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


def test_a_report_is_measured_in_a_browser() -> None:
    if not (shutil.which("chromium") or Path("/usr/bin/chromium").exists()):
        pytest.skip("needs Chromium: apt-get install chromium")
    found = figures("report.py", "--ensembles", 11, "--cases", 3, "--rounds", 1)
    assert found.pop("first_paint_ms") > 0
    assert 2_000_000 < found.pop("bytes") < 6_000_000
    assert found == {"ensembles": 11, "cases": 3}


def test_resampling_says_its_size() -> None:
    sizes = ("--ensembles", 5, "--cases", 9, "--resamples", 200, "--rounds", 1)
    found = figures("resampling.py", *sizes)
    assert found.pop("seconds") >= 0
    assert found == {"ensembles": 5, "cases": 9, "resamples": 200}


def test_what_was_planted_is_named() -> None:
    found = figures("planted.py", "--seeds", 3, "--predicted-from", 200)
    assert set(found) == {
        *("seeds", "guardian", "guardian_predicted", "guardian_expected_within"),
        *("twins", "nobody", "false_names"),
    }
    assert found["seeds"] == 3
    assert (found["twins"], found["nobody"], found["false_names"]) == (1, 1, 0)
    assert found["guardian"] in {0, 1 / 3, 2 / 3, 1}
    assert 0.5 < found["guardian_predicted"] < 1


def test_intervals_hold_and_chance_is_no_finding() -> None:
    found = figures("coverage.py", "--studies", 40, "--resamples", 1000, "--flips", 199)
    assert set(found) == {"rate", "mean", "paired", "floor", "false_positive"}
    # 40 studies of five ensembles: a share of .95 is within .06 of it, a share of .04 within .03.
    assert all(0.89 <= found[kind] <= 1 for kind in ("rate", "mean", "paired", "floor"))
    assert found["false_positive"] <= 0.07
