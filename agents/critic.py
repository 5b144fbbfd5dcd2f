"""The critic: reads one draft, lists the grades it would change."""

from primum.agents.asking import Agent, ask
from primum.agents.records import Caller, Turn
from primum.agents.replies import dump_grades, parse_grades
from primum.cases.menu import render_menu
from primum.cases.model import PublicCase
from primum.prompts.render import inert, render


async def criticise(agent: Agent, case: PublicCase, draft: Turn, call: Caller, trial: int) -> Turn:
    """An agent's objections to one draft, whose author it is not told."""
    prompt = render(
        "critic.menu",
        instructions=agent.spec.instructions,
        presentation=inert(case.presentation),
        menu=inert(render_menu(case.menu)),
        draft=f"<draft>\n{dump_grades(draft.grades)}\n</draft>",
    )
    numbers = [item.number for item in case.menu]
    return await ask(
        agent,
        prompt,
        lambda text: parse_grades(text, numbers, complete=False),
        call,
        trial,
        about=draft.seat,
    )
