"""The layout: no crowded folder, no long file, and links that lead to what they promise."""

import re
from collections import Counter
from pathlib import Path

import pytest

from primum.agents.protocols.registry import PROTOCOLS
from primum.evaluation.store.schema import TABLES
from primum.tests.built_in import built_in_names
from primum.tests.paths import DOCS, ROOT

MODULES = 14
LINES = 300
PLACES = {
    "where a graph is built": ("graphs/building/builder.py", "def build("),
    "where a reply is parsed": ("agents/replies/menu.py", "def parse_grades("),
    "where a harm is decided": ("evaluation/scoring/harms.py", "def find_harms("),
    "where a table is declared": ("evaluation/store/tables/", "Table("),
}


def modules() -> list[Path]:
    """Every Python file of the package and its benchmarks."""
    skipped = {"tests", "build"}
    tops = [path for path in ROOT.iterdir() if path.name not in skipped and path.name[0] != "."]
    return [p for top in tops for p in ([top] if top.is_file() else top.rglob("*.py"))]


def test_no_folder_has_more_modules_than_a_reader_can_hold() -> None:
    own = [p for p in modules() if p.suffix == ".py" and p.name != "__init__.py"]
    crowded = {str(k.relative_to(ROOT)): n for k, n in Counter(p.parent for p in own).items()}
    assert {folder: n for folder, n in crowded.items() if n > MODULES} == {}


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    files = [p for p in modules() if p.suffix == ".py"]
    long = {str(p.relative_to(ROOT)): len(p.read_text("utf-8").splitlines()) for p in files}
    assert {path: n for path, n in long.items() if n > LINES} == {}


@pytest.mark.parametrize("page", ["README.md", "docs/design.md"])
@pytest.mark.parametrize("what", PLACES)
def test_a_reader_finds_the_places_that_matter(page: str, what: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    found = re.search(rf"\[{what}\]\(([^)]+)\)", text, re.IGNORECASE)
    assert found, f"{page} has no link that says: {what}"
    target = ((ROOT / page).parent / found[1]).resolve()
    path, landmark = PLACES[what]
    assert target == (ROOT / path).resolve()
    files = target.rglob("*.py") if target.is_dir() else [target]
    assert any(landmark in file.read_text("utf-8") for file in files)


def test_the_design_page_names_every_graph_protocol_and_room() -> None:
    page = (DOCS / "design.md").read_text("utf-8")
    for name in (*built_in_names(), *PROTOCOLS.names):
        assert f"`{name}`" in page, name
    rooms = {
        path.parent.relative_to(ROOT).as_posix()
        for top in ("agents", "graphs", "evaluation")
        for path in (ROOT / top).rglob("__init__.py")
        if len(path.relative_to(ROOT).parts) == 3
    }
    for room in sorted(rooms):
        assert room.partition("/")[2] in page, room
    assert len(TABLES) > 15
