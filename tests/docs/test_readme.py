"""The README's commands are there, and what it shows is what they print."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from primum.tests.paths import ROOT

README = (ROOT / "README.md").read_text()
JUDGING = (ROOT / "docs" / "judging.md").read_text()
GROUPS = {"cases", "judge", "import", "export"}
COMMANDS = [
    line.split("  #")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", README + JUDGING, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("primum ")
]


def test_the_shown_output_is_what_run_prints(primum: Callable[..., Any], tmp_path: Path) -> None:
    shown = re.findall(r"<!-- output of `primum run` -->\n```text\n(.*?)```", README, re.DOTALL)
    done = primum("run", "--workspace", tmp_path)
    printed = [line.rstrip() for line in done.stdout.splitlines()]
    lines = [line for line in shown[0].splitlines() if line]
    assert len(lines) > 15
    assert [line for line in lines if line not in printed] == []
    assert "SIMULATED" in shown[0]
    assert "SYNTHETIC" in shown[0]


@pytest.mark.parametrize("command", sorted(set(COMMANDS)))
def test_every_command_and_option_is_there(command: str, primum: Callable[..., Any]) -> None:
    words = shlex.split(command)[1:]
    names = [word for word in words[:2] if re.fullmatch(r"[a-z]+", word)]
    names = names if names[0] in GROUPS else names[:1]
    done = primum(*names, "--help")
    assert done.returncode == 0, done.stderr
    for option in (word for word in words if word.startswith("--")):
        assert option in done.stdout, f"{option} is not an option of {names}"


def test_make_targets_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_links_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    for page in pages:
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if not link.startswith("https://"):
                assert (page.parent / link).exists(), f"{page.name}: {link}"
