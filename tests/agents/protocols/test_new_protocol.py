"""A protocol of an extension: one record and its prompts, and everything else follows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from primum.agents.ledger.ledger import Ledger
from primum.agents.models.client import Credentials, Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.protocol import Protocol
from primum.agents.protocols.registry import PROTOCOLS
from primum.agents.simulation.clinician import SimulatedModels
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.studies.panel import Panel
from primum.agents.studies.study import Study
from primum.agents.topologies.registry import ensemble_of
from primum.agents.turns.transcript import Answer
from primum.cases.model import Suite
from primum.core.errors import DataError
from primum.graphs.execution.run import RunOptions, StudyRun, dry_run
from primum.graphs.execution.runner import Runner
from primum.graphs.execution.study_builder import StudySettings, plan_study
from primum.prompts import render
from primum.tests.agents.protocols.yes_no.record import YES_NO, register
from primum.tests.studies import run_study

NAMES = ("oak", "elm")
MODELS = {name: ModelSpec(id=f"tree/{name}", family="gpt", access="open") for name in NAMES}
OAK, ELM = (AgentSpec(model=name) for name in NAMES)
TEAM = ensemble_of(
    name="team", graph="panel", generators=(OAK, ELM), critics=(ELM,), aggregator=OAK
)
VOTE = ensemble_of(name="both", graph="vote", generators=(OAK, ELM), rule={"name": "intersection"})
OPTIONS = range(1, 8)  # of the tiny suite


@pytest.fixture(autouse=True)
def yes_no(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The protocol is known during a test, and forgotten after it."""
    monkeypatch.setattr(PROTOCOLS, "_records", {one.name: one for one in PROTOCOLS})
    monkeypatch.setattr(render, "FOLDERS", [*render.FOLDERS])
    register()
    yield
    render.template.cache_clear()


def lines(chosen: set[int]) -> str:
    return "\n".join(f"{n}: {'yes' if n in chosen else 'no'}" for n in OPTIONS)


class Script:
    """Oak wants 2 and 3; elm forgets an option until it is told, and wants 2 and 7."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    async def complete(self, request: Request, _: Credentials) -> Reply:
        role = request.messages[0].content.partition("\n")[0].removeprefix("Role: ")
        self.asked.append((role, request.messages[-1].content))
        if role == "critic":
            text = "7: no"
        elif role == "aggregator" or request.model == "tree/oak":
            text = lines({2, 3})
        else:
            text = lines({2, 7}) if len(request.messages) > 2 else "1: no"
        return Reply(outcome=Outcome.OK, text=text)


def planned(suite: Suite) -> Study:
    panel = Panel(name="wood", models=MODELS, ensembles=(TEAM, VOTE))
    settings = StudySettings(names=["team", "both"], protocol=Protocol(name="yes-no"))
    return plan_study(suite, panel, "", settings)


async def test_a_runner_asks_reads_repairs_and_counts(tiny_suite: Suite, tmp_path: Path) -> None:
    script, ledger, study = Script(), Ledger(tmp_path / "ledger.sqlite"), planned(tiny_suite)
    assert study.matcher == "yes-no/1"
    found: dict[str, Answer] = {}
    async for answer in Runner(study, ledger, script).run(tiny_suite):
        found[answer.ensemble] = answer
    ledger.close()
    assert {name: answer.recommended for name, answer in found.items()} == {
        "oak": (2, 3),
        "elm": (2, 7),
        "team": (2, 3),
        "both": (2,),
    }
    repairs = [text for role, text in script.asked if "could not be used" in text]
    assert repairs
    assert "there is no answer to option 2" in repairs[0]
    (seen, *_) = [text for role, text in script.asked if role == "aggregator"]
    assert f'<draft number="1">\n{lines({2, 3})}\n</draft>' in seen
    assert '<critique of="1">\n7: no\n</critique>' in seen


async def test_a_dry_run_makes_up_replies_that_can_be_read(
    tiny_suite: Suite, tmp_path: Path
) -> None:
    run = StudyRun(
        study=planned(tiny_suite),
        ledger=tmp_path / "ledger.sqlite",
        simulated_models=SimulatedModels(),
        options=RunOptions(),
    )
    found = await dry_run(run, tiny_suite)
    letters = len(list(tiny_suite.items()))
    assert found.calls["tree/oak", "aggregator"] == letters
    assert found.calls["tree/elm", "critic"] == 2 * letters


def test_simulated_models_believe_the_same_in_it(tiny_suite: Suite, tmp_path: Path) -> None:
    """Where their verdicts are grades, two protocols have the same figures."""

    def figures(protocol: str) -> Any:
        study = run_study(tmp_path / protocol, tiny_suite, ["trio"], protocol)
        assert study["protocol"] == protocol
        return {one["name"]: one["metrics"] for one in study["ensembles"]}, study["comparisons"]

    assert figures("yes-no") == figures("menu")


def test_a_name_that_is_taken_is_one_clear_error() -> None:
    register_again = pytest.raises(
        DataError, match=r"yes-no\.md: there is a prompt of that name already"
    )
    with register_again:
        register()
    other = type(YES_NO)(**{**vars(YES_NO), "heading": "another"})
    with pytest.raises(DataError, match="there is a protocol yes-no already"):
        PROTOCOLS.add(other)
    with pytest.raises(DataError, match="either grades_matcher or default_matcher"):
        type(YES_NO)(**{**vars(YES_NO), "default_matcher": "lexical"})
    with pytest.raises(DataError, match=r"there is no prompt file essay\.md"):
        render.template("essay")
