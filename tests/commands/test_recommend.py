"""`primum recommend`: one case, one plan with its dissent, and nothing on any disk."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from rich.console import Console

from primum.agents.models.client import Reply
from primum.agents.models.outcomes import Outcome
from primum.agents.specs.model import AgentSpec
from primum.agents.studies.panel import Panel
from primum.agents.studies.panels import load_panel
from primum.agents.topologies.registry import ensemble_of
from primum.agents.turns.transcript import Answer, Call, Turn
from primum.cases.load import load_suite
from primum.core.errors import DataError, UsageError
from primum.evaluation.matching.consensus import consolidate
from primum.evaluation.text_report.advice import show_advice
from primum.graphs.execution.recommend import (
    NoPlanError,
    RecommendationRequest,
    recommend,
)
from primum.tests.payloads import BAD, BAD_LINE, harmless

LETTER = "A 61-year-old woman named Zedekiah has chest pain since this morning. What now?"
TEAM = """
name: wire
models:
  a: {id: openai/model-a, family: llama, access: open, api_base: "{url}"}
  b: {id: openai/model-b, family: gemini, access: proprietary, api_base: "{url}"}
ensembles:
  - {name: team, graph: panel, generators: [a, b], critics: [b], aggregator: a}
"""
SOLO = """
name: p
models:
  m: {id: openai/{model}, family: gpt, access: open, api_base: "{url}"}
ensembles:
  - {name: e, graph: solo, generators: [m]}
"""
PLANS = {
    "model-a": "1. [now] Give aspirin 300 mg by mouth. Why: infarction\n2. Order a chest X-ray",
    "model-b": "1. [today] Give aspirin 300 mg by mouth. Why: likely\n2. Measure serum potassium",
}
FINAL = (
    f"1. [now] Give aspirin 300 mg by mouth. Why: infarction\x1b]0;owned\x07 {BAD_LINE}\n"
    f"2. [today] Measure serum potassium \x9b31m. Why: before drugs {BAD_LINE}"
)
CRITIQUE = "1. REMOVE: Order a chest X-ray - it delays her"
KNOWN = next(load_suite("demo").items())
NOT_A_DEVICE = "not a medical device"


class Done(NamedTuple):
    """A command that has ended: its exit code, what it said, and the folder it had to itself."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def line(self) -> str:
        """The one line that a command without a plan ends with."""
        assert self.out == ""
        (line,) = self.err.splitlines()
        assert "Zedekiah" not in line, "a patient's words are in no error"
        return line

    def files(self) -> dict[Path, bytes]:
        return {p: p.read_bytes() for p in self.folder.rglob("*") if p.is_file()}


class Started(NamedTuple):
    """A command under way; where it stands, its home and its temporary files are its own."""

    process: "subprocess.Popen[str]"
    letter: str
    folder: Path

    def done(self) -> Done:
        out, err = self.process.communicate(self.letter, timeout=120)
        return Done(self.process.returncode, out, err, self.folder)


def start(folder: Path, *arguments: object, letter: str = LETTER) -> Started:
    for name in ("here", "home", "tmp"):
        (folder / name).mkdir(parents=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "primum.cli", "recommend", *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder / "here",
        env={"PATH": os.environ["PATH"], "HOME": f"{folder / 'home'}", "TMPDIR": f"{folder / 'tmp'}"},
    )  # fmt: skip
    return Started(process, letter, folder)


def reply(body: dict[str, Any], _: int) -> Any:
    """What the server's models say: one fails, one refuses, two write plans."""
    role = body["messages"][0]["content"].splitlines()[0].removeprefix("Role: ")
    if body["model"] == "fails":
        return 500, {"error": {"message": f"over\x1b[31m\nloaded \x9b2J {BAD}"}}, {}
    message: dict[str, Any] = {"role": "assistant", "content": PLANS.get(body["model"])}
    if body["model"] == "refuses":
        message["refusal"] = "I cannot"
    elif role == "critic":
        quoted = "Order a chest X-ray" in body["messages"][1]["content"]
        message["content"] = CRITIQUE if quoted else "No change."
    elif role == "aggregator":
        message["content"] = FINAL
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    head = {"id": "x", "object": "chat.completion", "created": 1, "model": "served"}
    return 200, {**head, "choices": [choice]}, {}


@pytest.fixture(scope="module")
def commands(module_server: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Done]:
    """Every command of this file, all of them at once."""
    module_server.respond = reply
    at, given = tmp_path_factory.mktemp("commands"), tmp_path_factory.mktemp("given")
    for name, text in (("team", TEAM), ("fails", SOLO)):
        panel = text.replace("{model}", name).replace("{url}", module_server.url)
        (given / f"{name}.yaml").write_text(panel)
    (given / "case.txt").write_text(f"\n{KNOWN.presentation}\n\n")
    started = {
        "file": start(at / "file", given / "case.txt", "--json"),
        "team": start(at / "team", "-", "--panel", given / "team.yaml"),
        "fails": start(at / "fails", "-", "--panel", given / "fails.yaml"),
        "unknown": start(at / "unknown", "-"),
    }
    return {name: command.done() for name, command in started.items()}


def test_a_simulated_plan_of_a_file_as_json(commands: dict[str, Done]) -> None:
    done = commands["file"]
    assert (done.code, done.err) == (0, "")
    found = json.loads(done.out)
    assert found["simulated"] is True
    assert found["notice"][0].startswith("SIMULATED")
    assert NOT_A_DEVICE in found["notice"][1]
    assert found["ensemble"]["name"] == "trio", "the panel's first"
    assert found["silent"] == []
    texts = [option.text for option in KNOWN.case.options]
    assert found["actions"]
    for action in (*found["actions"], *found["dropped"]):
        assert action["action"] in texts
        assert len(action["proposed_by"]) + len(action["not_by"]) == 3
        assert action["disputed"] == bool(
            (action["proposed_by"] and action["not_by"]) or action["objections"]
        )
    disputed = [a["action"] for a in (*found["actions"], *found["dropped"]) if a["disputed"]]
    assert found["disagreements"] == disputed
    assert all(action["action"] in found["text"] for action in found["actions"])
    assert not any(action["action"] in found["text"] for action in found["dropped"])


def test_a_letter_that_simulated_clinicians_do_not_know(commands: dict[str, Done]) -> None:
    done = commands["unknown"]
    assert done.code == 3
    assert (
        "this case is not in demo: choose another --suite, or a --panel of real models" in done.line
    )


def request(panel: Panel, presentation: str, **more: Any) -> RecommendationRequest:
    given: dict[str, Any] = {"path": Path("p.yaml"), "suite": load_suite("demo"), **more}
    return RecommendationRequest(panel=panel, presentation=presentation, **given)


def test_an_empty_letter_and_an_unknown_ensemble_are_refused() -> None:
    panel = load_panel("simulated")
    with pytest.raises(DataError, match="the case is empty; give its text in a file, or -"):
        recommend(request(panel, " \n"))
    with pytest.raises(UsageError, match="--ensemble bob: no such ensemble; there are trio, kin"):
        recommend(request(panel, LETTER, ensemble="bob"))


@pytest.mark.parametrize("simulated", [True, False])
def test_a_simulated_plan_says_so_first_and_every_plan_what_it_is_not(simulated: bool) -> None:
    call = Call("key", "m", Reply(outcome=Outcome.OK, text=FINAL))
    turn = Turn("generator-1", "generator", "m", Outcome.OK, "", (), (call,))
    answer = Answer("m", "case", 1, Outcome.OK, "", None, (turn,), FINAL)
    spec = ensemble_of(name="m", graph="solo", generators=(AgentSpec(model="m"),))
    screen = Console(file=io.StringIO(), width=1000)
    show_advice(consolidate(answer, simulated=simulated), spec, screen)
    assert isinstance(screen.file, io.StringIO)
    lines = screen.file.getvalue().splitlines()
    assert lines[0].startswith("SIMULATED") == simulated
    assert "Plan of m (solo of m)" in lines[:2]
    assert NOT_A_DEVICE in lines[-1]


def test_a_plan_of_models_that_a_server_serves(
    commands: dict[str, Done], module_server: Any
) -> None:
    done = commands["team"]
    assert (done.code, done.err) == (0, "")
    assert "SIMULATED" not in done.out
    lines = done.out.splitlines()
    assert lines[0] == "Plan of team (panel of a, b)"
    first = next(i for i, line in enumerate(lines) if line.startswith("1. [now] Give aspirin"))
    assert lines[first + 1].startswith("   why: infarction")
    assert lines[first + 2] == "   proposed by: generator-1 (a), generator-2 (b)"
    assert lines[first + 3].startswith("2. [today] Measure serum potassium")
    assert lines[first + 5] == "   proposed by: generator-2 (b)"
    assert lines[first + 6] == "   not proposed by: generator-1 (a)"
    left_out = lines[lines.index("Proposed, but not in the plan:") :]
    assert left_out[1] == "- Order a chest X-ray"
    assert left_out[4] == "   critic-1 (b) on generator-1: remove - it delays her"
    assert NOT_A_DEVICE in lines[-1]
    asked = [body for body in module_server.bodies if body["model"] in PLANS]
    assert len(asked) == 2 + 2 + 1
    assert all(f"<case>\n{LETTER}\n</case>" in b["messages"][1]["content"] for b in asked)


def test_no_control_character_of_a_model_reaches_the_terminal(commands: dict[str, Done]) -> None:
    shown = commands["team"].out
    assert "owned" in shown
    assert "norw" in shown
    harmless(shown)
    assert commands["fails"].line.isprintable()


def test_no_plan_is_one_line_and_its_own_exit_code(
    commands: dict[str, Done], module_server: Any
) -> None:
    done = commands["fails"]
    assert done.code == 4
    assert done.line.startswith("primum: no plan: provider_error: ")
    assert [body["model"] for body in module_server.bodies].count("fails") == 4


def test_a_refusal_is_no_plan_either(module_server: Any, tmp_path: Path) -> None:
    module_server.respond = reply
    path = tmp_path / "panel.yaml"
    path.write_text(SOLO.replace("{model}", "refuses").replace("{url}", module_server.url))
    with pytest.raises(NoPlanError, match=r"^no plan: refusal: the model refused$") as caught:
        recommend(request(load_panel(str(path)), LETTER, path=path))
    assert caught.value.exit_code == 4
    assert [body["model"] for body in module_server.bodies].count("refuses") == 1


def test_nothing_is_written_anywhere(commands: dict[str, Done]) -> None:
    """No ledger, no store, no folder of a workspace: a patient's text is on no disk."""
    for name, done in commands.items():
        for where in ("here", "tmp"):
            assert list((done.folder / where).iterdir()) == [], name
        for path, held in done.files().items():
            assert not any(word in held for word in (b"Zedekiah", b"aspirin", b"penicillin")), path
