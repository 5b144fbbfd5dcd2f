"""A broken extension is one line: what is wrong, where, and what to do."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]
MODULE = "primum.tests.extend.broken"
PANEL = """
name: odd
models:
  aspen: {{id: sim/aspen-large, family: sim-aspen, access: open}}
  odd: {{id: odd/model, family: llama, access: open}}
ensembles:
  - {{name: one, {ensemble}}}
"""
BENT = "graph: bent, agent: aspen"
PLAYED = "graph: played, agent: aspen"
OWN = "graph: own, agents: {a: aspen}"
VOTE = "graph: vote, generators: [aspen, aspen], rule: {name: union}"
ODD_MODEL = "graph: vote, generators: [odd, odd], rule: {name: union}"

AT_LOAD = {
    "not an extension": "wrong EXTENSION; set EXTENSION = primum.extend.Extension(...)",
    "raises at import": "cannot be imported: RuntimeError: out of order",
    "version missing": "version: give a text",
    "no tuple": "is no tuple",
    "no graph": "is no subclass of EnsembleSpec",
    "no metric": "metrics: 'Odd' is no Metric",
    "nameless graph": "graphs: Nameless: set its name",
    "undescribed graph": "graphs: Undescribed: set `description",
    "unwired graph": "graphs: Unwired: define the method `wire`",
    "graph taken": "there is a graph panel already",
    "role taken": "there is a role critic already",
    "mark taken": "the mark C is critic's",
    "role without ask": "roles: odd: give it `ask`",
    "metric taken": "Severe_rate already",
    "metric without function": "metrics: Odd: `compute` is None",
    "matcher taken": "there is a matcher lexical already",
    "matcher named oddly": "the name 'a/b'",
    "prefix taken": "there is a chat client odd/ already",
    "prefix simulated": "clients: sim/: choose another prefix",
    "name taken": "there is a extension example already",
    "prompts no path": "prompts: 'prompts' is no pathlib.Path",
    "prompts missing": "/no/such/folder: no folder of prompt files",
    "prompt taken": "critic.menu.md: there is a prompt of that name already",
    "prompt of nobody": "nobody.menu.md: name it ROLE.PROTOCOL.md",
    "prompt first line": "odd.menu.md:1: the first line must be: Role: odd",
    "prompt one part": "odd.menu.md: one line of =====",
}
IN_A_RUN = {
    "wiring reads": (BENT, "one: the graph bent: the step b reads nobody"),
    "wiring twice": (BENT, "one: the graph bent: two steps are named first"),
    "wiring empty": (BENT, "one: the graph bent: it has no steps"),
    "wiring raises": (BENT, "one: the graph bent: its `wire` failed: RuntimeError: out of order"),
    "role unknown": (BENT, "the role odd of the step first is not registered; name it in"),
    "prompt missing": (PLAYED, "there is no prompt file odd.menu.md in "),
    "play raises": (PLAYED, "the role odd: its `write` failed in a simulation: RuntimeError"),
    "play returns": (PLAYED, "its `write` failed in a simulation: it returned None, no text"),
    "role raises": (BENT, "the role odd of the extension broken failed in the step first: Runtime"),
    "role returns": (BENT, "it returned 'a text', no primum.extend.Turn"),
    "own cannot be compiled": (OWN, "one: the graph own failed: RuntimeError: out of order"),
    "own raises": (OWN, "one: the graph own failed: RuntimeError: out of order"),
    "own seat": (OWN, "one: the graph own asks the seat 'nobody', and the seats are a"),
    "own has no answer": (OWN, "one: the graph own failed: KeyError: 'answer'"),
    "own number": (OWN, "its answer is int, no text or grades"),
    "own grades": (OWN, "its grades are of [99]"),
    "own grades words": (OWN, "its grade of 1 is 'yes', not True or False"),
    "metric raises": (VOTE, "the metric odd/Odd failed: RuntimeError: out of order"),
    "metric shape": (VOTE, "the metric odd/Odd returned values of shape (99,); return"),
    "metric text": (VOTE, "the metric odd/Odd failed: ValueError"),
    "matcher raises": (VOTE, "the matcher odd/1 failed: RuntimeError: out of order"),
    "matcher option": (VOTE, "the matcher odd/1 failed: it names the option 99; there are [1, 2"),
    "matcher verdict": (VOTE, "the matcher odd/1 failed: its verdict is 'maybe'"),
    "matcher text": (VOTE, "the matcher odd/1 failed: it returned 'yes', no primum.extend.Match"),
    "client raises": (ODD_MODEL, "the chat client odd/ failed: RuntimeError: out of order"),
    "client returns": (ODD_MODEL, "the chat client odd/ failed: it returned 'a text'"),
    "client is not made": (ODD_MODEL, "the chat client odd/ failed: it cannot be made"),
}


def refused(done: subprocess.CompletedProcess[str], message: str) -> None:
    assert message in done.stderr
    last = [line for line in done.stderr.splitlines() if "answers," not in line]
    assert len(last) == 1, done.stderr
    assert last[0].startswith("primum: ")
    assert done.returncode == 3


def test_a_module_that_is_not_there(primum: Command) -> None:
    done = primum("--extension", "no_such_module", "models")
    refused(done, "--extension no_such_module cannot be imported: ModuleNotFoundError")


def test_a_module_without_an_extension(primum: Command) -> None:
    done = primum("--extension", MODULE, "models")
    refused(done, f"--extension {MODULE}: it has no EXTENSION; set EXTENSION =")


@pytest.mark.parametrize(("broken", "message"), AT_LOAD.items())
def test_an_extension_that_cannot_be_used_is_refused_at_once(
    primum: Command, tmp_path: Path, broken: str, message: str
) -> None:
    done = primum("--extension", MODULE, "models", BROKEN=broken, PROMPTS=str(tmp_path))
    refused(done, message)
    assert f"--extension {MODULE}" in done.stderr


@pytest.mark.parametrize(("broken", "ensemble", "message"), [(k, *v) for k, v in IN_A_RUN.items()])
def test_an_extension_that_fails_in_a_run_ends_it(
    primum: Command, folder: Path, tmp_path: Path, broken: str, ensemble: str, message: str
) -> None:
    (tmp_path / "panel.yaml").write_text(PANEL.format(ensemble=ensemble))
    words: tuple[object, ...] = (
        "run",
        "--suite",
        folder / "tiny.jsonl",
        "--panel",
        tmp_path / "panel.yaml",
    )
    if broken.startswith("matcher"):
        words = (*words, "--protocol", "plan", "--matcher", "odd")
    one = ("--ensemble", "one", "--workspace", tmp_path / "ws")
    done = primum("--extension", MODULE, *words, *one, BROKEN=broken, PROMPTS=str(tmp_path))
    refused(done, message)


@pytest.mark.parametrize("broken", ["play raises", "play returns"])
def test_a_role_that_fails_when_power_is_simulated(
    primum: Command, folder: Path, tmp_path: Path, broken: str
) -> None:
    (tmp_path / "panel.yaml").write_text(PANEL.format(ensemble=PLAYED))
    words = ("power", "--suite", folder / "tiny.jsonl", "--panel", tmp_path / "panel.yaml")
    one = ("--ensemble", "one", "--against", "aspen", "--studies", 20, "--cases", 20)
    done = primum("--extension", MODULE, *words, *one, BROKEN=broken, PROMPTS=str(tmp_path))
    refused(done, "the role odd: its `decide` failed in a simulation: ")
