"""Replies that are JSON as it was asked for: alone, or as the reply's only fenced block."""

import json
import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from pydantic import ValidationError

from primum.agents.replies.reader import ReplyError
from primum.core.documents import unique_keys

T = TypeVar("T")
FENCE = re.compile(r"```(?:json)?[ \t]*\n([^\n]*+(?:\n[^\n]*+)*?)\n[ \t]*```")


class Body(NamedTuple):
    """The part of a reply that must be JSON, and the rest."""

    json: str
    outside: str


def parse_strictly(text: str, validate: Callable[[str], T]) -> T:
    """Parse a reply that is JSON, alone or as its only fenced block, with Pydantic's `validate`.

    Raises:
        ReplyError: not JSON, cut off, a repeated key, or an invalid field.
    """
    body = body_of(text).json
    try:
        json.loads(body, object_pairs_hook=unique_keys)
    except json.JSONDecodeError as error:
        ending = {"[": "]", "{": "}"}.get(body[:1])
        cut = ending and error.msg != "Extra data" and not body.endswith(ending)
        problem = "is cut off" if cut else f"is not JSON ({error.msg}, character {error.pos})"
        raise ReplyError(f"the reply {problem}") from None
    except RecursionError:
        raise ReplyError("the reply is not JSON (nested too deeply)") from None
    except ValueError as error:
        raise ReplyError(str(error)) from None
    return validated(body, validate)


def validated(body: str, validate: Callable[[str], T]) -> T:
    """JSON as a record, by Pydantic's `validate`.

    Raises:
        ReplyError: a field is invalid; the message has its place and no value.
    """
    try:
        return validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the reply"
        raise ReplyError(f"{where}: {first['msg'].removeprefix('Value error, ')}") from None


def body_of(text: str) -> Body:
    """The part of a reply that must be JSON: its only fenced block, else all of it."""
    fenced = [*FENCE.finditer(text)]
    if len(fenced) == 1:
        start, end = fenced[0].span()
        return Body(fenced[0][1], text[:start] + text[end:])
    return Body(text.strip(), "")
