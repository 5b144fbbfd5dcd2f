"""agents/turns/transcript.py: what goes on at the same time, and how long an answer takes."""

from typing import Any

import pytest

from primum.agents.models.client import Reply
from primum.agents.models.outcomes import Outcome
from primum.agents.specs.model import AgentSpec
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.registry import ensemble_of
from primum.agents.turns.transcript import Answer, Call, Turn
from primum.tests.wired import wired

A = AgentSpec(model="a")


def ensemble(graph: str, generators: int, **fields: Any) -> EnsembleSpec:
    return ensemble_of(name="team", graph=graph, generators=(A,) * generators, **fields)


VOTE = ensemble("vote", 10, rule="union")
PANEL = ensemble("panel", 10, critics=(A, A), aggregator=A)
RELAY = ensemble("relay", 1, guardians=(A, A))
LAYERS = ensemble("layers", 10, layers=((A, A), (A,)), aggregator=A)
DEBATE = ensemble("debate", 10, rounds=2, rule="union")


def turn(seat: str, role: str, *seconds: float, round_: int = 1, about: str | None = None) -> Turn:
    calls = tuple(
        Call(f"{seat}{n}", "a", Reply(outcome=Outcome.OK, text=f"{n}", seconds=each))
        for n, each in enumerate(seconds)
    )
    return Turn(seat, role, "a", Outcome.OK, "", (), calls, about, round_)


def seconds(*turns: Turn) -> float:
    return Answer("x", "y", 1, Outcome.OK, "", None, turns).seconds


DRAFTS = (turn("generator-1", "generator", 1.0), turn("generator-10", "generator", 4.0, 2.0))
WHOLE: list[tuple[EnsembleSpec, Any, float]] = [
    (VOTE, (), 0),
    (ensemble("solo", 1), (turn("generator-1", "generator", 2.5),), 2.5),
    (VOTE, DRAFTS, 6),  # the slower one, its repair with it
    (VOTE, (*DRAFTS, turn("rule", "rule")), 6),
    (
        PANEL,
        (
            *DRAFTS,
            turn("critic-1", "critic", 3.0, about="generator-1"),
            turn("critic-1", "critic", 1.0, about="generator-10"),
            turn("critic-2", "critic", 2.0, about="generator-1"),
            turn("aggregator", "aggregator", 5.0),
        ),
        6 + 3 + 5,
    ),
    (
        RELAY,
        (DRAFTS[0], turn("guardian-1", "guardian", 2.0), turn("guardian-2", "guardian", 3.0)),
        6,
    ),
    (
        LAYERS,
        (
            *DRAFTS,
            turn("layer-2-1", "aggregator", 2.0),
            turn("layer-2-2", "aggregator", 3.0),
            turn("layer-3-1", "aggregator", 4.0),
            turn("aggregator", "aggregator", 1.0),
        ),
        6 + 3 + 4 + 1,
    ),
    (
        DEBATE,
        (
            *DRAFTS,
            turn("generator-1", "debater", 2.0, round_=2),
            turn("generator-10", "debater", 3.0, round_=2),
            turn("generator-1", "debater", 1.0, round_=3),
            turn("rule", "rule"),
        ),
        6 + 3 + 1,
    ),
]


@pytest.mark.parametrize(("spec", "turns", "wanted"), WHOLE)
def test_an_answer_takes_the_slowest_of_each_stage(
    spec: EnsembleSpec, turns: Any, wanted: float
) -> None:
    assert seconds(*wired(spec, turns)) == wanted


def test_what_the_seats_of_a_graph_do_together_is_one_stage() -> None:
    deep = ensemble("layers", 2, layers=((A, A), (A, A)), aggregator=A)
    for spec, stages in ((deep, [2, 2, 2, 1]), (RELAY, [1, 1, 1])):
        turns = wired(spec, (turn(seat, role) for seat, role, _ in spec.seats))
        found = [said.stage for said in turns]
        assert [found.count(stage) for stage in dict.fromkeys(found)] == stages


def test_a_turn_says_its_last_reply_or_what_it_passes_on() -> None:
    assert turn("generator-1", "generator", 1.0, 1.0).text == "1"
    assert (
        Turn("rule", "rule", "", Outcome.OK, "", (), (), passed_on="as before").text == "as before"
    )
    assert Turn("rule", "rule", "", Outcome.OK, "", (), ()).text == ""
