"""Drafts counted by a rule, with no agent asked: the options, or the actions, that have the votes.

Options are counted as graded. Actions of plans are the same where all words of the one are the
other's, and three in five of those; words that say little are left out, and numbers and words that
turn an action round must be the same. It is a count by words, and no judge's.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from primum.agents.models.outcomes import Outcome
from primum.agents.replies.lists import list_items
from primum.agents.replies.menu import Grade
from primum.agents.replies.plan import draw_actions
from primum.agents.roles.protocol import Protocol
from primum.agents.roles.transcript import Turn
from primum.agents.specs.ensemble import Rule
from primum.cases.model import PublicCase

NO_ACTION = "No action is recommended."
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


def passes(rule: Rule, votes: Fraction, of: Fraction, drafts: int) -> bool:
    """Whether an option is recommended.

    Args:
        rule: how votes are counted.
        votes: the weight of the drafts that have it.
        of: the weight of all drafts that count.
        drafts: how many have it.
    """
    if rule.name == "union":
        return drafts > 0
    if rule.name == "intersection":
        return votes == of
    if rule.k:
        return drafts >= rule.k
    return votes > of / 2 or (votes == of / 2 and rule.tie == "include")


def count(
    rule: Rule,
    drafts: Sequence[Turn],
    weights: Mapping[str, Fraction],
    protocol: Protocol,
    case: PublicCase,
) -> Turn:
    """What a rule makes of usable drafts, as many as it needs to say anything.

    Args:
        rule: how votes are counted.
        drafts: in the order of their seats.
        weights: of seats, exact (in decimals 0.1 + 0.2 ties with 0.3); 1 where none is given.
        protocol: whether they are menus or plans.
        case: whose options are graded.
    """

    def weight(having: Sequence[Turn]) -> Fraction:
        return sum((weights.get(draft.seat, Fraction(1)) for draft in having), Fraction(0))

    total = weight(drafts)

    def enough(having: Sequence[Turn]) -> bool:
        return passes(rule, weight(having), total, len(having))

    grades: tuple[Grade, ...] = ()
    text = None
    if protocol.name == "menu":
        grades = _count_grades(drafts, enough, case)
    else:
        lines = [line for line, having in _same_actions(drafts) if enough(having)]
        listed = (f"{number}. {line}" for number, line in enumerate(lines, 1))
        text = "\n".join(listed) or NO_ACTION
    return Turn("rule", "rule", "", Outcome.OK, "", grades, (), passed_on=text)


def agree(drafts: Sequence[Turn], protocol: Protocol) -> bool:
    """Whether drafts recommend the very same options, or actions of the same words."""
    if protocol.name == "menu":
        return len({frozenset(g.option for g in t.grades if g.appropriate) for t in drafts}) <= 1
    return all(len(having) == len(drafts) for _, having in _same_actions(drafts))


def _count_grades(
    drafts: Sequence[Turn], enough: Callable[[Sequence[Turn]], bool], case: PublicCase
) -> tuple[Grade, ...]:
    chosen = {
        draft.seat: {grade.option for grade in draft.grades if grade.appropriate}
        for draft in drafts
    }
    grades = []
    for item in case.menu:
        having = [draft for draft in drafts if item.number in chosen[draft.seat]]
        fields = {
            "Option": item.number,
            "GradeAI": "Appropriate" if enough(having) else "Inappropriate",
            "Rationale": f"{len(having)} of {len(drafts)} drafts",
        }
        grades.append(Grade.model_validate(fields))
    return tuple(grades)


class _Words(NamedTuple):
    """What two actions are compared by: words, numbers, and the kinds of what turns them round."""

    words: frozenset[str]
    numbers: frozenset[str]
    turns: frozenset[str]


def _same_actions(drafts: Sequence[Turn]) -> list[tuple[str, list[Turn]]]:
    """Each action as the first draft that has it says it, and all drafts that have it."""
    found: list[tuple[str, _Words, list[Turn]]] = []
    for draft in drafts:
        bodies = {item.start: item.body for item in list_items(draft.text)}
        for action in draw_actions(draft.text):
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
