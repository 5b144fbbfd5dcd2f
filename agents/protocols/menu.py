"""The protocol `menu`: the options are shown, and every one is graded."""

import json
import re
from collections.abc import Mapping
from itertools import cycle

from primum.agents.protocols.graded import (
    agree_on_options,
    changed_options,
    count_options,
    recommended_options,
    show_grades,
)
from primum.agents.protocols.record import Grades, ProtocolRecord, Returns
from primum.agents.replies.menu import Grade, parse_grades
from primum.agents.replies.reader import Read, Reader
from primum.agents.replies.schemas import BoundForm, grades_form, objections_form
from primum.cases.menu import parse_menu, render_menu
from primum.cases.model import PublicCase
from primum.prompts.render import inert

MENU_MATCHER = "menu/1"  # in manifests: grades are the verdicts
SHOWN = re.compile(r"<menu>\n(.*?)\n</menu>", re.DOTALL)
CRITICISED = 4  # a made-up critique is of one option in so many


def _values(case: PublicCase, _form: str | None, _returns: Returns) -> Mapping[str, str]:
    return {"menu": inert(render_menu(case.menu))}


def _parse(
    text: str, case: PublicCase, returns: Returns, reader: Reader
) -> Read[tuple[Grade, ...]]:
    numbers = [option.number for option in case.menu]
    return parse_grades(text, numbers, complete=returns == "draft", reader=reader)


def _bound_form(case: PublicCase, returns: Returns) -> BoundForm:
    options = tuple(option.number for option in case.menu)
    return grades_form(options) if returns == "draft" else objections_form(options)


def _made_up(user: str, mark: str, returns: Returns) -> str:
    shown = SHOWN.search(user)
    numbers = [option.number for option in parse_menu(shown[1])[1]] if shown else []
    graded = numbers[: len(numbers) // CRITICISED] if returns == "objections" else numbers
    mixed = ["Appropriate" if digit in "02468ace" else "Inappropriate" for digit in mark]
    rows = [
        {"Option": n, "GradeAI": grade, "Rationale": f"{mark[:8]}: one short sentence."}
        for n, grade in zip(graded, cycle(mixed), strict=False)
    ]
    return json.dumps(rows)


class MenuWording:
    """Grades as a menu's JSON rows, of which a critique has some."""

    def draft(self, text: str) -> Grades:
        """The grades of a whole answer."""
        return {row["Option"]: row["GradeAI"] == "Appropriate" for row in json.loads(text)}

    def critique(self, text: str) -> Grades:
        """The grades that objections would change."""
        return self.draft(text)

    def answer(self, grades: Grades, remark: str) -> str:
        """A whole answer."""
        grade = {True: "Appropriate", False: "Inappropriate"}
        rows = [
            {"Option": n, "GradeAI": grade[yes], "Rationale": remark} for n, yes in grades.items()
        ]
        return json.dumps(rows)

    def changes(self, grades: Grades, remark: str) -> str:
        """Objections to what does not have these grades."""
        return self.answer(grades, remark)


MENU = ProtocolRecord(
    name="menu",
    description="Grade every option of a menu.",
    doing="grading every option of a menu",
    heading="",
    judging="menus need no judge.",
    items="case",
    forms=(),
    shows_options=True,
    values=_values,
    templates=lambda _: ("repair.array",),
    parse=_parse,
    repair="repair.array",
    show=show_grades,
    count=count_options,
    agree=agree_on_options,
    recommended=recommended_options,
    changes=changed_options,
    grades_matcher=MENU_MATCHER,
    default_matcher=None,
    recognises=lambda user: SHOWN.search(user) is not None,
    wording=lambda _: MenuWording(),
    made_up=_made_up,
    bound_form=_bound_form,
)
