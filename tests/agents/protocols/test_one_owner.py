"""The name of a protocol, and of a form, stands in the folder of protocols and nowhere else."""

import re

from primum.agents.protocols.registry import PROTOCOLS
from primum.tests.paths import ROOT

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
