"""Separates a model's thinking from its reply."""

import re
from typing import NamedTuple

CLOSED = re.compile(r"</think>", re.IGNORECASE)


class Separated(NamedTuple):
    """A reply without its thinking, and the thinking, "" if there is none."""

    text: str
    thinking: str


def separate_thinking(text: str) -> Separated:
    """A reply, and the thinking taken out of it. Raises nothing."""
    closed = [found.span() for found in CLOSED.finditer(text)]
    if not closed:
        return Separated(text, "")
    start, end = closed[-1]
    return Separated(text[end:].strip(), text[:start].strip())
