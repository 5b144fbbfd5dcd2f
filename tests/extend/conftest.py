"""A small suite and a panel of the example extension's graphs."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from primum.cases.load import save_suite
from primum.cases.model import Suite

Command = Callable[..., subprocess.CompletedProcess[str]]
PANEL = """
name: mine
models:
  aspen: {id: sim/aspen-large, family: sim-aspen, access: open}
  birch: {id: sim/birch-large, family: sim-birch, access: open}
ensembles:
  - {name: audit, graph: audited, generators: [aspen], auditors: [birch], aggregator: birch}
  - {name: two, graph: two-steps, agents: {first: aspen, second: birch}}
  - {name: pair, graph: vote, generators: [aspen, birch], rule: {name: union}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tiny_suite: Suite) -> Path:
    """A folder with tiny.jsonl and panel.yaml."""
    found = tmp_path_factory.mktemp("extension")
    save_suite(tiny_suite, found / "tiny.jsonl", "native")
    (found / "panel.yaml").write_text(PANEL)
    return found


@pytest.fixture(scope="module")
def mine(primum: Command, folder: Path) -> Command:
    """`primum`, for the suite and the panel of the folder where a command takes them."""

    def call(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
        given = ("--suite", folder / "tiny.jsonl", "--panel", folder / "panel.yaml")
        return primum(*words, *given, **environment)

    return call
