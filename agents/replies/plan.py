"""Extracts the actions of a plan in free text.

Each item of the plan's list is an action; if there is no list, each sentence is one.
"""

import re
from typing import NamedTuple

from primum.agents.replies.lists import (
    HYPHEN,
    ListItem,
    has_words,
    list_items,
    one_line,
    sentences,
    split_reason,
    without_marks,
)

NOTHING = re.compile(
    r"\W*no (?:further )?actions? (?:is|are) (?:recommended|needed|required)\W*", re.IGNORECASE
)

URGENCIES = {
    "now": "now", "immediate": "now", "immediately": "now", "stat": "now", "emergent": "now",
    "emergency": "now", "today": "today", "same day": "today", "same-day": "today",
    "urgent": "today", "urgently": "today", "this week": "this week", "within a week": "this week",
    "routine": "routine", "elective": "routine", "non-urgent": "routine",
}  # fmt: skip
_KNOWN = "|".join(sorted(URGENCIES, key=len, reverse=True))
URGENCY = re.compile(
    rf"[\[(]\s*(?:urgency\s*[:=]\s*)?({_KNOWN})\s*[\])][\s:]*"
    rf"|^\s*({_KNOWN})(?:\s*:\s+|\s+{HYPHEN}\s+)",
    re.IGNORECASE,
)


class PlannedAction(NamedTuple):
    """One action of a plan, and its span in the reply.

    Attributes:
        number: the number in the plan, or counted from 1.
        text: the action without number, urgency, reason and Markdown.
        urgency: now, today, this week or routine; None if the plan gives none. Urgent counts as
            today, immediate and stat as now.
        why: the reason; empty if the plan gives none.
        start: index of the action's first character in the reply.
        end: index after its last character.
    """

    number: int
    text: str
    urgency: str | None
    why: str
    start: int
    end: int


def extract_actions(text: str) -> tuple[PlannedAction, ...]:
    """The actions of a plan, in order, with disjoint spans; none if it says that none is needed.

    Raises nothing.
    """
    if NOTHING.fullmatch(text):
        return ()
    return tuple(_action(item) for item in list_items(text) or sentences(text))


def _action(item: ListItem) -> PlannedAction:
    text, why = split_reason(item.body)
    tag = URGENCY.search(text)
    urgency = URGENCIES[(tag[1] or tag[2]).lower()] if tag else None
    bare = one_line(f"{text[: tag.start()]} {text[tag.end() :]}") if tag else text
    if not has_words(bare):
        bare, why, urgency = one_line(without_marks(item.body)), "", None
    return PlannedAction(item.number, bare, urgency, why, item.start, item.end)
