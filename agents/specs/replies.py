"""Whether replies are bound to a JSON Schema by the endpoint: what is set, and what was done."""

from enum import StrEnum
from typing import Literal, NamedTuple

Replies = Literal["text", "schema", "auto"]


class ReplyForm(NamedTuple):
    """A setting of `replies`: whether a schema is sent, and whether its rejection means text."""

    name: Replies
    bound: bool
    falls_back: bool


REPLY_FORMS = {
    form.name: form
    for form in (
        ReplyForm("text", bound=False, falls_back=False),
        ReplyForm("schema", bound=True, falls_back=False),
        ReplyForm("auto", bound=True, falls_back=True),
    )
}


class RepliedAs(StrEnum):
    """How a reply that can be bound was asked for, and whether it has the form of the schema."""

    TEXT = "text"
    SCHEMA = "schema"
    IGNORED = "schema ignored"

    @property
    def words(self) -> str:
        """What it says of replies."""
        return WORDS[self]


WORDS = {
    RepliedAs.TEXT: "as text",
    RepliedAs.SCHEMA: "bound to a schema",
    RepliedAs.IGNORED: "not bound, since the endpoint ignored the schema",
}
