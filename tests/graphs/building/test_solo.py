"""The graph of a solo: one generator, whose draft is the recommendation."""

from collections.abc import Callable

import pytest

from primum.agents.models.client import Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.protocol import Protocol
from primum.agents.roles.record import Question
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.topologies.registry import ensemble_of
from primum.agents.turns.transcript import Answer
from primum.cases.model import Suite
from primum.graphs.building.builder import build
from primum.graphs.execution.runner import conclude_answer

MODELS = {"oak": ModelSpec(id="x/oak", family="gpt", access="open")}
SOLO = ensemble_of(
    name="oak~brief",
    graph="solo",
    generators=(AgentSpec(model="oak", instructions="Be brief.", params={"top_p": 0.5}),),
)


async def run(suite: Suite, reply: Callable[[Request], Reply], asked: list[Request]) -> Answer:
    async def call(request: Request, agent: AgentSpec) -> Reply:
        assert agent.model == "oak"
        asked.append(request)
        return reply(request)

    item = next(iter(suite.items()))
    question = Question(protocol=Protocol(), case=item.public, trial=4, call=call)
    state = await build(SOLO, MODELS).ainvoke({"turns": []}, context=question)
    return conclude_answer(SOLO, item.id, 4, state["turns"])


def test_the_graph_is_as_drawn() -> None:
    drawn = build(SOLO, MODELS).get_graph()
    assert set(drawn.nodes) == {"__start__", "generator-1", "__end__"}
    assert {(edge.source, edge.target) for edge in drawn.edges} == {
        ("__start__", "generator-1"),
        ("generator-1", "__end__"),
    }


async def test_what_the_generator_approves_is_recommended(
    tiny_suite: Suite, approving: Callable[[Request], Reply]
) -> None:
    asked: list[Request] = []
    answer = await run(tiny_suite, approving, asked)
    assert answer.outcome is Outcome.OK
    assert answer.recommended == (1, 2, 3, 4, 5, 6, 7)
    assert (answer.ensemble, answer.item, answer.trial) == ("oak~brief", "CardTiny1", 4)
    assert [turn.seat for turn in answer.turns] == ["generator-1"]
    assert answer.degraded == 0
    (request,) = asked
    assert request.trial == 4
    assert request.params == {"top_p": 0.5}
    assert "Be brief." in request.messages[0].content


async def test_an_answer_that_recommends_nothing_is_an_answer(
    tiny_suite: Suite, approving: Callable[[Request], Reply]
) -> None:
    def refuse_all(request: Request) -> Reply:
        text = approving(request).text.replace("Appropriate", "Inappropriate")
        return Reply(outcome=Outcome.OK, text=text)

    answer = await run(tiny_suite, refuse_all, [])
    assert (answer.outcome, answer.recommended) == (Outcome.OK, ())


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.OK])
async def test_what_is_no_answer_recommends_nothing_that_could_be_scored(
    outcome: Outcome, tiny_suite: Suite
) -> None:
    answer = await run(tiny_suite, lambda _: Reply(outcome=outcome, reason="as it is"), [])
    assert (answer.outcome, answer.recommended) == (outcome, None)
    assert answer.reason == "as it is"
    assert answer.degraded == 1


async def test_a_reply_that_stays_unusable_is_invalid_with_its_reason(tiny_suite: Suite) -> None:
    asked: list[Request] = []
    answer = await run(tiny_suite, lambda _: Reply(outcome=Outcome.OK, text="[]"), asked)
    assert len(asked) == 2
    assert (answer.outcome, answer.recommended) == (Outcome.INVALID, None)
    assert "7 of 7 options are not graded" in answer.reason
