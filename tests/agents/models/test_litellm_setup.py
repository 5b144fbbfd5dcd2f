"""agents/models/litellm_setup.py: only versions that the patches were written for are used."""

import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from primum.agents.models import litellm_setup
from primum.agents.models.litellm_setup import RANGE, is_supported, load_litellm
from primum.agents.studies.doctor import run_checks
from primum.core.errors import DataError
from primum.tests.paths import ROOT


@pytest.mark.parametrize(
    ("installed", "supported"),
    [
        ("1.100.9", False),
        ("1.101.0", True),
        ("1.106.2", True),
        ("1.107.0", False),
        ("1.107.1", True),
        ("1.107.0rc1", False),
        ("2.0.0", False),
    ],
)
def test_the_versions_that_are_supported(installed: str, supported: bool) -> None:
    assert is_supported(installed) == supported


def test_the_range_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"litellm{RANGE}" in project["dependencies"]
    assert is_supported(metadata.version("litellm"))


def test_another_version_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(litellm_setup, "version", lambda _: "2.3.4")
    with pytest.raises(DataError) as caught:
        load_litellm()
    assert str(caught.value).startswith("LiteLLM 2.3.4 is installed; Primum is written for")
    assert "\n" not in str(caught.value)
    monkeypatch.setattr("primum.agents.studies.doctor.version", lambda _: "2.3.4")
    (found,) = (check for check in run_checks({}, tmp_path) if check.what == "litellm")
    assert (found.ok, found.found) == (False, f"2.3.4; needed is {RANGE}")
