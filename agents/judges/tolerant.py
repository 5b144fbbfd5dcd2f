"""Judges' replies in forms whose meaning is unambiguous, brought to the form that was asked for."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from primum.agents.replies.json_reading.search import Found, held_by, objects_with, the_same
from primum.agents.replies.json_reading.spelling import (
    named_fields,
    plain_key,
    plain_words,
    whole_number,
)
from primum.agents.replies.reader import Normalised, ReplyError
from primum.agents.turns.transcript import VERDICTS
from primum.cases.model import Category

VERDICT_WORDS: dict[str, str] = {
    **dict(zip(VERDICTS, VERDICTS, strict=True)),
    "full match": "full",
    "partial match": "partial",
    "no match": "none",
}
CATEGORIES = {plain_key(category): category for category in get_args(Category)} | {
    "counselling": "Counseling",
    "diagnostics": "Diagnostic",
    "medications": "Medication",
    "procedures": "Procedure",
}
Changes = set[Normalised]
Field = Callable[[Any, Changes], Any]


def found_matching(found: Found) -> dict[str, Any]:
    """A matcher's reply as it was asked for; what has no clear meaning is left as it is.

    Raises:
        ReplyError: there is none, several differ, or a verdict beside it contradicts it.
    """

    def matching(value: dict[str, Any]) -> dict[str, Any]:
        fields = named_fields(value, ("actions", "options"), found.changes)
        return {
            "actions": _rows(fields["actions"], "number", ACTION, found.changes),
            "options": _rows(fields["options"], "option", FINDING, found.changes),
        }

    asked_for = the_same([*map(matching, objects_with(found, "actions", "options"))], found)
    _require_no_other(found, asked_for["options"])
    return asked_for


def found_review(found: Found) -> dict[str, Any]:
    """A reviewer's reply as it was asked for; what has no clear meaning is left as it is.

    Raises:
        ReplyError: there is none, or several differ.
    """

    def review(value: dict[str, Any]) -> dict[str, Any]:
        fields = named_fields(value, ("overrides",), found.changes)
        return {"overrides": _rows(fields["overrides"], "option", OVERRIDE, found.changes)}

    lists = [value for value in found.values if _are_overrides(value)]
    if lists:
        found.changes.add(Normalised.WRAPPER)
    bare = [{"overrides": value} for value in lists]
    objects = objects_with(found, "overrides") if len(bare) < len(found.values) else []
    return the_same([*map(review, [*bare, *objects])], found)


def _require_no_other(found: Found, rows: Any) -> None:
    """Require that no verdict of a reply stands beside those of its rows.

    Raises:
        ReplyError: one does.
    """
    own = (row for row in rows if isinstance(row, dict))
    said = {repr((row.get("option"), row.get("verdict"))) for row in own}
    beside = (verdict for value in found.values for verdict in _verdicts_in(value))
    if any(repr(verdict) not in said for verdict in beside):
        raise ReplyError("the reply holds a verdict beside the object; give one object")


def _verdicts_in(value: Any) -> Iterator[tuple[Any, Any]]:
    """The options and verdicts that a JSON value gives, at any depth."""
    keys = set(map(plain_key, value)) if isinstance(value, dict) else set()
    if {"option", "verdict"} <= keys:
        row = _row(value, FINDING, set())
        yield row["option"], row["verdict"]
        return
    if isinstance(value, dict):
        for key, held in value.items():
            if whole_number(key) is not None and plain_words(held) in VERDICT_WORDS:
                yield whole_number(key), _verdict(held, set())
    for held in held_by(value):
        yield from _verdicts_in(held)


def _are_overrides(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(row, dict) and {"option", "verdict"} <= set(map(plain_key, row)) for row in value
    )


def _rows(value: Any, key: str, fields: Mapping[str, Field], changes: Changes) -> Any:
    """The objects of an array, or of an object whose keys are their numbers."""
    if isinstance(value, dict) and value and all(whole_number(n) is not None for n in value):
        changes.add(Normalised.BY_OPTION)
        value = [
            {key: whole_number(n), **(row if isinstance(row, dict) else {"verdict": row})}
            for n, row in value.items()
        ]
    return [_row(row, fields, changes) for row in value] if isinstance(value, list) else value


def _row(value: Any, fields: Mapping[str, Field], changes: Changes) -> Any:
    if not isinstance(value, dict):
        return value
    found = named_fields(value, tuple(fields), changes)
    return {
        name: read(found.get(name), changes)
        for name, read in fields.items()
        if name in found or read in {_text, _passages, _category}
    }


def _number(value: Any, changes: Changes) -> Any:
    number = whole_number(value)
    if number is None:
        return value
    if type(value) is not int:
        changes.add(Normalised.NUMBER)
    return number


def _numbers(value: Any, changes: Changes) -> Any:
    if value is None:
        changes.add(Normalised.LEFT_OUT)
        return []
    if not isinstance(value, list):
        changes.add(Normalised.NUMBER)
        value = [value]
    return [_number(number, changes) for number in value]


def _verdict(value: Any, changes: Changes) -> Any:
    verdict = "none" if value is None else VERDICT_WORDS.get(plain_words(value), "")
    if verdict and verdict != value:
        changes.add(Normalised.VERDICT)
    return verdict or value


def _category(value: Any, changes: Changes) -> str:
    """The category; "" for one that cases do not have; no figure depends on it."""
    category = CATEGORIES.get(plain_key(value), "") if isinstance(value, str) else ""
    if not category:
        changes.add(Normalised.UNKNOWN_CATEGORY)
    elif category != value:
        changes.add(Normalised.CATEGORY)
    return category


def _text(value: Any, changes: Changes) -> Any:
    return _joined(value, " ", changes)


def _passages(value: Any, changes: Changes) -> Any:
    return _joined(value, " ... ", changes)


def _joined(value: Any, between: str, changes: Changes) -> Any:
    if value is None:
        changes.add(Normalised.LEFT_OUT)
        return ""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        changes.add(Normalised.RATIONALE)
        return between.join(value)
    return value


ACTION: Mapping[str, Field] = {
    "number": _number,
    "action": _text,
    "category": _category,
    "matches": _numbers,
    "score": _number,
    "rationale": _text,
}
FINDING: Mapping[str, Field] = {"option": _number, "verdict": _verdict, "evidence": _passages}
OVERRIDE: Mapping[str, Field] = {**FINDING, "why": _text}
