"""How simulated models read and write plans: an option is in a plan by its very words.

Options of the same words are one action here: a plan cannot hold the one without the other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from primum.agents.protocols.record import Grades
from primum.agents.replies.lists import list_items
from primum.agents.replies.objections import extract_objections
from primum.agents.replies.plan import extract_actions
from primum.prompts.render import inert

NO_ACTION = "No action is recommended."
NO_CHANGE = "No change."
ADDED = {"add": True, "remove": False}


def alike(texts: Mapping[int, str]) -> dict[int, tuple[int, ...]]:
    """The options of each text, by the first of them."""
    found: dict[str, tuple[int, ...]] = {}
    for option, text in texts.items():
        found[_words(text)] = (*found.get(_words(text), ()), option)
    return {options[0]: options for options in found.values()}


@dataclass(frozen=True, slots=True)
class PlanWording:
    """Plans and objections as grades of the options whose texts are given, and back."""

    texts: Mapping[int, str]

    def draft(self, text: str) -> Grades:
        """Whether each option is in a plan."""
        options, said = self._options(), set()
        bodies = {item.start: item.body for item in list_items(text)}
        for action in extract_actions(text):
            # The whole line first: what looks like a reason or an urgency may be an option's own.
            body = _words(bodies.get(action.start, action.text))
            said.add(body if body in options else _words(action.text))
        return {option: words in said for words, option in options.items()}

    def critique(self, text: str) -> Grades:
        """The options that a critique would have in the plan, and those it would not."""
        options = self._options()
        said = [_objected(item.body, options) for item in list_items(text)]
        if not any(words in options for words, _ in said):
            drawn = extract_objections(text)
            said = [(_words(o.action), ADDED[o.kind]) for o in drawn if o.kind in ADDED]
        return {options[words]: grade for words, grade in said if words in options}

    def answer(self, grades: Grades, _: str) -> str:
        """The plan of the options that are appropriate."""
        return _listed(self._line(o) for o, yes in grades.items() if yes) or NO_ACTION

    def changes(self, grades: Grades, remark: str) -> str:
        """The objections of a critic who would have these grades."""
        heads = {True: "ADD", False: "REMOVE"}
        lines = (f"{heads[yes]}: {self._line(o)} - {remark}" for o, yes in grades.items())
        return _listed(lines) or NO_CHANGE

    def _options(self) -> dict[str, int]:
        return {_words(text): option for option, text in self.texts.items()}

    def _line(self, option: int) -> str:
        return " ".join(self.texts[option].split())


def _objected(body: str, options: Mapping[str, int]) -> tuple[str, bool]:
    """The longest option that an objection begins with: a dash may be of its text or end it."""
    head, _, words = _words(body).partition(": ")
    while words and words not in options:
        words = words.rpartition(" - ")[0]
    return (words if head in ADDED else ""), ADDED.get(head, False)


def _listed(lines: Iterator[str]) -> str:
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))


def _words(text: str) -> str:
    """A text as texts are compared: without its case, its spaces and any tag of ours."""
    return " ".join(inert(text).split()).casefold()
