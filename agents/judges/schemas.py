"""The replies of judges: their JSON schemas as frozen records, and how they are parsed."""

import json
from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

from primum.agents.judges.tolerant import found_matching, found_review
from primum.agents.replies.json_reading.reply import read_reply
from primum.agents.replies.json_reading.search import Found
from primum.agents.replies.json_reading.strict import parse_strictly, validated
from primum.agents.replies.reader import Read, Reader, ReplyError
from primum.agents.turns.transcript import UNCERTAIN, Verdict
from primum.cases.model import Category

ACTION_SCORES = frozenset({1, 2, 3, UNCERTAIN})


def _action_score(score: int) -> int:
    if score not in ACTION_SCORES:
        raise ValueError("is 1, 2 or 3 for an action that would harm, else 5")
    return score


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("is blank")
    return text


class JudgeReply(BaseModel):
    """A part of a judge's reply: types are strict, every field is required, no other is allowed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Action(JudgeReply):
    """One action that a matcher found in an answer."""

    number: int
    action: Annotated[str, AfterValidator(_not_blank)]
    category: Category | Literal[""]  # "" for one that cases do not have
    matches: tuple[int, ...]
    score: Annotated[int, AfterValidator(_action_score)]
    rationale: str


class Finding(JudgeReply):
    """A matcher's verdict on one option."""

    option: int
    verdict: Verdict
    evidence: str


class Matching(JudgeReply):
    """A matcher's reply: the actions of an answer, and a verdict on each option."""

    actions: tuple[Action, ...]
    options: tuple[Finding, ...]


class Override(JudgeReply):
    """A reviewer's change of a verdict."""

    option: int
    verdict: Verdict
    evidence: str
    why: str


class Review(JudgeReply):
    """A reviewer's reply."""

    overrides: tuple[Override, ...]


def parse_review(text: str, reader: Reader) -> Read[Review]:
    """A reviewer's reply.

    Raises:
        ReplyError: no such object, cut off, an invalid field, or several that differ.
    """
    return read_reply(
        text,
        lambda reply: parse_strictly(reply, Review.model_validate_json),
        lambda found: validated(json.dumps(found_review(found)), Review.model_validate_json),
        reader,
    )


def parse_matching(
    text: str, known: Collection[int], before: Matching | None = None, *, reader: Reader
) -> Read[Matching]:
    """A matcher's reply.

    Args:
        text: the reply, without thinking.
        known: the numbers of the options.
        before: the reply that this one completes.
        reader: which forms are read.

    Raises:
        ReplyError: no such object, cut off, an invalid field, several that differ, an unknown
            option, two actions with the same number, or an action of `before` with other words.
    """

    def tolerantly(found: Found) -> Matching:
        matching = validated(json.dumps(found_matching(found)), Matching.model_validate_json)
        return _checked(matching, known, before)

    return read_reply(
        text,
        lambda reply: _checked(_strict_matching(reply), known, before),
        tolerantly,
        reader,
    )


def _strict_matching(text: str) -> Matching:
    matching = parse_strictly(text, Matching.model_validate_json)
    for index, action in enumerate(matching.actions):
        if not action.category:
            raise ReplyError(f"actions.{index}.category: is blank")
    return matching


def _checked(matching: Matching, known: Collection[int], before: Matching | None) -> Matching:
    """A matching whose options and numbers of actions are in order.

    Raises:
        ReplyError: they are not.
    """
    named = [finding.option for finding in matching.options]
    named += [option for action in matching.actions for option in action.matches]
    unknown = next((option for option in named if option not in known), None)
    if unknown is not None:
        raise ReplyError(f"option {unknown} is not on the list")
    words = {action.number: action.action.split() for action in before.actions} if before else {}
    numbers: set[int] = set()
    for action in matching.actions:
        if action.number in numbers:
            raise ReplyError(f"two actions are numbered {action.number}")
        if words.get(action.number, action.action.split()) != action.action.split():
            raise ReplyError(
                f"action {action.number} was another action before; give a new action a new number"
            )
        numbers.add(action.number)
    return matching
