"""The name of a protocol, and of a form, stands in the folder of protocols and nowhere else."""

import re

import pytest

from primum.agents.protocols.registry import PROTOCOLS
from primum.tests.paths import DOCS, ROOT

NO_SOURCE = {"tests", "benchmarks", "docs", "build", ".venv", ".typing"}
LAYOUTS = {"cases/load.py", "commands/cases.py"}  # "menu" is a layout of suites' files there, too
NAMES = {one.name for one in PROTOCOLS} | {form for one in PROTOCOLS for form in one.forms}
QUOTED = re.compile(rf"([\"'`])({'|'.join(map(re.escape, sorted(NAMES)))})\1")


def test_no_other_file_compares_names_of_protocols() -> None:
    sources = [
        path
        for kind in ("py", "sql", "js", "j2")
        for path in ROOT.rglob(f"*.{kind}")
        if (inside := path.relative_to(ROOT)).parts[0] not in NO_SOURCE
        and inside.parts[:2] != ("agents", "protocols")
        and inside.as_posix() not in LAYOUTS
    ]
    assert len(sources) > 200
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sources
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if QUOTED.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("name", ["menu", "plan"])
def test_a_protocol_touches_six_files_at_most(name: str) -> None:
    """Its own file, the registry, and those who import its record because they use no other."""
    named = re.compile(rf"protocols\.{name}(_\w+)? import|([\"']){name}\2")
    touched = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        if (inside := path.relative_to(ROOT)).parts[0] not in NO_SOURCE
        and inside.as_posix() not in LAYOUTS
        and named.search(path.read_text(encoding="utf-8"))
    }
    assert f"agents/protocols/{name}.py" in touched
    assert len(touched) <= 6


def test_the_page_lists_every_protocol_and_form() -> None:
    page = (DOCS / "protocols.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \| .* \| (.*) \| .* \|$", page, re.MULTILINE)
    listed = {name: tuple(re.findall(r"`([\w-]+)`", forms)) for name, forms in rows}
    assert listed == {one.name: one.forms for one in PROTOCOLS}
    for path in re.findall(r"\b(?:agents|prompts|tests)/[\w/]+(?:\.py|/)", page):
        assert (ROOT / path).exists() or "NAME" in path, path
