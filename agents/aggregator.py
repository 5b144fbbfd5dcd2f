"""The aggregator: weighs drafts and critiques, gives the final answer."""

from collections.abc import Sequence

from primum.agents.asking import Agent, ask
from primum.agents.client import Outcome
from primum.agents.protocol import Protocol
from primum.agents.records import Caller, Turn
from primum.cases.model import PublicCase


async def aggregate(
    agent: Agent,
    protocol: Protocol,
    case: PublicCase,
    turns: Sequence[Turn],
    call: Caller,
    trial: int,
) -> Turn:
    """One consolidated answer from the drafts and critiques that could be used."""
    drafts = render_drafts(turns, protocol)
    prompt = protocol.prompt("aggregator", agent.spec.instructions, case, drafts=drafts)
    return await ask(agent, prompt, protocol.parser("aggregator", case), call, trial)


def render_drafts(turns: Sequence[Turn], protocol: Protocol) -> str:
    """Each draft, numbered, with the critiques of it; no author is named."""
    usable = [turn for turn in turns if turn.outcome is Outcome.OK]
    drafts = sorted((t for t in usable if t.role == "generator"), key=_seat_order)
    parts = []
    for number, draft in enumerate(drafts, 1):
        parts.append(f'<draft number="{number}">\n{protocol.show(draft)}\n</draft>')
        critiques = sorted((t for t in usable if t.about == draft.seat), key=_seat_order)
        parts += [
            f'<critique of="{number}">\n{protocol.show(critique)}\n</critique>'
            for critique in critiques
        ]
    return "\n\n".join(parts)


def _seat_order(turn: Turn) -> tuple[int, str]:
    return len(turn.seat), turn.seat
