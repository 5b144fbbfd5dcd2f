"""Numbers and words as models spell them, where only one meaning is possible."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from primum.agents.replies.json_reading.texts import INVISIBLE
from primum.agents.replies.reader import Normalised, ReplyError

# 3, "3", "#3", "(3)", "Option 3", "Option #3: Start A"; never "3-4", "3/4", "1.5" or "3a".
NUMBER = re.compile(
    r"[\s*_\"'`(\[#]*(?:(?:options?|no|nr|number|draft|id)\b[\s._:#*-]*)?"
    r"[#(\[]?0{0,5}([0-9]{1,9})(?:\.0{1,5})?"
    r"(?:[\s*_\"'`)\].:]*|[*_]*\s*[:.)]\s+[^\W\d].*|[*_]*\s+[-\u2013\u2014]\s+[^\W\d].*)",
    re.IGNORECASE | re.DOTALL,
)
LARGEST = 1e9
HIDDEN = re.compile(f"[{INVISIBLE}]")
EMPHASIS = re.compile(r"(\*\*\*|\*\*|\*|__|_|`|\"|')(.*)\1", re.DOTALL)
MARKED = re.compile(r"\((.*)\)|\[(.*)\]|\u201c(.*)\u201d|\u2018(.*)\u2019", re.DOTALL)


def whole_number(value: Any) -> int | None:
    """The number that a value means; None if it means none, or may mean another."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < LARGEST else None
    if not isinstance(value, str):
        return None
    found = NUMBER.fullmatch(HIDDEN.sub("", unicodedata.normalize("NFKC", value)).replace("_", " "))
    return int(found[1]) if found else None


def plain_words(value: Any) -> str:
    """A text in lower case with single spaces, without emphasis and a stop; "" if it is no text."""
    if not isinstance(value, str):
        return ""
    text = HIDDEN.sub("", unicodedata.normalize("NFKC", value)).strip()
    while True:
        before = text
        for form in (EMPHASIS, MARKED):
            if inner := form.fullmatch(text):
                text = next(group for group in inner.groups()[::-1] if group is not None)
        text = text.strip().removesuffix(".").removesuffix(",").strip()
        if text == before:
            return " ".join(text.casefold().replace("-", " ").split())


def plain_key(key: str) -> str:
    """A key without case, spaces and signs."""
    return "".join(filter(str.isalnum, key)).casefold()


def named_fields(
    value: Mapping[str, Any], names: Sequence[str], changes: set[Normalised]
) -> dict[str, Any]:
    """The fields of an object under their own names; others are left out.

    Raises:
        ReplyError: a field is given twice, and differently.
    """
    known = {plain_key(name): name for name in names}
    found: dict[str, Any] = {}
    for key, held in value.items():
        name = known.get(plain_key(key))
        if name is None:
            changes.add(Normalised.EXTRA_KEY)
            continue
        if name in found and found[name] != held:
            raise ReplyError(f"{name}: the key is given twice; keep one")
        if key != name:
            changes.add(Normalised.KEY)
        found[name] = held
    return found
