"""The page's scripts and templates name no graph, role or kind of ensemble: they read the data."""

import re
from pathlib import Path

import pytest

from primum.agents.roles.registry import ROLES
from primum.agents.topologies.registry import GRAPHS
from primum.evaluation.html_report.ensemble_kinds import KINDS
from primum.evaluation.html_report.render import FOLDER

META = '<meta name="generator"'  # HTML's own word for the program that made the page
SOURCES = sorted([*FOLDER.glob("scripts/**/*.js"), *FOLDER.glob("templates/*.html.j2")])
NAMES = sorted(
    {*GRAPHS.names, *KINDS} | {name for role in ROLES for name in (role.name, role.recorded)}
)
QUOTED = re.compile(rf"[\"'`](?:{'|'.join(map(re.escape, NAMES))})[\"'`]")


def test_there_is_something_to_search() -> None:
    assert len(SOURCES) > 15
    assert len(NAMES) > 10


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_name_is_quoted(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace(META, "")
    assert [found.group() for found in QUOTED.finditer(text)] == []
