"""What judges reply, and in what form: text into frozen sheets, strictly."""

from collections.abc import Collection
from functools import cache
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, JsonValue

from primum.agents.replies.menu import ReplyError, parse_json_reply
from primum.agents.turns.transcript import UNCERTAIN, Verdict
from primum.cases.model import Category

OWN_SCORES = frozenset({1, 2, 3, UNCERTAIN})


def _own_score(score: int) -> int:
    if score not in OWN_SCORES:
        raise ValueError("is 1, 2 or 3 for an action that would harm, else 5")
    return score


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("is blank")
    return text


class Sheet(BaseModel):
    """A frozen record of a judge's reply: strict types, every field, no unknown one."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Action(Sheet):
    """One action that a matcher found in an answer."""

    number: int
    action: Annotated[str, AfterValidator(_not_blank)]
    category: Category
    matches: tuple[int, ...]
    score: Annotated[int, AfterValidator(_own_score)]
    rationale: str


class Finding(Sheet):
    """A matcher's verdict on one option."""

    option: int
    verdict: Verdict
    evidence: str


class Matching(Sheet):
    """A matcher's reply."""

    actions: tuple[Action, ...]
    options: tuple[Finding, ...]


class Override(Sheet):
    """A verdict that a reviewer would change."""

    option: int
    verdict: Verdict
    evidence: str
    why: str


class Review(Sheet):
    """A reviewer's reply."""

    overrides: tuple[Override, ...]


@cache
def response_format(sheet: type[Sheet]) -> JsonValue:
    """What binds a reply to a sheet, in the form of OpenAI's `response_format`."""
    schema = _bare(sheet.model_json_schema())
    named: JsonValue = {"name": sheet.__name__.lower(), "strict": True, "schema": schema}
    return {"type": "json_schema", "json_schema": named}


def _bare(schema: Any) -> Any:
    """A schema without titles and docstrings: no reworded docstring may change a call's key."""
    if isinstance(schema, dict):
        kept = {key: value for key, value in schema.items() if key not in {"title", "description"}}
        return {key: _bare(value) for key, value in kept.items()}
    return [_bare(value) for value in schema] if isinstance(schema, list) else schema


def parse_review(text: str) -> Review:
    """A reviewer's reply: a JSON object, alone or as the reply's only fenced block.

    Raises:
        ReplyError: not JSON, cut off, or a field that does not fit.
    """
    return parse_json_reply(text, Review.model_validate_json)


def parse_matching(text: str, known: Collection[int], before: Matching | None = None) -> Matching:
    """A matcher's reply: a JSON object, alone or as the reply's only fenced block.

    Args:
        text: the reply.
        known: the options that there are.
        before: the reply that this one completes.

    Raises:
        ReplyError: not JSON, cut off, a field that does not fit, an option that is not there, two
            actions of one number, or one listed before and worded otherwise.
    """
    sheet = parse_json_reply(text, Matching.model_validate_json)
    named = [finding.option for finding in sheet.options]
    named += [option for action in sheet.actions for option in action.matches]
    unknown = next((option for option in named if option not in known), None)
    if unknown is not None:
        raise ReplyError(f"option {unknown} is not on the list")
    words = {action.number: action.action.split() for action in before.actions} if before else {}
    numbers: set[int] = set()
    for action in sheet.actions:
        if action.number in numbers:
            raise ReplyError(f"two actions are numbered {action.number}")
        if words.get(action.number, action.action.split()) != action.action.split():
            raise ReplyError(f"action {action.number} was another one; a new one has a new number")
        numbers.add(action.number)
    return sheet
