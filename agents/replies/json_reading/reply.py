"""How a reply is read: strictly first, which most replies allow, then tolerantly."""

from collections.abc import Callable
from typing import TypeVar

from primum.agents.replies.json_reading.search import Found, find_json, holds_json
from primum.agents.replies.json_reading.strict import body_of
from primum.agents.replies.reader import Read, Reader, ReplyError, names_of

T = TypeVar("T")


def read_reply(
    text: str, strictly: Callable[[str], T], tolerantly: Callable[[Found], T], reader: Reader
) -> Read[T]:
    """What a reply says.

    A reply with JSON outside of its only fenced block is not read strictly by the tolerant reader,
    since it may contradict the block.

    Args:
        text: the reply, without thinking.
        strictly: reads it if it has the form that was asked for.
        tolerantly: reads the JSON that was found in it, and adds what it normalises.
        reader: which forms are read.

    Raises:
        ReplyError: it cannot be used.
    """
    problem = ReplyError("the reply is not JSON")
    try:
        value = strictly(text)
        if reader is Reader.STRICT or not holds_json(body_of(text).outside):
            return Read(value)
    except ReplyError as error:
        if reader is Reader.STRICT:
            raise
        problem = error
    found = find_json(text)
    if not found.values:
        raise problem
    value = tolerantly(found)
    return Read(value, names_of(found.changes))
