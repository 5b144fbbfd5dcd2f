"""The real model, and the real command on it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from primum.cases.load import save_suite
from primum.cases.model import Suite
from primum.tests.conftest import clean_environment
from primum.tests.real.material import SUITE
from primum.tests.real.server import RealModel, serving, weights

Row = dict[str, Any]


@pytest.fixture(scope="session")
def real_model() -> Iterator[RealModel]:
    """The model, until the session ends."""
    file = weights()
    if file is None:
        pytest.skip("needs the packages of requirements-real.txt: make test-real installs them")
    with serving(file) as model:
        yield model


class Workspace:
    """A workspace with a suite; two cases, unless others are given."""

    def __init__(self, folder: Path, suite: Suite = SUITE) -> None:
        self.folder = folder
        self.suite = folder / "tiny.jsonl"
        save_suite(suite, self.suite, "native")

    def write(self, name: str, panel: Row) -> Path:
        """A panel's file; YAML reads JSON."""
        path = self.folder / f"{name}.yaml"
        path.write_text(json.dumps(panel))
        return path

    def primum(self, command: str, *words: object) -> subprocess.CompletedProcess[str]:
        """A command in this workspace, with ten minutes."""
        given = [command, *map(str, words), "--workspace", str(self.folder / "ws")]
        return subprocess.run(
            [sys.executable, "-m", "primum.cli", *given],
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
            env=clean_environment(),
        )

    def run(self, panel: Path, *words: object) -> Row:
        """What `primum run --json` prints; failures are no error here."""
        given = ("--suite", self.suite, "--panel", panel, "--json", "--max-failed", 100)
        done = self.primum("run", *given, "--concurrency", 2, *words)
        assert done.returncode in (0, 4), done.stderr
        found: Row = json.loads(done.stdout)
        return found

    def query(self, sql: str) -> list[Row]:
        """Rows of the store, as a user gets them."""
        done = self.primum("query", sql, "--format", "json")
        assert done.returncode == 0, done.stderr
        found: list[Row] = json.loads(done.stdout)
        return found


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace for a module's tests."""
    return Workspace(tmp_path_factory.mktemp("real"))
