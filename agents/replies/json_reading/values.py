"""Reads one JSON value that is written as people and models write JSON.

Beyond JSON it takes: comments, unusual spaces, single and curly quotation marks, unescaped ones and
line breaks within texts, words without quotation marks, Python's literals, a comma after the last
element, and none between two objects. What is cut off is never completed, and a key that an object
has twice with different values is refused. Each leniency is recorded by name.
"""

import re
from typing import Any

from primum.agents.replies.json_reading.texts import (
    CLOSERS,
    KEY_ENDS,
    VALUE_ENDS,
    Source,
    read_text,
)
from primum.agents.replies.reader import Normalised

NUMBER = re.compile(r"[-+]?[0-9]{1,18}(?:\.[0-9]{0,18})?(?:[eE][-+]?[0-9]{1,3})?(?![\w.])")
WHOLE = re.compile(r"[-+]?[0-9]+")
WORD = re.compile(r"[^\W\d_]\w*(?:[ -]\w+)*")
BARE_KEY = re.compile(r"(?:[^\W\d]\w*(?:[ -]\w+)*|[0-9]{1,9})(?=\s*:)")
JSON_WORDS = {"true": True, "false": False, "null": None}
PYTHON_WORDS = {"True": True, "False": False, "None": None}
DEEPEST = 30


def read_value(source: Source, at: int, depth: int = 0) -> tuple[Any, int]:
    """The value at a position, and the position after it.

    Raises:
        MalformedError: there is none, it is cut off, or it is nested more than 30 deep.
    """
    if depth > DEEPEST:
        raise source.fail(at)
    at = source.after_gap(at)
    sign = source.text[at : at + 1]
    if sign == "{":
        return _read_object(source, at + 1, depth)
    if sign == "[":
        return _read_array(source, at + 1, depth)
    return read_text(source, at, VALUE_ENDS) if sign in CLOSERS else _read_word(source, at)


def _read_array(source: Source, at: int, depth: int) -> tuple[list[Any], int]:
    found: list[Any] = []
    at = source.after_gap(at)
    while source.text[at : at + 1] != "]":
        value, at = read_value(source, at, depth + 1)
        found.append(value)
        at = _next(source, at, "]", objects=isinstance(value, dict))
    return found, at + 1


def _read_object(source: Source, at: int, depth: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    at = source.after_gap(at)
    while source.text[at : at + 1] != "}":
        start = at
        key, at = _read_key(source, at)
        at = source.after_gap(at)
        if source.text[at : at + 1] != ":":
            raise source.fail(at)
        value, at = read_value(source, at + 1, depth + 1)
        if key in found:
            if found[key] != value:
                raise source.fail(start)
            source.changes.add(Normalised.REPEATED)
        found[key] = value
        at = _next(source, at, "}")
    return found, at + 1


def _next(source: Source, at: int, end: str, *, objects: bool = False) -> int:
    """The position of the next element, or of the end of an array or object."""
    at = source.after_gap(at)
    sign = source.text[at : at + 1]
    if sign == ",":
        at = source.after_gap(at + 1)
        if source.text[at : at + 1] == end:
            source.changes.add(Normalised.TRAILING_COMMA)
    elif objects and sign == "{":
        source.changes.add(Normalised.MISSING_COMMA)
    elif sign != end:
        raise source.fail(at)
    return at


def _read_key(source: Source, at: int) -> tuple[str, int]:
    if source.text[at : at + 1] in CLOSERS:
        return read_text(source, at, KEY_ENDS)
    bare = BARE_KEY.match(source.text, at)
    if not bare:
        raise source.fail(at)
    source.changes.add(Normalised.UNQUOTED)
    return bare[0], bare.end()


def _read_word(source: Source, at: int) -> tuple[Any, int]:
    text = source.text
    if number := NUMBER.match(text, at):
        whole = WHOLE.fullmatch(number[0])
        return int(number[0]) if whole else float(number[0]), number.end()
    word = WORD.match(text, at)
    if not word:
        raise source.fail(at)
    if word[0] in JSON_WORDS:
        return JSON_WORDS[word[0]], word.end()
    python = word[0] in PYTHON_WORDS
    source.changes.add(Normalised.PYTHON if python else Normalised.UNQUOTED)
    return PYTHON_WORDS.get(word[0], word[0]), word.end()
