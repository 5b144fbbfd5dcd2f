"""The aggregator: weighs drafts and critiques, gives the final grade of every option."""

from collections.abc import Sequence

from primum.agents.asking import Agent, ask
from primum.agents.client import Outcome
from primum.agents.records import Caller, Turn
from primum.agents.replies import dump_grades, parse_grades
from primum.cases.menu import render_menu
from primum.cases.model import PublicCase
from primum.prompts.render import inert, render


async def aggregate(
    agent: Agent, case: PublicCase, turns: Sequence[Turn], call: Caller, trial: int
) -> Turn:
    """One consolidated answer from the drafts and critiques that could be used."""
    prompt = render(
        "aggregator.menu",
        instructions=agent.spec.instructions,
        presentation=inert(case.presentation),
        menu=inert(render_menu(case.menu)),
        drafts=render_drafts(turns),
    )
    numbers = [item.number for item in case.menu]
    return await ask(agent, prompt, lambda t: parse_grades(t, numbers, complete=True), call, trial)


def render_drafts(turns: Sequence[Turn]) -> str:
    """Each draft, numbered, with the critiques of it; no author is named."""
    usable = [turn for turn in turns if turn.outcome is Outcome.OK]
    drafts = sorted((t for t in usable if t.role == "generator"), key=_seat_order)
    parts = []
    for number, draft in enumerate(drafts, 1):
        parts.append(f'<draft number="{number}">\n{dump_grades(draft.grades)}\n</draft>')
        critiques = sorted((t for t in usable if t.about == draft.seat), key=_seat_order)
        parts += [
            f'<critique of="{number}">\n{dump_grades(critique.grades)}\n</critique>'
            for critique in critiques
        ]
    return "\n\n".join(parts)


def _seat_order(turn: Turn) -> tuple[int, str]:
    return len(turn.seat), turn.seat
