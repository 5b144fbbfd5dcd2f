"""The graph of a relay: a draft, then guardians that rewrite it one after the other."""

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

NAMES = ("quince", "medlar", "rowan")
MODELS = {n: ModelSpec(id=f"tree/{n}", family="gpt", access="open") for n in NAMES}
CHAIN = ensemble_of(
    name="chain",
    graph="relay",
    generators=(AgentSpec(model="quince"),),
    guardians=(AgentSpec(model="medlar"), AgentSpec(model="rowan")),
)
PLAN = Protocol(name="plan", form="concise")


async def run(
    suite: Suite, reply: Callable[[str], Reply], protocol: Protocol = PLAN
) -> tuple[Answer, dict[str, Request]]:
    asked: dict[str, Request] = {}

    async def call(request: Request, agent: AgentSpec) -> Reply:
        asked[agent.model] = request
        return reply(agent.model)

    item = next(iter(suite.items()))
    question = Question(protocol, item.public, 1, call)
    state = await build(CHAIN, MODELS).ainvoke({"turns": []}, context=question)
    return conclude_answer(CHAIN, item.id, 1, state["turns"]), asked


def plan(model: str) -> Reply:
    return Reply(outcome=Outcome.OK, text=f"1. What {model} would do.")


async def test_each_guardian_reads_what_the_one_before_it_sent_and_the_last_word_counts(
    tiny_suite: Suite,
) -> None:
    answer, asked = await run(tiny_suite, plan)
    assert answer.text == "1. What rowan would do."
    assert [(turn.seat, turn.about) for turn in answer.turns] == [
        ("generator-1", None),
        ("guardian-1", "generator-1"),
        ("guardian-2", "guardian-1"),
    ]
    assert "What quince would do" in asked["medlar"].messages[1].content
    assert "What medlar would do" in asked["rowan"].messages[1].content
    assert "What quince would do" not in asked["rowan"].messages[1].content


async def test_no_guardian_is_told_who_drafted(tiny_suite: Suite) -> None:
    def anonymous(_: str) -> Reply:
        return Reply(outcome=Outcome.OK, text="1. Rest.")

    _, asked = await run(tiny_suite, anonymous)
    for request in asked.values():
        said = "".join(message.content for message in request.messages)
        assert not any(name in said for name in NAMES)


async def test_a_guardian_that_fails_passes_the_draft_on(tiny_suite: Suite) -> None:
    def reply(model: str) -> Reply:
        return Reply(outcome=Outcome.TIMEOUT, reason="late") if model == "medlar" else plan(model)

    answer, asked = await run(tiny_suite, reply)
    assert (answer.outcome, answer.degraded) == (Outcome.OK, 1)
    assert "What quince would do" in asked["rowan"].messages[1].content


@pytest.mark.parametrize("silent", [Outcome.TIMEOUT, Outcome.REFUSAL])
async def test_without_a_draft_nobody_guards_and_the_reason_is_the_drafts(
    tiny_suite: Suite, silent: Outcome
) -> None:
    answer, asked = await run(tiny_suite, lambda _: Reply(outcome=silent, reason="no"))
    assert set(asked) == {"quince"}
    assert (answer.outcome, answer.text, answer.recommended) == (silent, "", None)
    assert "no draft could be used" in answer.reason


async def test_where_the_last_guardian_fails_there_is_no_answer(tiny_suite: Suite) -> None:
    def reply(model: str) -> Reply:
        return Reply(outcome=Outcome.REFUSAL, reason="no") if model == "rowan" else plan(model)

    answer, _ = await run(tiny_suite, reply)
    assert (answer.outcome, answer.text) == (Outcome.REFUSAL, "")
