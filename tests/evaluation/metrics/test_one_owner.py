"""A metric's published name stands in its record, and nowhere else in the source."""

import re
from pathlib import Path

import pytest

from primum.evaluation.metrics.record import Metric
from primum.evaluation.metrics.registry import METRICS
from primum.tests.paths import ROOT

OWNER = ROOT / "evaluation" / "metrics"
ELSEWHERE = ("tests", "prompts", "docs", "benchmarks", "examples", "build")
SUFFIXES = (".py", ".sql", ".js", ".j2")


def source() -> list[Path]:
    tops = [path for path in ROOT.iterdir() if path.name not in ELSEWHERE and path.name[0] != "."]
    files = [path for top in tops for path in ([top] if top.is_file() else top.rglob("*"))]
    return [path for path in files if path.suffix in SUFFIXES and OWNER not in path.parents]


TEXTS = {path.relative_to(ROOT): path.read_text(encoding="utf-8") for path in source()}


def pattern(name: str) -> str:
    """A name such as Severe_rate may not occur at all; a plain word such as Safety not in quotes.

    In quotes it may have its definition before it, as in "v1/Safety".
    """
    if re.search(r"[_\d]", name) or name.isupper():
        return rf"(?<![\w.]){name}(?!\w)"
    return rf"""["'`/]{name}["'`]"""


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_no_other_file_names_a_metric(metric: Metric) -> None:
    found = re.compile(pattern(metric.name))
    places = [
        f"{path}:{text[: match.start()].count(chr(10)) + 1}"
        for path, text in TEXTS.items()
        for match in found.finditer(text)
    ]
    assert not places


def test_the_search_reads_the_source_and_finds_names() -> None:
    assert {"cli.py", "views.sql", "scatter.js", "leaderboard.html.j2"} <= {p.name for p in TEXTS}
    own = "".join(path.read_text(encoding="utf-8") for path in OWNER.glob("*.py"))
    assert all(re.search(pattern(metric.name), own) for metric in METRICS)
