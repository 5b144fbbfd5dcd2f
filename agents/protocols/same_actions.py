"""Actions of plans compared by their words.

Two actions are the same where all words of the one are the other's, and three in five of those;
words that say little are left out, and numbers and words that turn an action round must be the
same. It is a comparison of words, and no judge's.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from primum.agents.protocols.record import Said
from primum.agents.replies.lists import list_items
from primum.agents.replies.plan import extract_actions

ALIKE = 0.6
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
TURNING = {
    "no not never don't without avoid": "not",
    "stop discontinue cease hold withhold withdraw": "stop",
    "increase raise uptitrate": "more",
    "decrease reduce lower taper halve": "less",
}  # fmt: skip
TURNS = {word: kind for words, kind in TURNING.items() for word in words.split()}
SAYS_LITTLE = frozenset(
    """a an and any at by do for from in of on once or the then this to today with
    arrange begin check get give initiate obtain order perform prescribe schedule start""".split()
)


class _Words(NamedTuple):
    """What two actions are compared by: words, numbers, and the kinds of what turns them round."""

    words: frozenset[str]
    numbers: frozenset[str]
    turns: frozenset[str]


def same_actions(drafts: Sequence[Said]) -> list[tuple[str, list[Said]]]:
    """Each action as the first draft that has it says it, and all drafts that have it."""
    found: list[tuple[str, _Words, list[Said]]] = []
    for draft in drafts:
        bodies = {item.start: item.body for item in list_items(draft.text)}
        for action in extract_actions(draft.text):
            words = _words(action.text)
            having = next((h for _, other, h in found if _alike(words, other)), None)
            if having is None:
                found.append((bodies.get(action.start, action.text), words, [draft]))
            elif draft not in having:
                having.append(draft)
    return [(line, having) for line, _, having in found]


def _words(text: str) -> _Words:
    found = frozenset(WORD.findall(text.casefold().replace("\u2019", "'")))
    words = found - SAYS_LITTLE - TURNS.keys()
    numbers = frozenset(number.replace(",", "") for number in NUMBER.findall(text))
    return _Words(words or found, numbers, frozenset(TURNS[word] for word in found & TURNS.keys()))


def _alike(one: _Words, other: _Words) -> bool:
    if (one.numbers, one.turns) != (other.numbers, other.turns):
        return False
    few, many = sorted((one.words, other.words), key=len)
    return few <= many and len(few) >= ALIKE * len(many)
