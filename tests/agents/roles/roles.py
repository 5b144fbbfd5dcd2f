"""Roles as tests ask them: no author named, drafts in the order given."""

from collections.abc import Sequence

from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.protocol import Protocol
from primum.agents.roles import aggregator, critic
from primum.agents.roles.draft_format import Reading, in_order
from primum.agents.roles.exchange import Agent
from primum.agents.roles.transcript import Caller, Turn
from primum.cases.model import PublicCase


async def criticise(
    agent: Agent, protocol: Protocol, case: PublicCase, draft: Turn, call: Caller, trial: int
) -> Turn:
    return await critic.review(agent, "critic", protocol, case, draft, Reading(), call, trial)


async def guard(
    agent: Agent, protocol: Protocol, case: PublicCase, draft: Turn, call: Caller, trial: int
) -> Turn:
    return await critic.review(agent, "guardian", protocol, case, draft, Reading(), call, trial)


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
    return await aggregator.aggregate(
        agent, protocol, case, drafts, critiques, Reading(), call, trial
    )
