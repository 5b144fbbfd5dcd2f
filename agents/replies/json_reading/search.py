"""Finds what a reply gives as JSON: alone, in fences, within prose, or encoded once more."""

import html
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from primum.agents.replies.json_reading.spelling import plain_key
from primum.agents.replies.json_reading.texts import INVISIBLE, MalformedError, Source
from primum.agents.replies.json_reading.values import DEEPEST, read_value
from primum.agents.replies.reader import Normalised, ReplyError

T = TypeVar("T")
BRACKET = re.compile(r"[\[{]")
# Between brackets that begin a value; bounded, since it is tried at every bracket of a text.
SHORT_GAP = re.compile(
    rf"(?:[\s{INVISIBLE}]{{1,200}}|//[^\n]{{0,200}}\n|\#[^\n]{{0,200}}\n|/\*.{{0,200}}?\*/){{0,9}}",
    re.DOTALL,
)
FIRST_KEY = re.compile(
    r"[\"'\u2018-\u201f\\}]|&(?:quot|\#34|\#x22);|[^\W\d][\w -]{0,40}[\"']?:|[0-9]{1,9}\s{0,9}:",
    re.IGNORECASE,
)
ENCODED_BEGINS = re.compile(r'"\s{0,200}[\[{]\s{0,200}[\\{]')
ENCODED = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
EMPTY = re.compile(r"\[\s{0,200}\]")
ESCAPED_KEY = re.compile(r'[\[{,](?:\s|\\[nrt]){0,200}\\"')
ENTITY_KEY = re.compile(r"[\[{,]\s{0,200}(?:&quot;|&\#34;|&\#x22;)", re.IGNORECASE)
BARE_QUOTE = re.compile(r'(?<!\\)"')
FENCE = re.compile(r"(?:```+|~~~+)[ \t]*\w*")
ALONE_BEFORE = re.compile(r"(?:^|\n)[ \t]*\Z")
ALONE_AFTER = re.compile(r"[ \t]*(?:\n|\Z)")
KEY_WITH_VALUE = re.compile(
    r"(?:[\"'\u201d\u2019]|&(?:quot|#34|#x22);)\s{0,20}:"
    r"\s{0,20}(?:[\"'\u201c\u2018\[0-9]|&(?:quot|#34|#x22);|null|None)",
    re.IGNORECASE,
)
NEAR = 100


class Found(NamedTuple):
    """The JSON arrays and objects of a reply in their order, and what was normalised."""

    values: list[Any]
    changes: set[Normalised]


def find_json(text: str) -> Found:
    """The JSON arrays and objects of a reply; brackets of prose are none.

    Raises:
        ReplyError: one is cut off at either end, malformed, or nested too deeply.
    """
    source = _decoded(text)
    values: list[Any] = []
    around: list[str] = []
    at = 0
    while (start := next_start(source.text, at)) is not None:
        around.append(source.text[at:start])
        value, at = _read(source, start)
        if value or _stands_alone(source.text, start, at):
            values.append(value)
    around.append(source.text[at:])
    if any(map(_ends_an_object, around)):
        raise ReplyError("the reply is not JSON (an object lacks its beginning)")
    source.changes.update(_changes_around("\n".join(around)))
    return Found(values, source.changes)


def holds_json(text: str) -> bool:
    """Whether a text holds JSON, whole or a part of it."""
    return next_start(text, 0) is not None or _ends_an_object(text)


def next_start(text: str, at: int) -> int | None:
    """Where the next JSON array of objects or object begins, whole or not; None if none does."""
    while bracket := BRACKET.search(text, at):
        last, begins = _last_bracket(text, bracket.start())
        if begins:
            return bracket.start()
        at = last + 1
    return None


def objects_with(found: Found, *keys: str) -> list[dict[str, Any]]:
    """The objects of a reply that have some keys, however spelt, at any depth.

    Raises:
        ReplyError: there is none, or a text within is JSON that is cut off or malformed.
    """
    wanted = frozenset(map(plain_key, keys))
    objects = [held for value in found.values for held in _objects_with(value, wanted)]
    if not objects:
        raise ReplyError(f"the reply holds no object with the keys {', '.join(keys)}")
    bare = set(map(id, found.values))
    if any(id(given) not in bare for given in objects):
        found.changes.add(Normalised.WRAPPER)
    return objects


def _objects_with(value: Any, wanted: frozenset[str]) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict) and wanted <= {plain_key(key) for key in value}:
        yield value
    else:
        for held in held_by(value):
            yield from _objects_with(held, wanted)


def the_same(given: Sequence[T], found: Found) -> T:
    """What a reply gives, once or several times alike.

    Raises:
        ReplyError: it gives different things.
    """
    if any(other != given[0] for other in given):
        raise ReplyError("the reply holds several objects that differ; give one")
    if len(given) > 1:
        found.changes.add(Normalised.REPEATED)
    return given[0]


def held_by(value: Any) -> list[Any]:
    """The values that a value holds; those of a text that is JSON itself.

    Raises:
        ReplyError: a text is JSON that is cut off or malformed.
    """
    if isinstance(value, str):
        bare = value.strip()
        return find_json(bare).values if bare[:1] + bare[-1:] in {"[]", "{}"} else []
    if isinstance(value, dict):
        return [*value.values()]
    return value if isinstance(value, list) else []


def _read(source: Source, start: int) -> tuple[Any, int]:
    try:
        return read_value(source, start)
    except MalformedError as error:
        problem = "is cut off" if error.cut_off else f"is not JSON (character {error.position})"
        raise ReplyError(f"the reply {problem}") from None


def _last_bracket(text: str, at: int) -> tuple[int, bool]:
    """The last of the brackets that open together, and whether a JSON value begins with them."""
    for _ in range(DEEPEST + 2):
        gap = SHORT_GAP.match(text, at + 1)
        inside = gap.end() if gap else at + 1
        if text[at] == "{":
            return at, bool(FIRST_KEY.match(text, inside))
        if not BRACKET.match(text, inside):
            return at, text[inside : inside + 1] == "]"
        at = inside
    return at, True


def _decoded(text: str) -> Source:
    """A reply without HTML entities for quotation marks, and decoded if it was encoded twice."""
    if '"' not in text and ENTITY_KEY.search(text):
        return Source(html.unescape(text), {Normalised.HTML})
    # If the first is not closed, no other is; trying all would take quadratic time.
    begins = ENCODED_BEGINS.search(text)
    encoded = ENCODED.match(text, begins.start()) if begins else None
    try:
        if encoded and next_start(EMPTY.sub("", text[: encoded.start()]), 0) is None:
            inner = json.loads(encoded[0], strict=False)
            whole = f"{text[: encoded.start()]}{inner}{text[encoded.end() :]}"
            return Source(whole, {Normalised.ENCODED_TWICE})
        if ESCAPED_KEY.search(text) and not BARE_QUOTE.search(text):
            return Source(json.loads(f'"{text}"', strict=False), {Normalised.ENCODED_TWICE})
    except ValueError:
        pass
    return Source(text)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether empty brackets are an answer: on a line of their own, or at the end."""
    if text[start:end] != "[]":
        return False
    before, after = text[max(0, start - NEAR) : start], text[end : end + NEAR]
    last = len(text) - end < NEAR and not FENCE.sub("", after).strip(". \t\r\n")
    return last or bool(ALONE_BEFORE.search(before) and ALONE_AFTER.match(after))


def _ends_an_object(text: str) -> bool:
    """Whether a text beside the JSON is the end of an object, which may have said more."""
    return text.count("}") > text.count("{") and bool(KEY_WITH_VALUE.search(text))


def _changes_around(text: str) -> set[Normalised]:
    """What stands around the JSON of a reply."""
    bare = FENCE.sub("", text)
    seen = {
        Normalised.CODE_FENCE: bare != text,
        Normalised.TEXT_AROUND: any(map(str.isalnum, bare)),
        Normalised.SPACE: any(sign in "\u200b\u200c\u200d\u2060\ufeff\u00a0" for sign in bare),
    }
    return {change for change, there in seen.items() if there}
