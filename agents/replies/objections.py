"""Extracts the objections of a critique in free text: what to add, remove or change.

Each item of the critique's list is an objection; if there is no list, each line is one.
"""

import re
from typing import NamedTuple

from primum.agents.replies.lists import (
    CHANGE_VERBS,
    HYPHEN,
    ChangeKind,
    ListItem,
    has_words,
    lines_of,
    list_items,
    one_line,
    split_reason,
    text_lines,
    without_marks,
)

DASH = re.compile(rf"(?<!\d) {HYPHEN} | {HYPHEN} (?!\d)")
NO_CHANGE = re.compile(
    r"\W*no (?:further )?(?:changes?|objections?)"
    r"(?: (?:is |are )?(?:needed|required|necessary|recommended))?\s*(?:[.!]|\W*$)",
    re.IGNORECASE,
)
OBJECTION = re.compile(
    r"[\[(](add|remove|change)[\])]\s*:?\s*"
    rf"|(add|remove|change)(?:\s*:\s*|\s+{HYPHEN}\s+|\s+|$)"
    r"|(include|delete|omit|drop|modify|revise|replace)\s*:\s*",
    re.IGNORECASE,
)


class Objection(NamedTuple):
    """One change that a critic asks for; the kind is "note" if it does not say what to do."""

    kind: ChangeKind
    action: str
    why: str


def extract_objections(text: str) -> tuple[Objection, ...]:
    """The objections of a critique, in order; none if it says "No change.". Raises nothing."""
    items = list_items(text) or text_lines(text)
    default: ChangeKind = "note"
    under: dict[int, ChangeKind] = {}  # a heading such as "ADD:" holds for the lines below it
    for line in lines_of(text):
        if line.kind == "heading":
            default, _ = _kind_of(without_marks(text[line.start : line.end]))
        under[line.start] = default
    found = [_objection(item, under[item.start]) for item in items]
    return tuple(o for o in found if has_words(o.action) and not NO_CHANGE.match(o.action))


def _objection(item: ListItem, default: ChangeKind) -> Objection:
    text, why = split_reason(item.body)
    kind, at = _kind_of(text)
    kind, text = (kind, text[at:]) if kind != "note" else (default, text)
    dash = DASH.search(text) if kind != "note" and not why else None
    if dash:
        text, why = text[: dash.start()], text[dash.end() :]
    return Objection(kind, one_line(text), one_line(why))


def _kind_of(text: str) -> tuple[ChangeKind, int]:
    """The kind that a text begins with, and the position of the text after it."""
    found = OBJECTION.match(text)
    word = next((group for group in found.groups() if group), "") if found else ""
    return (CHANGE_VERBS[word.lower()], found.end()) if found else ("note", 0)
