"""The aggregator: weighs drafts and critiques and gives its own answer, or selects a draft."""

from collections.abc import Sequence

from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.protocol import Protocol
from primum.agents.replies.menu import parse_choice
from primum.agents.roles.draft_format import Reading, show_drafts
from primum.agents.roles.exchange import Agent, ask, exchange, opening
from primum.agents.roles.transcript import Call, Caller, Turn
from primum.cases.model import PublicCase


async def aggregate(
    agent: Agent,
    protocol: Protocol,
    case: PublicCase,
    drafts: Sequence[Turn],
    critiques: Sequence[Turn],
    reading: Reading,
    call: Caller,
    trial: int,
) -> Turn:
    """One consolidated answer from drafts, in the order given, and critiques of them."""
    said = show_drafts(drafts, protocol, reading, critiques)
    prompt = protocol.prompt("aggregator", "draft", agent.spec.instructions, case, drafts=said)
    return await ask(agent, prompt, protocol.parser("draft", case), call, trial)


async def select(
    agent: Agent,
    protocol: Protocol,
    case: PublicCase,
    drafts: Sequence[Turn],
    critiques: Sequence[Turn],
    reading: Reading,
    call: Caller,
    trial: int,
) -> Turn:
    """The best of some drafts as it stands; of a single one nobody is asked."""
    calls: tuple[Call, ...] = ()
    chosen: int | None = 1
    outcome, reason = Outcome.OK, ""
    if len(drafts) > 1:
        said = show_drafts(drafts, protocol, reading, critiques)
        prompt = protocol.prompt("selector", "choice", agent.spec.instructions, case, drafts=said)
        found = await exchange(
            *(agent, opening(prompt), lambda text: parse_choice(text, len(drafts))),
            *(call, trial, "repair.object"),
        )
        chosen, calls = found.value, found.calls
        outcome, reason = found.outcome, found.reason
    draft = drafts[chosen - 1] if chosen else None
    return Turn(
        seat=agent.seat,
        role=agent.role,
        model=agent.spec.model,
        outcome=outcome,
        reason=reason,
        grades=draft.grades if draft else (),
        calls=calls,
        about=draft.seat if draft else None,
        passed_on=draft.text if draft else None,
    )
