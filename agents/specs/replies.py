"""Whether replies are bound to a JSON Schema by the endpoint: what is set, and what was done."""

from enum import StrEnum
from typing import Literal, NamedTuple

Replies = Literal["text", "schema", "auto"]


class ReplyForm(NamedTuple):
    """A setting of `replies`: whether a schema is sent, and whether its rejection means text."""

    bound: bool
    falls_back: bool
    description: str


REPLY_FORMS: dict[Replies, ReplyForm] = {
    "text": ReplyForm(False, False, "as text"),
    "schema": ReplyForm(True, False, "bound to a schema"),
    "auto": ReplyForm(True, True, "bound to a schema where the endpoint takes one, else as text"),
}


class RepliedAs(StrEnum):
    """How the reply of a call was asked for.

    TEXT is without a schema, SCHEMA with one, and IGNORED with one whose form the reply has not, so
    that it is read as text.
    """

    TEXT = "text"
    SCHEMA = "schema"
    IGNORED = "schema ignored"
