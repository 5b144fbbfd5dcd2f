"""agents/turns/exchange.py: one question, one repair at most, all of it on record."""

import pytest

from primum.agents.models.client import Message, Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.record import ReplyParser
from primum.agents.replies.menu import Grade, parse_grades
from primum.agents.replies.reader import Read, Reader
from primum.agents.replies.thinking import separate_thinking
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.turns.exchange import Agent, ask
from primum.agents.turns.transcript import Caller, Turn
from primum.prompts.render import Prompt

PROMPT = Prompt("Role: generator", "Grade 1 and 2.")
GOOD = '[{"Option": 1, "GradeAI": "Appropriate"}, {"Option": 2, "GradeAI": "Inappropriate"}]'
HALF = '[{"Option": 1, "GradeAI": "Appropriate"}]'
AGENT = Agent(
    seat="generator-2",
    role="generator",
    spec=AgentSpec(model="oak", params={"temperature": 1, "top_p": 0.5}),
    model=ModelSpec(
        id="x/oak",
        family="gpt",
        access="open",
        key_env="OAK_KEY",
        api_base="http://here/v1",
        api_version="v7",
        revision="r3",
        params={"temperature": 0, "seed": 7},
    ),
)
SAID = Reply(outcome=Outcome.OK, text=GOOD)


def script(*replies: Reply) -> tuple[Caller, list[tuple[Request, str]]]:
    """A way to a model that gives these replies in turn, and what it was asked."""
    asked: list[tuple[Request, str]] = []

    async def call(request: Request, agent: AgentSpec) -> Reply:
        asked.append((request, agent.model))
        return replies[len(asked) - 1]

    return call, asked


def parse(text: str) -> Read[tuple[Grade, ...]]:
    return parse_grades(text, [1, 2], complete=True, reader=Reader.STRICT)


async def put(call: Caller, trial: int = 1) -> Turn:
    return await ask(AGENT, PROMPT, ReplyParser(parse, "repair.array"), call, trial)


async def test_a_usable_reply_is_one_call_and_a_turn_with_its_grades() -> None:
    call, asked = script(SAID)
    turn = await put(call)
    assert (turn.seat, turn.role, turn.model, turn.about) == (
        "generator-2",
        "generator",
        "oak",
        None,
    )
    assert (turn.outcome, turn.reason, turn.text) == (Outcome.OK, "", GOOD)
    assert [(grade.option, grade.appropriate) for grade in turn.grades] == [(1, True), (2, False)]
    ((request, model),) = asked
    assert model == "oak"
    assert [(c.key, c.model, c.reply) for c in turn.calls] == [(request.key, "oak", SAID)]


async def test_the_request_holds_the_models_settings_and_the_seats_over_them() -> None:
    call, asked = script(SAID)
    await put(call, trial=3)
    ((request, _),) = asked
    assert request == Request(
        model="x/oak",
        messages=(
            Message(role="system", content=PROMPT.system),
            Message(role="user", content=PROMPT.user),
        ),
        params={"temperature": 1, "top_p": 0.5, "seed": 7},
        api_base="http://here/v1",
        api_version="v7",
        revision="r3",
        trial=3,
    )


async def test_an_unusable_reply_is_answered_with_its_reason_and_the_conversation() -> None:
    call, asked = script(Reply(outcome=Outcome.OK, text=HALF), SAID)
    turn = await put(call)
    (first, _), (second, _) = asked
    assert second.messages[:2] == first.messages
    assert second.messages[2] == Message(role="assistant", content=HALF)
    assert second.messages[3].role == "user"
    assert "1 of 2 options are not graded: 2" in second.messages[3].content
    assert len(second.messages) == 4
    assert (second.params, second.trial) == (first.params, first.trial)
    assert turn.outcome is Outcome.OK
    assert turn.text == GOOD
    assert [c.key for c in turn.calls] == [first.key, second.key]
    assert first.key != second.key


async def test_a_second_unusable_reply_is_the_last() -> None:
    call, asked = script(
        Reply(outcome=Outcome.OK, text=HALF), Reply(outcome=Outcome.OK, text="Option 1."), SAID
    )
    turn = await put(call)
    assert len(asked) == 2
    assert turn.outcome is Outcome.INVALID
    assert "is not JSON" in turn.reason
    assert turn.grades == ()
    assert [c.reply.text for c in turn.calls] == [HALF, "Option 1."]
    assert turn.text == "Option 1."


FAILURES = [outcome for outcome in Outcome if outcome not in {Outcome.OK, Outcome.INVALID}]


@pytest.mark.parametrize("outcome", FAILURES)
async def test_what_is_not_an_answer_is_not_repaired(outcome: Outcome) -> None:
    # The text would do, but it was cut off, refused or filtered: it is not read.
    call, asked = script(Reply(outcome=outcome, text=GOOD, reason="as it happened"), SAID)
    turn = await put(call)
    assert len(asked) == 1
    assert (turn.outcome, turn.reason) == (outcome, "as it happened")
    assert turn.grades == ()
    assert len(turn.calls) == 1


@pytest.mark.parametrize("outcome", FAILURES)
async def test_a_repair_that_fails_otherwise_has_that_outcome(outcome: Outcome) -> None:
    call, _ = script(Reply(outcome=Outcome.OK, text=HALF), Reply(outcome=outcome, reason="late"))
    turn = await put(call)
    assert (turn.outcome, turn.reason, turn.grades) == (outcome, "late", ())
    assert len(turn.calls) == 2


@pytest.mark.parametrize("text", ["{{reason}}", "</menu> {{menu}}", "```json\n[]\n```"])
async def test_a_reply_is_repeated_as_it_was_given(text: str) -> None:
    call, asked = script(Reply(outcome=Outcome.OK, text=text), SAID)
    await put(call)
    assert asked[1][0].messages[2].content == text


async def test_the_same_conversation_has_the_same_keys_again() -> None:
    first, second = [
        await put(script(Reply(outcome=Outcome.OK, text=HALF), SAID)[0]) for _ in range(2)
    ]
    assert [c.key for c in first.calls] == [c.key for c in second.calls]


THOUGHT = f"<think>MARKER {GOOD}</think>"


async def test_thinking_is_no_part_of_the_turn_nor_of_the_second_request() -> None:
    first = Reply(outcome=Outcome.OK, text=THOUGHT + HALF, thinking="MARKER too")
    call, asked = script(first, Reply(outcome=Outcome.OK, text=f"{THOUGHT}\n{GOOD}"))
    turn = await put(call)
    assert "MARKER" not in asked[1][0].model_dump_json()
    assert asked[1][0].messages[2].content == HALF
    assert (turn.outcome, turn.text, len(turn.grades)) == (Outcome.OK, GOOD, 2)
    assert turn.thinking == 2 * len(separate_thinking(THOUGHT).thinking) + len("MARKER too")
    assert "MARKER" in turn.calls[0].reply.text, "the ledger's reply is raw"


async def test_a_reply_that_is_all_thinking_is_empty_and_not_asked_for_again() -> None:
    call, asked = script(Reply(outcome=Outcome.OK, text=THOUGHT))
    turn = await put(call)
    assert (turn.outcome, turn.text, turn.grades, len(asked)) == (Outcome.EMPTY, "", (), 1)
    assert "max_tokens" in turn.reason


async def test_tokens_of_thinking_add_up_where_they_are_known() -> None:
    half = Reply(outcome=Outcome.OK, text=HALF, reasoning_tokens=7)
    turn = await put(script(half, SAID)[0])
    assert turn.reasoning_tokens == 7
    turn = await put(script(half, SAID.model_copy(update={"reasoning_tokens": 5}))[0])
    assert turn.reasoning_tokens == 12
    turn = await put(script(SAID)[0])
    assert turn.reasoning_tokens is None


DECLINED = "I'm sorry, but I can't provide medical advice."


async def test_a_refusal_costs_no_second_request() -> None:
    call, asked = script(Reply(outcome=Outcome.OK, text=DECLINED), SAID)
    turn = await put(call)
    assert (turn.outcome, len(asked)) == (Outcome.REFUSAL, 1)


@pytest.mark.parametrize(("prose", "outcome"), [(True, Outcome.REFUSAL), (False, Outcome.OK)])
async def test_where_any_text_will_do_a_refusal_is_told_by_its_words(
    prose: bool, outcome: Outcome
) -> None:
    call, _ = script(Reply(outcome=Outcome.OK, text=DECLINED))
    turn = await ask(
        AGENT, PROMPT, ReplyParser(lambda _: Read(()), "repair.array", prose=prose), call, 1
    )
    assert turn.outcome is outcome


async def test_a_turn_says_what_was_normalised_in_the_reply_that_was_read() -> None:
    changes = ("code fence", "trailing comma")

    def parse_last(text: str) -> Read[tuple[Grade, ...]]:
        return Read(parse(text).value, changes)

    call, _ = script(Reply(outcome=Outcome.OK, text=HALF), SAID)
    turn = await ask(AGENT, PROMPT, ReplyParser(parse_last, "repair.array"), call, 1)
    assert turn.changes == changes
    turn = await ask(
        *(AGENT, PROMPT, ReplyParser(parse_last, "repair.array")),
        *(script(*[Reply(outcome=Outcome.OK, text=HALF)] * 2)[0], 1),
    )
    assert turn.changes == (), "nothing was read"
