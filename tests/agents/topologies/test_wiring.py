"""agents/topologies/wiring.py: what an ensemble's wiring says is what its graph does."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject
from pydantic import ValidationError

from primum.agents.models.client import Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.protocol import Protocol
from primum.agents.roles.registry import ROLES
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.registry import GRAPHS, ensemble_of
from primum.agents.turns.transcript import Answer, Turn
from primum.cases.model import Suite
from primum.tests.graphs.building.script import (
    FAILURES,
    FAILURES_OF_PLANS,
    MENU,
    NAMES,
    OPTIONS,
    PROTOCOLS,
    Asked,
    agents,
    choose,
    failed,
    menu,
    plan,
    read,
    role_of,
    run,
)

EVERY = settings(
    deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
BUILT_IN = [graph for graph in GRAPHS if graph.__module__.startswith("primum.agents.topologies.")]


def seats(least: int, most: int) -> st.SearchStrategy[Any]:
    who = st.lists(st.sampled_from(NAMES), min_size=least, max_size=most)
    return who.map(lambda names: agents(" ".join(names)))


ONE, SOME, SEVERAL = seats(1, 1), seats(1, 4), seats(2, 4)
RULE = st.sampled_from(
    ["union", "intersection", {"name": "majority", "tie": "include"}, {"name": "k-of-n", "k": 2}]
)
AGGREGATOR = ONE.map(lambda one: one[0])
HOW, AUTHORS = st.sampled_from(["synthesise", "select"]), st.sampled_from(["anonymous", "named"])
READ = {"aggregator": AGGREGATOR, "aggregation": HOW, "authors": AUTHORS}
PARTS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "solo": {"generators": ONE},
    "self-consistency": {"generators": ONE, "samples": st.integers(2, 5), "rule": RULE},
    "vote": {"generators": SEVERAL, "rule": RULE},
    "panel": {"generators": SOME, "critics": seats(0, 2), **READ},
    "layers": {"generators": SOME, "layers": st.lists(SOME, min_size=1, max_size=3), **READ},
    "relay": {"generators": ONE, "guardians": SOME, "authors": AUTHORS},
    "debate": {"generators": SEVERAL, "rounds": st.integers(1, 3), "rule": RULE, **READ},
}


@st.composite
def ensembles(draw: st.DrawFn, graph: str) -> EnsembleSpec:
    """Any ensemble of a graph."""
    fields: dict[str, Any] = {name: draw(values) for name, values in PARTS[graph].items()}
    if "layers" in fields:
        fields["layers"] = tuple(fields["layers"])
    if graph == "debate":
        fields.pop("rule" if draw(st.booleans()) else "aggregator")
    if len(fields.get("layers", (fields["generators"],))[-1]) < 2 or "aggregator" not in fields:
        fields.pop("aggregation", None)  # nothing to select from
    if "aggregation" in PARTS[graph] and len(fields["generators"]) > 2:
        fields["shuffle"] = draw(st.none() | st.integers(0, 3))
    return ensemble_of(name="team", graph=graph, **fields)


def test_ensembles_of_every_graph_are_drawn() -> None:
    assert {*PARTS} == {graph.graph_name() for graph in BUILT_IN if graph.kind.asks_models}


@pytest.mark.parametrize("graph", PARTS)
@given(data=st.data())
@EVERY
def test_steps_come_after_what_they_read_and_the_last_after_all(
    graph: str, data: DataObject
) -> None:
    spec = data.draw(ensembles(graph))
    steps = spec.wiring.steps
    names = [step.name for step in steps]
    assert len({*names}) == len(names)
    for place, step in enumerate(steps):
        assert {*step.after} <= {*names[:place]}
        assert spec.wiring.stages[step.name] > max(
            (spec.wiring.stages[name] for name in step.after), default=-1
        )
        assert (step.agent is None) != (step.rule is None)
    assert {name for step in steps for name in step.after} == {*names[:-1]}
    assert spec.calls == sum(step.agent is not None for step in steps)
    assert {step.seat for step in steps if step.agent} == {seat.name for seat in spec.seats}


@pytest.mark.parametrize("graph", PARTS)
@given(data=st.data())
@EVERY
def test_no_two_seats_have_the_same_mark(graph: str, data: DataObject) -> None:
    """A role's letters and a number tell every seat of an ensemble apart in each of its roles."""
    spec = data.draw(ensembles(graph))
    seated: dict[str, list[str]] = {}
    for step in spec.wiring.steps:
        of_role = seated.setdefault(step.role.name, [])
        if step.seat not in of_role:
            of_role.append(step.seat)
    marks = [
        f"{ROLES[role].mark}{number}"
        for role, of_role in seated.items()
        for number in range(1, len(of_role) + 1)
    ]
    assert len({*marks}) == len(marks)


def test_no_role_has_anothers_mark() -> None:
    marks = [role.mark for role in ROLES]
    assert len({*marks}) == len(marks)
    assert all(mark and not any(letter.isdigit() for letter in mark) for mark in marks)


class Speakers:
    """Models whose every usable reply has a mark of its own; some fail, no two drafts agree."""

    def __init__(self, protocol: Protocol, failing: Mapping[int, Outcome]) -> None:
        self.protocol, self.failing, self.asked = protocol, failing, 0

    def __call__(self, _: str, request: Request) -> Reply:
        self.asked += 1
        number, role = self.asked, role_of(request)
        if number in self.failing:
            return failed(self.failing[number])
        if role == "selector":
            return choose(1)
        if self.protocol is not MENU:
            objection = "ADD: " if role == "critic" else ""
            return plan(f"{objection}Order test {number}x. Why: mark t{number}")
        graded = menu([option for option in OPTIONS if number >> (option - 1) & 1], f"t{number}")
        if role != "critic":
            return graded
        return Reply(outcome=Outcome.OK, text=json.dumps(json.loads(graded.text)[:2]))


def conversations(asked: Asked) -> list[Request]:
    """What was asked, repairs left out."""
    return [request for _, request in asked if len(request.messages) == 2]


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=["menu", "plan"])
@pytest.mark.parametrize("graph", PARTS)
@given(data=st.data())
@EVERY
async def test_every_agents_step_is_one_call_where_nobody_fails_or_agrees(
    protocol: Protocol, graph: str, data: DataObject, tiny_suite: Suite
) -> None:
    spec = data.draw(ensembles(graph))
    answer, asked = await run(spec, tiny_suite, Speakers(protocol, {}), protocol)
    assert len(asked) == spec.calls
    assert [turn.step for turn in answer.turns] == [step.name for step in spec.wiring.steps]
    assert answer.outcome is Outcome.OK
    assert answer.degraded == 0


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=["menu", "plan"])
@pytest.mark.parametrize("graph", PARTS)
@given(data=st.data())
@EVERY
async def test_turns_record_what_their_prompts_showed(
    protocol: Protocol, graph: str, data: DataObject, tiny_suite: Suite
) -> None:
    spec = data.draw(ensembles(graph))
    outcomes = st.sampled_from(FAILURES if protocol is MENU else FAILURES_OF_PLANS)
    failing = data.draw(st.dictionaries(st.integers(1, 12), outcomes, max_size=6))
    answer, asked = await run(spec, tiny_suite, Speakers(protocol, failing), protocol)
    assert len(conversations(asked)) <= spec.calls
    steps = {step.name: step for step in spec.wiring.steps}
    said = {turn.step: turn for turn in answer.turns}
    assert len(said) == len(answer.turns)
    assert [*said] == [name for name in steps if name in said]
    for turn in answer.turns:
        step = steps[turn.step]
        assert (turn.seat, turn.role) in {
            (step.seat, step.role.recorded),
            (step.seat, step.role.name),
        }
        assert turn.stage == spec.wiring.stages[turn.step]
        assert {*turn.reads} <= {*step.after}
        assert all(said[name].outcome is Outcome.OK for name in turn.reads)
        if turn.calls:
            assert_shown(turn, said, asked)
    assert_counted(answer, said)


def assert_shown(turn: Turn, said: dict[str, Turn], asked: Asked) -> None:
    """A turn's reads are the drafts and critiques in its prompt, the drafts in their order."""
    (prompt, *_) = (request for _, request in asked if request.key == turn.calls[0].key)
    found = read(prompt)
    marks = {name: mark_of(said[name]) for name in turn.reads}
    critiques = [name for name in turn.reads if ROLES[said[name].role].objects]
    drafts = [name for name in turn.reads if name not in critiques]
    assert [mark for tag, mark in found if tag.startswith("draft")] == [marks[n] for n in drafts]
    assert sorted(mark for tag, mark in found if tag.startswith("critique")) == sorted(
        marks[name] for name in critiques
    )


def mark_of(turn: Turn) -> str:
    return turn.text.partition("mark ")[2].partition('"')[0].split()[0]


def assert_counted(answer: Answer, said: dict[str, Turn]) -> None:
    """What a rule has in a union is what the turns that it read have."""
    last = said.get("rule")
    if last and last.grades and last.grades[0].rationale:
        votes = f"{len(last.reads)} drafts"
        assert all(grade.rationale.endswith(f"of {votes}") for grade in last.grades)
        read_from = [said[name].grades for name in last.reads]
        for place, grade in enumerate(last.grades):
            having = sum(grades[place].appropriate for grades in read_from)
            assert grade.rationale == f"{having} of {votes}"
        assert answer.recommended == tuple(g.option for g in last.grades if g.appropriate)


FOREIGN = [
    (graph, field)
    for graph in BUILT_IN
    for field in sorted({name for other in BUILT_IN for name in other.model_fields})
    if field not in graph.model_fields
]


@pytest.mark.parametrize(("graph", "field"), FOREIGN)
def test_a_graph_has_its_own_fields_and_no_others(graph: type[EnsembleSpec], field: str) -> None:
    """Such as a solo with critics: the field that is too much is named."""
    with pytest.raises(ValidationError) as refused:
        graph.model_validate({"name": "team", field: agents("ash")})
    assert (field,) in [
        error["loc"] for error in refused.value.errors() if error["type"] == "extra_forbidden"
    ]


def test_a_solo_has_no_critics() -> None:
    with pytest.raises(ValidationError) as refused:
        ensemble_of(name="alone", graph="solo", generators=agents("ash"), critics=agents("elm"))
    (error,) = refused.value.errors()
    assert (error["type"], error["loc"]) == ("extra_forbidden", ("critics",))
