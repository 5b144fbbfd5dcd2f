"""What pyproject.toml lists is what is there, and the lock names no place."""

import re
import tomllib
from pathlib import Path

import pytest

from primum.tests.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
TOOL = PROJECT["tool"]["setuptools"]
DATA = set(".yaml .jsonl .json .sql .md .typed .css .j2 .js".split())
NOT_PACKAGES = {"tests", "docs", "benchmarks", "examples", "build", "dist"}


def folders() -> set[str]:
    """Every folder with Python files, as a package name."""
    found = {path.parent.relative_to(ROOT) for path in ROOT.rglob("*.py")}
    own = {
        p for p in found if not p.parts or (p.parts[0] not in NOT_PACKAGES and p.parts[0][0] != ".")
    }
    return {".".join(("primum", *path.parts)) for path in own}


def test_packages_are_the_folders() -> None:
    assert set(TOOL["packages"]) == folders()


def test_only_two_python_files_at_the_root() -> None:
    assert {path.name for path in ROOT.glob("*.py")} == {"__init__.py", "cli.py"}


def test_every_data_file_is_packaged() -> None:
    """A prompt, panel or suite that is not listed would be missing from the wheel."""
    packaged: set[Path] = set()
    for package, patterns in TOOL["package-data"].items():
        folder = ROOT.joinpath(*package.split(".")[1:])
        packaged |= {path for pattern in patterns for path in folder.glob(pattern)}
    rooms = {name.split(".")[1] for name in TOOL["packages"] if "." in name}
    data = {p for room in rooms for p in (ROOT / room).rglob("*.*") if p.suffix in DATA}
    assert packaged == data | {ROOT / "py.typed"}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_the_lock_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(r"https?://|file:|--(extra-)?index-url|--find-links", text)
    pinned = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==", text, re.MULTILINE)
    assert len(pinned) > 40
    for block in re.split(r"\n(?=[A-Za-z])", text.strip()):
        assert "--hash=sha256:" in block, block[:60]
    direct = {re.split(r"[<>=!\[ ]", line)[0] for line in PROJECT["project"]["dependencies"]}
    assert direct <= {name.lower() for name in pinned}


def test_litellm_is_imported_in_one_file() -> None:
    """Of the package: a benchmark's arm is LiteLLM as it comes."""
    outside = {"tests", ".venv", "benchmarks"}
    files = [p for p in ROOT.rglob("*.py") if p.relative_to(ROOT).parts[0] not in outside]
    importing = [
        p.name
        for p in files
        if re.search(r"^\s*(import|from) litellm", p.read_text(), re.MULTILINE)
    ]
    assert importing == ["litellm_setup.py"]
