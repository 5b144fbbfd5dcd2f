"""How replies are read: the readers to choose from, and what a reading returns."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")
READER_VERSION = 1


class Reader(StrEnum):
    """Which forms of a reply are read.

    TOLERANT reads every form whose meaning is unambiguous; STRICT only JSON as it was asked for.
    """

    TOLERANT = "tolerant"
    STRICT = "strict"

    @property
    def sentence(self) -> str:
        """What it does, for a reader of help texts and reports."""
        return SENTENCES[self]


SENTENCES = {
    Reader.TOLERANT: "reads every form whose meaning is unambiguous, and counts what it normalised",
    Reader.STRICT: "reads only JSON in the form that was asked for",
}


class Normalised(StrEnum):
    """What the tolerant reader normalises."""

    CODE_FENCE = "code fence of another form"
    TEXT_AROUND = "text around the JSON"
    WRAPPER = "wrapper"
    BY_OPTION = "object by option"
    NO_ARRAY = "objects without an array"
    REPEATED = "given twice alike"
    ENCODED_TWICE = "encoded twice"
    HTML = "HTML entities"
    SPACE = "byte order mark or unusual space"
    COMMENT = "comment"
    TRAILING_COMMA = "trailing comma"
    MISSING_COMMA = "missing comma"
    QUOTES = "single or curly quotation marks"
    UNESCAPED_QUOTE = "quotation mark within a text"
    CONTROL = "line break or tab within a text"
    ESCAPE = "invalid escape"
    UNQUOTED = "word without quotation marks"
    PYTHON = "Python literal"
    NUMBER = "number in another form"
    KEY = "spelling of a key"
    EXTRA_KEY = "extra key"
    GRADE = "spelling of a grade"
    RATIONALE = "rationale that is no text"
    VERDICT = "spelling of a verdict"
    CATEGORY = "spelling of a category"
    UNKNOWN_CATEGORY = "unknown category"
    LEFT_OUT = "empty field left out"


class Read(NamedTuple, Generic[T]):
    """What was read from a reply.

    Attributes:
        value: the reply as a record.
        changes: values of `Normalised` in alphabetical order; empty if the reply has the form that
            was asked for.
    """

    value: T
    changes: tuple[str, ...] = ()


class ReplyError(ValueError):
    """A reply that cannot be used; the message is the reason, which the repair prompt repeats."""


def names_of(changes: Iterable[Normalised]) -> tuple[str, ...]:
    """What was normalised as it is recorded: each once, in alphabetical order."""
    return tuple(sorted({change.value for change in changes}))
