"""Drafts counted by a rule, with no agent asked: the options, or the actions, that have the votes.

Options are counted as graded. Actions of plans are the same where their words are, or most of them
(three in five of those that either has): a count by words, and no judge's.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from primum.agents.client import Outcome
from primum.agents.ensembles import Rule
from primum.agents.plans import draw_actions, draw_items
from primum.agents.protocol import Protocol
from primum.agents.records import Turn
from primum.agents.replies import Grade
from primum.cases.model import PublicCase

NO_ACTION = "No action is recommended."
ALIKE = 0.6
WORD = re.compile(r"\w+")


def passes(rule: Rule, votes: float, of: float, drafts: int) -> bool:
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
    return votes > of / 2 or (votes == of / 2 and rule.tie == "include" and drafts > 0)


def count(
    rule: Rule,
    drafts: Sequence[Turn],
    weights: Mapping[str, float],
    protocol: Protocol,
    case: PublicCase,
) -> Turn:
    """What a rule makes of usable drafts (one at least).

    Args:
        rule: how votes are counted.
        drafts: in the order of their seats.
        weights: of seats; 1 where none is given.
        protocol: whether they are menus or plans.
        case: whose options are graded.
    """
    total = sum(weights.get(draft.seat, 1.0) for draft in drafts)

    def enough(having: Sequence[Turn]) -> bool:
        votes = sum(weights.get(draft.seat, 1.0) for draft in having)
        return passes(rule, votes, total, len(having))

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


def _same_actions(drafts: Sequence[Turn]) -> list[tuple[str, list[Turn]]]:
    """Each action as the first draft that has it says it, and all drafts that have it."""
    found: list[tuple[str, frozenset[str], list[Turn]]] = []
    for draft in drafts:
        bodies = {item.start: item.body for item in draw_items(draft.text)}
        for action in draw_actions(draft.text):
            words = frozenset(WORD.findall(action.text.casefold()))
            having = next((h for _, other, h in found if _alike(words, other)), None)
            if having is None:
                found.append((bodies.get(action.start, action.text), words, [draft]))
            elif draft not in having:
                having.append(draft)
    return [(line, having) for line, _, having in found]


def _alike(words: frozenset[str], others: frozenset[str]) -> bool:
    return words == others or len(words & others) >= ALIKE * len(words | others) > 0
