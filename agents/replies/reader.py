"""How replies are read: the readers to choose from, and what a reading returns."""

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


class Read(NamedTuple, Generic[T]):
    """What was read from a reply.

    Attributes:
        value: the reply as a record.
        changes: names of what was normalised, such as "trailing comma", in alphabetical order;
            empty if the reply has the form that was asked for.
    """

    value: T
    changes: tuple[str, ...] = ()


class ReplyError(ValueError):
    """A reply that cannot be used; the message is the reason, which the repair prompt repeats."""
