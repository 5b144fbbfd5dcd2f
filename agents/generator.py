"""The generator: reads a case, grades every option."""

from primum.agents.asking import Agent, ask
from primum.agents.records import Caller, Turn
from primum.agents.replies import parse_grades
from primum.cases.menu import render_menu
from primum.cases.model import PublicCase
from primum.prompts.render import inert, render


async def generate(agent: Agent, case: PublicCase, call: Caller, trial: int) -> Turn:
    """An agent's own draft."""
    prompt = render(
        "generator.menu",
        instructions=agent.spec.instructions,
        presentation=inert(case.presentation),
        menu=inert(render_menu(case.menu)),
    )
    numbers = [item.number for item in case.menu]
    return await ask(agent, prompt, lambda t: parse_grades(t, numbers, complete=True), call, trial)
