"""Shared by critic and guardian: asking an agent about one draft."""

from dataclasses import replace

from primum.agents.protocols.record import Returns
from primum.agents.roles.record import Material, Question
from primum.agents.turns.draft_format import show_draft
from primum.agents.turns.exchange import Agent, ask
from primum.agents.turns.transcript import Turn


async def review(
    agent: Agent, name: str, returns: Returns, question: Question, material: Material
) -> Turn | None:
    """Ask an agent about the last of its drafts; returns its turn, or None if there is no draft.

    Args:
        agent: who reads the draft.
        name: of the role's prompt.
        returns: what the role returns: objections, or a whole answer.
        question: the item, and the caller of models.
        material: the draft.
    """
    if not material.drafts:
        return None
    draft, protocol, case = material.drafts[-1], question.protocol, question.case
    shown = show_draft(draft, protocol, draft.model if material.reading.named else None)
    prompt = protocol.prompt(name, returns, agent.spec.instructions, case, draft=shown)
    parser = protocol.parser(returns, case)
    turn = await ask(agent, prompt, parser, question.call, question.trial)
    return replace(turn, about=draft.seat)
