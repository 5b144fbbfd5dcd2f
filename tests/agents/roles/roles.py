"""Roles as tests ask them: no author named, drafts in the order given."""

from collections.abc import Sequence

from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.protocol import Protocol
from primum.agents.roles.aggregator import AGGREGATOR
from primum.agents.roles.critic import CRITIC
from primum.agents.roles.debater import DEBATER
from primum.agents.roles.generator import GENERATOR
from primum.agents.roles.guardian import GUARDIAN
from primum.agents.roles.record import Material, Question, Role
from primum.agents.roles.selector import SELECTOR
from primum.agents.turns.draft_format import Reading, in_order
from primum.agents.turns.exchange import Agent
from primum.agents.turns.transcript import Caller, Turn
from primum.cases.model import PublicCase


async def generate(
    agent: Agent, protocol: Protocol, case: PublicCase, call: Caller, trial: int
) -> Turn:
    return await _asked(GENERATOR, agent, Question(protocol, case, trial, call), Material())


async def criticise(
    agent: Agent, protocol: Protocol, case: PublicCase, draft: Turn, call: Caller, trial: int
) -> Turn:
    question = Question(protocol, case, trial, call)
    return await _asked(CRITIC, agent, question, Material((draft,)))


async def guard(
    agent: Agent, protocol: Protocol, case: PublicCase, draft: Turn, call: Caller, trial: int
) -> Turn:
    question = Question(protocol, case, trial, call)
    return await _asked(GUARDIAN, agent, question, Material((draft,)))


async def revise(
    agent: Agent,
    protocol: Protocol,
    case: PublicCase,
    drafts: Sequence[Turn],
    number: int,
    call: Caller,
    trial: int,
) -> Turn:
    """The agent's own draft is the one of its seat; `number` is the round's."""
    question = Question(protocol, case, trial, call)
    return await _asked(DEBATER, agent, question, Material(tuple(drafts), round=number))


async def aggregate(
    agent: Agent,
    protocol: Protocol,
    case: PublicCase,
    turns: Sequence[Turn],
    call: Caller,
    trial: int,
) -> Turn:
    usable = [turn for turn in turns if turn.outcome is Outcome.OK]
    drafts = in_order([turn for turn in usable if turn.about is None], Reading(), "")
    critiques = [turn for turn in usable if turn.about]
    material = Material(tuple(drafts), tuple(critiques))
    return await _asked(AGGREGATOR, agent, Question(protocol, case, trial, call), material)


async def select(
    agent: Agent,
    protocol: Protocol,
    case: PublicCase,
    drafts: Sequence[Turn],
    call: Caller,
    trial: int,
) -> Turn:
    question = Question(protocol, case, trial, call)
    return await _asked(SELECTOR, agent, question, Material(tuple(drafts)))


async def _asked(role: Role, agent: Agent, question: Question, material: Material) -> Turn:
    assert role.ask, f"no agent is asked as a {role.name}"
    turn = await role.ask(agent, question, material)
    assert turn, f"the {role.name} had nothing to read"
    return turn
