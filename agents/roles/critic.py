"""The critic reads one draft and says what it would change; the guardian rewrites it."""

from typing import Literal

from primum.agents.protocols.protocol import Protocol
from primum.agents.protocols.record import Returns
from primum.agents.roles.draft_format import Reading, show_draft
from primum.agents.roles.exchange import Agent, ask
from primum.agents.roles.transcript import Caller, Turn
from primum.cases.model import PublicCase


async def review(
    agent: Agent,
    role: Literal["critic", "guardian"],
    protocol: Protocol,
    case: PublicCase,
    draft: Turn,
    reading: Reading,
    call: Caller,
    trial: int,
) -> Turn:
    """A critic's objections to one draft, or a guardian's own version of it."""
    said = show_draft(draft, protocol, draft.model if reading.named else None)
    returns = _returned_by(role)
    prompt = protocol.prompt(role, returns, agent.spec.instructions, case, draft=said)
    return await ask(agent, prompt, protocol.parser(returns, case), call, trial, about=draft.seat)


def _returned_by(role: Literal["critic", "guardian"]) -> Returns:
    return "objections" if role == "critic" else "draft"
