"""Each kind of message, from the endpoint's bytes to a turn with its grades: reader and exchange."""

import pytest

from primum.agents.models.client import Reply, Request
from primum.agents.models.endpoints.answer import Answer, read_answer
from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.protocol import choose_protocol
from primum.agents.replies.plan import extract_actions
from primum.agents.replies.reader import Reader
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.turns.exchange import Agent, ask
from primum.agents.turns.transcript import Turn
from primum.cases.model import Suite
from primum.prompts.render import Prompt
from primum.tests.agents.replies.kinds import DRAFT, FORMS, PLANS, RIGHT, THINKING, Kind

MODEL = ModelSpec(id="x/oak", family="gpt", access="open")
AGENT = Agent(seat="generator-1", role="generator", spec=AgentSpec(model="oak"), model=MODEL)
GRADED = {**{f"{n} (thinking)": k for n, k in THINKING.items()}, **FORMS}


async def turn_of(kind: Kind, suite: Suite, protocol: str, reader: Reader) -> Turn:
    """The turn of an agent whose endpoint answers so, and the same if it is asked once more."""

    async def call(_request: Request, _spec: AgentSpec) -> Reply:
        return read_answer(Answer(200, {}, kind.body), {}, lambda text: text)

    parser = choose_protocol(protocol, None, reader).parser("draft", next(suite.items()).public)
    return await ask(AGENT, Prompt("Role: generator", "Advise."), parser, call, 1)


@pytest.mark.parametrize("name", GRADED)
async def test_a_message_on_a_menu(name: str, tiny_suite: Suite) -> None:
    kind = GRADED[name]
    turn = await turn_of(kind, tiny_suite, "menu", Reader.TOLERANT)
    assert turn.outcome is kind.outcome, turn.reason
    right = RIGHT if kind.outcome is Outcome.OK else {}
    assert {grade.option: grade.appropriate for grade in turn.grades} == right
    assert turn.changes == tuple(sorted(kind.changes))
    assert turn.thinking == 0 or name.endswith("(thinking)")
    if name.endswith("(thinking)"):
        assert DRAFT not in turn.text
        assert turn.thinking or "empty" in name or "quoted" in name


@pytest.mark.parametrize("name", GRADED)
async def test_a_message_on_a_menu_read_strictly(name: str, tiny_suite: Suite) -> None:
    """Thinking is apart for both readers; what the tolerant one normalises is invalid."""
    kind = GRADED[name]
    turn = await turn_of(kind, tiny_suite, "menu", Reader.STRICT)
    assert turn.outcome is (Outcome.INVALID if kind.changes else kind.outcome), turn.reason
    right = RIGHT if turn.outcome is Outcome.OK else {}
    assert {grade.option: grade.appropriate for grade in turn.grades} == right
    assert turn.changes == ()


@pytest.mark.parametrize("reader", Reader)
@pytest.mark.parametrize("name", PLANS)
async def test_a_message_that_is_to_be_a_plan(name: str, reader: Reader, tiny_suite: Suite) -> None:
    kind = PLANS[name]
    turn = await turn_of(kind, tiny_suite, "plan", reader)
    assert turn.outcome is kind.outcome, turn.reason
    if kind.outcome is Outcome.OK:
        assert [action.text.split()[0] for action in extract_actions(turn.text)] == [
            "Order", "Start", "Refer", "Recheck",
        ]  # fmt: skip
    assert "warfarin" not in turn.text
