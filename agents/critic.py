"""The critic reads one draft and says what it would change; the guardian rewrites it."""

from typing import Literal

from primum.agents.asking import Agent, ask
from primum.agents.protocol import Protocol
from primum.agents.records import Caller, Turn
from primum.cases.model import PublicCase


async def criticise(
    agent: Agent, protocol: Protocol, case: PublicCase, draft: Turn, call: Caller, trial: int
) -> Turn:
    """An agent's objections to one draft, whose author it is not told."""
    return await _read(agent, "critic", protocol, case, draft, call, trial)


async def guard(
    agent: Agent, protocol: Protocol, case: PublicCase, draft: Turn, call: Caller, trial: int
) -> Turn:
    """An agent's own version of one draft, whose author it is not told."""
    return await _read(agent, "guardian", protocol, case, draft, call, trial)


async def _read(
    agent: Agent,
    role: Literal["critic", "guardian"],
    protocol: Protocol,
    case: PublicCase,
    draft: Turn,
    call: Caller,
    trial: int,
) -> Turn:
    said = f"<draft>\n{protocol.show(draft)}\n</draft>"
    prompt = protocol.prompt(role, agent.spec.instructions, case, draft=said)
    return await ask(agent, prompt, protocol.parser(role, case), call, trial, about=draft.seat)
