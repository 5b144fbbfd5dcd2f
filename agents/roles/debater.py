"""The debater: reads the others' drafts beside its own, and writes its own again."""

from collections.abc import Sequence
from dataclasses import replace

from primum.agents.protocols.protocol import Protocol
from primum.agents.roles.draft_format import YOURS, Reading, show_draft, show_drafts
from primum.agents.roles.exchange import Agent, ask
from primum.agents.roles.transcript import Caller, Turn
from primum.cases.model import PublicCase


async def revise(
    agent: Agent,
    protocol: Protocol,
    case: PublicCase,
    own: Turn,
    others: Sequence[Turn],
    reading: Reading,
    number: int,
    call: Caller,
    trial: int,
) -> Turn:
    """An agent's draft of a round, after its own and the others' latest before it."""
    prompt = protocol.prompt(
        "debater",
        "draft",
        agent.spec.instructions,
        case,
        draft=show_draft(own, protocol, YOURS if reading.named else None),
        drafts=show_drafts(others, protocol, reading),
    )
    turn = await ask(agent, prompt, protocol.parser("draft", case), call, trial)
    return replace(turn, role="debater", round=number)
