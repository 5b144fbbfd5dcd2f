"""How an answer is asked for: the menu (grade every option) or a plan (free text)."""

from typing import Literal, get_args

from primum.agents.replies.menu import Grade, dump_grades, parse_grades
from primum.agents.roles.exchange import Parser
from primum.agents.roles.transcript import Turn
from primum.agents.specs.model import FrozenRecord, Role
from primum.cases.menu import render_menu
from primum.cases.model import PublicCase
from primum.prompts.render import Prompt, inert, render, template

Form = Literal["concise", "500-words", "unlimited"]
FORMS: tuple[Form, ...] = get_args(Form)
REWRITING = frozenset({"generator", "guardian", "aggregator", "debater"})
PromptName = Role | Literal["selector"]


class Protocol(FrozenRecord):
    """Prompts and replies of one protocol; a plan has a form, which bounds its length."""

    name: Literal["menu", "plan"] = "menu"
    form: Form | None = None

    def prompt(self, role: PromptName, instructions: str, case: PublicCase, **said: str) -> Prompt:
        """The prompt of a role; `said` is what other agents said, by its name in the prompt."""
        values = {
            "instructions": instructions,
            "presentation": inert(case.presentation),
            **said,
        }
        if self.name == "menu":
            values["menu"] = inert(render_menu(case.menu))
        elif role in REWRITING:
            values["length"] = template(f"length.{self.form}").strip()
        return render(f"{role}.{self.name}", **values)

    def parser(self, role: Role, case: PublicCase) -> Parser[tuple[Grade, ...]]:
        """What reads a role's reply: strictly for grades; a plan is kept whole, as it is."""
        if self.name == "plan":
            return lambda _: ()
        numbers = [item.number for item in case.menu]
        return lambda text: parse_grades(text, numbers, complete=role in REWRITING)

    def show(self, turn: Turn) -> str:
        """What an agent said, as another agent reads it."""
        return dump_grades(turn.grades) if self.name == "menu" else inert(turn.text.strip())
