"""The record of a protocol: how items are asked, and replies are parsed, counted and shown."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, Protocol, TypeVar

from primum.agents.replies.menu import Grade
from primum.agents.replies.reader import Read, Reader
from primum.agents.replies.schemas import BoundForm
from primum.cases.model import PublicCase
from primum.core.errors import DataError

NAME = re.compile(r"[a-z][a-z0-9-]*")
Returns = Literal["draft", "objections", "choice", "verdicts"]
"""What a role returns: an answer, objections to one, the number of a draft, or verdicts."""
Grades = dict[int, bool]
"""Whether each option is appropriate, by its number."""
T = TypeVar("T")


class Said(Protocol):
    """The fields of a turn that protocols read."""

    @property
    def seat(self) -> str:
        """The agent's seat."""
        ...

    @property
    def text(self) -> str:
        """The reply."""
        ...

    @property
    def grades(self) -> tuple[Grade, ...]:
        """The parsed grades; empty if the protocol's replies are free text."""
        ...


class ReplyParser(NamedTuple, Generic[T]):
    """Reads the replies of one kind.

    `parse` raises ReplyError for a reply that cannot be used; `repair` names the template of the
    message that then asks for another one. `form` is the one to which replies may be bound; None
    for free text. `prose` is whether any text will do as a reply, so that one that declines to
    answer is told apart by its words alone.
    """

    parse: Callable[[str], Read[T]]
    repair: str
    form: BoundForm | None = None
    prose: bool = False


class Tally(NamedTuple):
    """The answer of a rule: grades, or the text of an answer; the other one is empty."""

    grades: tuple[Grade, ...] = ()
    text: str | None = None


class Changes(NamedTuple):
    """The changes that objections ask for: options by number, or actions in words."""

    options: Mapping[int, bool]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


Enough = Callable[[Sequence[Said]], bool]
"""Whether the drafts that include an option or action suffice for a rule."""


class Wording(Protocol):
    """How simulated models read grades from text and write them as text."""

    def draft(self, text: str) -> Grades:
        """The grades of a whole answer."""
        ...

    def critique(self, text: str) -> Grades:
        """The grades that objections would change."""
        ...

    def answer(self, grades: Grades, remark: str) -> str:
        """A whole answer."""
        ...

    def changes(self, grades: Grades, remark: str) -> str:
        """Objections to what does not have these grades."""
        ...


def free_text(_case: PublicCase, _returns: Returns) -> BoundForm | None:
    """No form, whatever a role returns."""
    return None


@dataclass(frozen=True)
class ProtocolRecord:
    """How items are asked and how the answers are read; menu.py and plan.py are the built-in ones.

    Attributes:
        name: in manifests, on the command line, and after the dot in the names of its prompts.
        description: one line, for lists and help texts.
        doing: what the ensembles do, as a report says it, such as "writing plans".
        heading: what the heading of a table adds to the suite's name; empty for nothing.
        judging: what a report's checklist says after the matcher's name where no judge is asked.
        items: the kind of item that it asks.
        forms: how long answers may be; the first is the default. Empty where there is no choice.
        shows_options: whether agents see an item's options.
        values: what its prompts need beyond instructions, presentation and what others said: from
            an item, a form, and what the role returns.
        templates: the names of prompts it uses beside those of the roles, for a form.
        parse: reads a reply, without thinking, of a role that returns so and so, with a reader;
            raises ReplyError.
        repair: the template of the one repair turn after a ReplyError.
        show: a turn as another agent reads it.
        count: what a rule makes of drafts.
        agree: whether drafts recommend the same.
        recommended: the options that a turn recommends; None where only a matcher can say.
        changes: what a turn that holds objections would change.
        grades_matcher: stands for the matcher, with a version, where `recommended` gives the
            verdicts; None where a matcher or judges find them in the text.
        default_matcher: otherwise, the matcher where none is asked for, by its name on the command
            line.
        recognises: whether the user part of a prompt is one of its own.
        wording: how simulated models read and write, given the texts of the options.
        made_up: the text of a reply of usual length for a dry run: from the user part of a
            prompt, a text that differs from request to request, and what the role returns.
        bound_form: the form to which what a role returns may be bound; None for free text.
    """

    name: str
    description: str
    doing: str
    heading: str
    judging: str
    items: str
    forms: tuple[str, ...]
    shows_options: bool
    values: Callable[[PublicCase, str | None, Returns], Mapping[str, str]]
    templates: Callable[[str | None], tuple[str, ...]]
    parse: Callable[[str, PublicCase, Returns, Reader], Read[tuple[Grade, ...]]]
    repair: str
    show: Callable[[Said], str]
    count: Callable[[Sequence[Said], Enough, PublicCase], Tally]
    agree: Callable[[Sequence[Said]], bool]
    recommended: Callable[[Said], tuple[int, ...] | None]
    changes: Callable[[Said], Changes]
    grades_matcher: str | None
    default_matcher: str | None
    recognises: Callable[[str], bool]
    wording: Callable[[Mapping[int, str]], Wording]
    made_up: Callable[[str, str, Returns], str]
    bound_form: Callable[[PublicCase, Returns], BoundForm | None] = free_text

    def __post_init__(self) -> None:
        """Validate the name, and that verdicts have exactly one source.

        Raises:
            DataError: the name has other characters than lower-case letters, digits and hyphens, or
                not exactly one of `grades_matcher` and `default_matcher` is set.
        """
        if not NAME.fullmatch(self.name):
            raise DataError(f"protocol {self.name}: small letters, digits and hyphens only")
        if (self.grades_matcher is None) == (self.default_matcher is None):
            raise DataError(
                f"protocol {self.name}: set either grades_matcher or default_matcher, not both"
            )

    @property
    def matched(self) -> bool:
        """Whether verdicts are found in the text of an answer, by a matcher or by judges."""
        return self.grades_matcher is None

    @property
    def default_form(self) -> str | None:
        """The form where none is asked for; None where the protocol has none."""
        return self.forms[0] if self.forms else None

    @property
    def read_by(self) -> str:
        """What shows the options that a single turn recommends: its grades, or its words."""
        return "words (lexical)" if self.matched else "grades"
