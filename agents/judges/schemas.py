"""The replies of judges: their JSON schemas as frozen records, and how they are parsed."""

from collections.abc import Collection
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from primum.agents.replies.menu import parse_json_reply
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
    category: Category
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
    """A reviewer's reply: a JSON object, alone or as the reply's only fenced block.

    Raises:
        ReplyError: not JSON, cut off, or an invalid field.
    """
    return parse_json_reply(text, Review.model_validate_json, reader)


def parse_matching(
    text: str, known: Collection[int], before: Matching | None = None, *, reader: Reader
) -> Read[Matching]:
    """A matcher's reply: a JSON object, alone or as the reply's only fenced block.

    Args:
        text: the reply.
        known: the numbers of the options.
        before: the reply that this one completes.
        reader: which forms are read.

    Raises:
        ReplyError: not JSON, cut off, an invalid field, an unknown option, two actions with the
            same number, or an action of `before` with other words.
    """
    read = parse_json_reply(text, Matching.model_validate_json, reader)
    matching = read.value
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
    return read
