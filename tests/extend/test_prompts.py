"""Prompts of a panel's own, in place of those that are shipped."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from primum.prompts.render import template

Command = Callable[..., subprocess.CompletedProcess[str]]
KIND = "Above all, be kind to the patient."
PANEL = """
name: own
{prompts}
models:
  one: {{id: acme/one, family: llama, access: open}}
ensembles:
  - {{name: pair, graph: vote, generators: [one, one], rule: {{name: union}}}}
"""
GENERATOR = template("generator.menu")
OWN = GENERATOR.replace("\n=====\n", f"\n{KIND}\n=====\n")


class Prompted:
    """A folder with a panel, perhaps with prompts, and a workspace."""

    def __init__(self, primum: Command, folder: Path, suite: Path) -> None:
        self._primum, self._folder, self._suite = primum, folder, suite
        self.log = folder / "log"

    def write(self, name: str, text: str) -> Path:
        (self._folder / "texts").mkdir(exist_ok=True)
        path = self._folder / "texts" / name
        path.write_text(text)
        return path

    def command(self, *words: object) -> subprocess.CompletedProcess[str]:
        named = ("--extension", "primum.tests.extend.acme")
        space = ("--workspace", self._folder / "ws")
        return self._primum(*named, *words, *space, ACME_LOG=str(self.log))

    def run(self, prompts: str = "prompts: texts") -> subprocess.CompletedProcess[str]:
        panel = self._folder / "panel.yaml"
        panel.write_text(PANEL.format(prompts=prompts))
        words = ("run", "--suite", self._suite, "--panel", panel, "--ensemble", "pair", "--json")
        return self.command(*words)

    def manifest(self, study: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            (self._folder / "ws" / "studies" / f"{study}.json").read_text()
        )
        return found


@pytest.fixture
def prompted(primum: Command, folder: Path, tmp_path: Path) -> Prompted:
    return Prompted(primum, tmp_path, folder / "tiny.jsonl")


def test_they_are_sent_and_named(prompted: Prompted) -> None:
    before = json.loads(prompted.run("").stdout)
    assert KIND not in prompted.log.read_text()
    prompted.log.unlink()
    prompted.write("generator.menu.md", OWN)
    done = prompted.run()
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["study"] != before["study"]
    assert found["calls"]["made"] == before["calls"]["made"] == 6
    notes = prompted.log.read_text().splitlines()
    assert len(notes) == 6
    assert all(KIND in note for note in notes)
    assert prompted.manifest(before["study"])["protocol"]["prompts"] == {}
    manifest = prompted.manifest(found["study"])
    assert manifest["protocol"]["prompts"] == {"generator.menu": OWN}
    page = prompted.log.with_name("page.html")
    done = prompted.command("report", found["study"], "--output", page)
    assert done.returncode == 0, done.stderr
    assert KIND in page.read_text()


def test_a_study_goes_on_by_its_own_prompts(prompted: Prompted) -> None:
    path = prompted.write("generator.menu.md", OWN)
    study = json.loads(prompted.run().stdout)["study"]
    path.write_text(OWN.replace("kind", "quick"))
    done = prompted.command("resume", study, "--json")
    assert json.loads(done.stdout)["calls"]["made"] == 0
    assert json.loads(prompted.run().stdout)["study"] != study


BAD = {
    "no.menu.md": (OWN, "name it ROLE.PROTOCOL.md; roles: generator, "),
    "generator.poem.md": (OWN, "name it ROLE.PROTOCOL.md; roles: generator, "),
    "generator.md": (OWN, "name it ROLE.PROTOCOL.md; roles: generator, "),
    "rule.menu.md": (OWN, "no prompt of that name is shipped"),
    "generator.menu.md": (f"{OWN}{{{{score}}}}", "these placeholders and no others: {{"),
    "critic.menu.md": (OWN, "the first line must be: Role: critic"),
    "guardian.menu.md": (
        template("guardian.menu").replace("\n=====\n", "\n"),
        "one line of ===== must part",
    ),
    "critic.plan.md": (
        template("critic.plan").replace("{{draft}}", ""),
        "these placeholders and no others: {{draft}}",
    ),
}


@pytest.mark.parametrize(("name", "text", "message"), [(k, *v) for k, v in BAD.items()])
def test_a_prompt_that_cannot_be_used_is_refused(
    prompted: Prompted, name: str, text: str, message: str
) -> None:
    path = prompted.write(name, text)
    done = prompted.run()
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"primum: {path}:")
    assert message in line


def test_a_folder_that_is_not_there_or_empty(prompted: Prompted) -> None:
    done = prompted.run()
    assert (done.returncode, len(done.stderr.splitlines())) == (3, 1)
    assert "panel.yaml:3: prompts: " in done.stderr
    assert "texts: no such folder" in done.stderr
    prompted.write("notes.txt", "Hello")
    done = prompted.run()
    assert (done.returncode, len(done.stderr.splitlines())) == (3, 1)
    assert "texts: no prompt in it; name the files ROLE.PROTOCOL.md" in done.stderr
