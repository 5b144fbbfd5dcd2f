"""A protocol that asks for a yes or a no to every option: one record, and its prompts beside it."""

import re
from collections.abc import Mapping
from pathlib import Path

from primum.agents.protocols.graded import (
    agree_on_options,
    changed_options,
    count_options,
    recommended_options,
)
from primum.agents.protocols.record import Grades, ProtocolRecord, Returns, Said
from primum.agents.protocols.registry import PROTOCOLS
from primum.agents.replies.menu import Grade
from primum.agents.replies.reader import Read, Reader, ReplyError
from primum.cases.menu import parse_menu, render_menu
from primum.cases.model import PublicCase
from primum.prompts.render import add_templates, inert

LINE = re.compile(r"(\d+): (yes|no)")
MENU = re.compile(r"<menu>\n(.*?)\n</menu>", re.DOTALL)
WORDS = {True: "yes", False: "no"}
GRADES = {"yes": "Appropriate", "no": "Inappropriate"}


def values(case: PublicCase, _form: str | None, _returns: Returns) -> Mapping[str, str]:
    return {"menu": inert(render_menu(case.menu))}


def parse(text: str, case: PublicCase, returns: Returns, _: Reader) -> Read[tuple[Grade, ...]]:
    said = dict(LINE.findall(text))
    missing = [o.number for o in case.menu if str(o.number) not in said]
    if returns == "draft" and missing:
        raise ReplyError(f"there is no answer to option {missing[0]}")
    grades = (
        Grade.model_validate({"Option": o.number, "GradeAI": GRADES[said[str(o.number)]]})
        for o in case.menu
        if o.number not in missing
    )
    return Read(tuple(grades))


def show(turn: Said) -> str:
    return YesNoWording().answer({g.option: g.appropriate for g in turn.grades}, "")


def made_up(user: str, mark: str, returns: Returns) -> str:
    shown = MENU.search(user)
    options = parse_menu(shown[1])[1] if shown else ()
    told = options[:1] if returns == "objections" else options
    return "\n".join(f"{o.number}: {WORDS[mark[o.number] in '01234567']}" for o in told)


class YesNoWording:
    """Grades as lines."""

    def draft(self, text: str) -> Grades:
        return {int(number): word == "yes" for number, word in LINE.findall(text)}

    def critique(self, text: str) -> Grades:
        return self.draft(text)

    def answer(self, grades: Grades, _remark: str) -> str:
        return "\n".join(f"{number}: {WORDS[yes]}" for number, yes in grades.items())

    def changes(self, grades: Grades, remark: str) -> str:
        return self.answer(grades, remark) or "none"  # an empty reply would be a failure


YES_NO = ProtocolRecord(
    name="yes-no",
    description="Answer yes or no to every option.",
    doing="answering yes or no to every option",
    heading="yes or no",
    judging="answers need no judge.",
    items="case",
    forms=(),
    shows_options=True,
    values=values,
    templates=lambda _: ("repair.yes-no",),
    parse=parse,
    repair="repair.yes-no",
    show=show,
    count=count_options,
    agree=agree_on_options,
    recommended=recommended_options,
    changes=changed_options,
    grades_matcher="yes-no/1",
    default_matcher=None,
    recognises=lambda user: "Answer yes or no" in user,
    wording=lambda _: YesNoWording(),
    made_up=made_up,
)


def register() -> None:
    PROTOCOLS.add(YES_NO)
    add_templates(Path(__file__).parent)
