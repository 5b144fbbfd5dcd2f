"""The generator: reads a case, drafts an answer."""

from primum.agents.protocols.protocol import Protocol
from primum.agents.roles.exchange import Agent, ask
from primum.agents.roles.transcript import Caller, Turn
from primum.cases.model import PublicCase


async def generate(
    agent: Agent, protocol: Protocol, case: PublicCase, call: Caller, trial: int
) -> Turn:
    """An agent's own draft."""
    prompt = protocol.prompt("generator", "draft", agent.spec.instructions, case)
    return await ask(agent, prompt, protocol.parser("draft", case), call, trial)
