"""Chat clients by prefix, studies that rest on an extension, and what extensions are given."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from primum.cases.load import save_suite
from primum.cases.model import Suite

pytestmark = pytest.mark.long

Command = Callable[..., subprocess.CompletedProcess[str]]
NAMED = ("--extension", "primum.tests.extend.acme")
CANARY = "canary7391"
PANEL = """
name: acme
models:
  one: {id: acme/one, family: llama, access: open}
  mute: {id: acme/mute, family: llama, access: open}
ensembles:
  - {name: chain, graph: watched, agents: {a: one, b: one}}
  - {name: broken-chain, graph: watched, agents: {a: one, b: mute}}
  - {name: seen, graph: witnessed, witness: one}
"""


class Workspace:
    """A workspace, a suite full of canaries, a panel and the extension's notes."""

    def __init__(self, primum: Command, folder: Path, suite: Suite) -> None:
        self.primum, self.folder, self.log = primum, folder, folder / "log"
        save_suite(suite, folder / "suite.jsonl", "native")
        (folder / "panel.yaml").write_text(PANEL)

    def __call__(self, *words: object, **variables: str) -> subprocess.CompletedProcess[str]:
        there = ("--workspace", self.folder / "ws")
        return self.primum(*words, *there, ACME_LOG=str(self.log), **variables)

    def run(self, *words: object, **variables: str) -> dict[str, Any]:
        given = ("--suite", self.folder / "suite.jsonl", "--panel", self.folder / "panel.yaml")
        done = self(*NAMED, "run", *given, *words, "--json", "--max-failed", 100, **variables)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found


@pytest.fixture
def acme(primum: Command, tmp_path: Path, tiny_suite: Suite) -> Workspace:
    cases = []
    for case in tiny_suite.cases:
        marked = {"reason": CANARY, "guideline": CANARY}
        options = [
            option.model_copy(
                update={
                    **marked,
                    **({"abstraction": f"B or C {CANARY}"} if option.abstraction else {}),
                }
            )
            for option in case.options
        ]
        said = case.case.model_copy(update={"recommendations": CANARY})
        cases.append(case.model_copy(update={"options": tuple(options), "case": said}))
    return Workspace(primum, tmp_path, tiny_suite.model_copy(update={"cases": tuple(cases)}))


def coverage(found: dict[str, Any]) -> dict[str, float]:
    return {e["name"]: e["coverage"] for e in found["ensembles"]}


def test_a_client_answers_for_its_prefix_and_its_version_is_part_of_every_key(
    acme: Workspace,
) -> None:
    words = ("--ensemble", "chain")
    first = acme.run(*words)
    assert coverage(first)["chain"] == 1.0
    assert first["calls"]["made"] == 6  # two seats, three items
    assert acme.run(*words)["calls"]["made"] == 0
    assert acme.run(*words, ACME="2")["calls"]["made"] == 0  # the extension's own changes no key
    assert acme.run(*words, ACME_CLIENT="2")["calls"]["made"] == 6


def test_a_call_that_fails_in_a_users_graph_is_an_outcome(acme: Workspace) -> None:
    found = acme.run("--ensemble", "broken-chain", "--ensemble", "chain")
    assert coverage(found)["broken-chain"] == 0.0
    assert coverage(found)["chain"] == 1.0
    (broken,) = (e for e in found["ensembles"] if e["name"] == "broken-chain")
    assert broken["outcomes"] == {"refusal": 3}


@pytest.mark.parametrize("command", ["resume", "rescore", "report"])
def test_a_study_needs_the_extension_that_it_rests_on(acme: Workspace, command: str) -> None:
    (prompts := acme.folder / "prompts").mkdir()
    text = "Role: witness\n{{instructions}}\n=====\n{{presentation}}\n"
    (prompts / "witness.menu.md").write_text(text)
    given = {"ACME_PROMPTS": str(prompts)}
    study = acme.run("--ensemble", "seen", **given)["study"]
    assert acme(*NAMED, command, study, **given).returncode == 0

    def refused(*words: str, **variables: str) -> str:
        done = acme(*words, command, study, **variables)
        assert done.returncode == 3
        (line,) = done.stderr.splitlines()
        return line

    rests = f"primum: {study}: rests on the extension acme 1, "
    assert refused() == (
        f"{rests}which is not loaded: install it, or give --extension primum.tests.extend.acme"
    )
    back = "; bring it back as it was, or run the study anew"
    assert refused(*NAMED, ACME="2", **given) == f"{rests}and its version 2 is loaded{back}"
    (prompts / "witness.menu.md").write_text(text.replace("=====", "Be kind.\n====="))
    assert refused(*NAMED, **given) == f"{rests}and its prompt files are others now{back}"


def test_no_annotation_reaches_an_extension(acme: Workspace) -> None:
    acme.run("--ensemble", "chain", "--ensemble", "seen")
    acme.run(
        *("--ensemble", "chain", "--ensemble", "seen", "--protocol", "plan"),
        *("--matcher", "noting"),
    )
    notes = acme.log.read_text()
    for kind in ("request", "graph", "role", "matcher"):
        assert f"('{kind}', " in notes
    assert "Order test A" in notes
    for hidden in (CANARY, "score", "best_in_group", "B or C", "abstraction", "depends_on"):
        assert hidden not in notes, hidden
