"""graphs/execution/probing: who is asked what, and what a user is told to change."""

from typing import Any

import pytest

from primum.agents.judges.panel import builtin_judges, load_judges
from primum.agents.models.client import Reply
from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.protocol import Protocol
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.studies.panels import builtin_panels, load_panel
from primum.agents.turns.transcript import Call, Turn
from primum.cases.load import load_suite
from primum.graphs.execution.probing.advice import advice
from primum.graphs.execution.probing.material import readings
from primum.graphs.execution.probing.probe import (
    Probe,
    Probed,
    probes_of_judges,
    probes_of_panel,
)
from primum.tests.graphs.building.script import PROTOCOLS, spec

ITEM = next(iter(load_suite("demo").items()))
TRIO, DUO = "oak elm ash", "oak elm"


def asked(name: str) -> list[tuple[str, str]]:
    found = probes_of_panel(load_panel(name), Protocol(), ITEM)
    return [(probe.agent.model, probe.role) for probe in found]


def test_each_model_is_asked_once_in_each_role_that_it_has_in_a_run() -> None:
    assert asked("ollama") == [
        ("llama3.1", "generator"),
        ("llama3.1", "aggregator"),
        ("mistral", "generator"),
        ("mistral", "critic"),
    ]
    assert asked("noharm-best-team") == [  # guardians alone draft too
        ("llama-4-scout", "generator"),
        ("gemini-2.5-pro", "guardian"),
        ("gemini-2.5-pro", "generator"),
        ("sonar-pro", "guardian"),
        ("sonar-pro", "generator"),
    ]


@pytest.mark.parametrize("name", builtin_judges())
def test_each_judge_is_asked_in_its_roles(name: str) -> None:
    judges = load_judges(name)
    found = probes_of_judges(judges, ITEM)
    wanted = {(agent.label, role) for judge in judges.judges for role, agent in judge.agents}
    assert {(probe.agent.label, probe.role) for probe in found} == wanted
    assert len(found) == len(wanted)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "team",
    [
        spec("panel", TRIO, critics="elm", aggregator="ash"),
        spec("panel", TRIO, aggregator="oak", aggregation="select"),
        spec("layers", DUO, layers=[DUO], aggregator="oak"),
        spec("relay", "oak", guardians="elm ash"),
        spec("debate", DUO, rounds=2, rule="majority"),
    ],
    ids=lambda team: team.graph,
)
def test_every_step_is_given_what_it_reads(team: Any, protocol: Protocol) -> None:
    for step, material in readings(team, protocol, ITEM):
        seats = {other.seat for other in team.wiring.steps if other.name in step.reads}
        shown = {turn.seat for turn in material.drafts}
        assert shown <= seats
        assert bool(shown) == bool(seats)
        assert len(material.critiques) == len(step.critiques)
        texts = [turn.text for turn in material.drafts]
        assert len({*texts}) == len(texts), "drafts differ, or a debate would be over"


def probed(outcome: Outcome = Outcome.OK, *, calls: int = 1, **more: Any) -> Probed:
    model = ModelSpec(id="openai/oak-2", family="gpt", access="open", params=more.pop("params", {}))
    reason = more.pop("reason", "" if outcome is Outcome.OK else "why")
    usual = {"returned_model": "oak-2", "input_tokens": 10, "output_tokens": 5, "cost": 0.1}
    reply = Reply(outcome=outcome, **{**usual, **more})
    turn = Turn("x", "generator", "oak", outcome, reason, (), (Call("k", "oak", reply),) * calls)

    async def never(_: Any) -> None: ...

    return Probed(Probe("generator", AgentSpec(model="oak"), model, never), turn)


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.OK])
def test_every_failure_has_its_reason_and_a_remedy(outcome: Outcome) -> None:
    reason, remedy = advice(probed(outcome))
    assert reason == "why"
    assert remedy


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (probed(), []),
        (probed(calls=2), ["usable only when asked again"]),
        (probed(returned_model="openai/OAK-2-2026-01-01"), []),
        (probed(returned_model="birch"), ["asked for openai/oak-2, and birch answered"]),
        (probed(input_tokens=None, cost=None), ["reports no tokens"]),
        (probed(cost=None), ["price"]),
        (probed(Outcome.TRUNCATED, params={"max_tokens": 200}), ["why", "(now 200)"]),
        (probed(Outcome.TRUNCATED), ["why", "the endpoint's own"]),
        (
            probed(Outcome.PROVIDER_ERROR, reason="BadRequest 400: no response_format here"),
            ["BadRequest", "replies: text"],
        ),
        (
            probed(Outcome.PROVIDER_ERROR, reason="400: System role not supported"),
            ["400", "no system message"],
        ),
    ],
)
def test_what_came_back_says_what_to_change(found: Probed, words: list[str]) -> None:
    said = advice(found)
    assert len(said) == len(words)
    assert all(word in line for word, line in zip(words, said, strict=True))


def test_ready_panels_can_be_probed() -> None:
    assert all(asked(name) for name in builtin_panels())
