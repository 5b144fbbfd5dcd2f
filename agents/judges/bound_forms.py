"""The forms to which the replies of judges can be bound."""

from collections.abc import Collection
from functools import lru_cache
from typing import Any, get_args

from primum.agents.judges.schemas import ACTION_SCORES
from primum.agents.replies.schemas import (
    CACHE_SIZE,
    TEXT,
    WHOLE_NUMBER,
    BoundForm,
    Schema,
    array,
    by_option,
    closed,
    one_of,
    rows,
    whole_number,
)
from primum.agents.turns.transcript import VERDICTS
from primum.cases.model import Category


def matching_form(options: Collection[int]) -> BoundForm:
    """The form of a matcher's reply on the options with these numbers; verdicts are by option."""
    return _matching_form(tuple(sorted(options)))


def review_form(options: Collection[int]) -> BoundForm:
    """The form of a reviewer's reply on the options with these numbers."""
    return _review_form(tuple(sorted(options)))


@lru_cache(maxsize=CACHE_SIZE)
def _matching_form(options: tuple[int, ...]) -> BoundForm:
    action = {
        "number": WHOLE_NUMBER,
        "action": TEXT,
        "category": one_of(get_args(Category)),
        "matches": array(whole_number(options)),
        "score": whole_number(sorted(ACTION_SCORES)),
        "rationale": TEXT,
    }
    finding = closed({"verdict": one_of(VERDICTS), "evidence": TEXT})
    fields: Schema = {"actions": array(closed(action)), "options": by_option(options, finding)}
    return BoundForm("matching", closed(fields), _with_listed_options)


def _with_listed_options(reply: dict[str, Any]) -> dict[str, Any]:
    return {**reply, "options": rows(reply["options"], "option")}


@lru_cache(maxsize=CACHE_SIZE)
def _review_form(options: tuple[int, ...]) -> BoundForm:
    override = {
        "option": whole_number(options),
        "verdict": one_of(VERDICTS),
        "evidence": TEXT,
        "why": TEXT,
    }
    return BoundForm("review", closed({"overrides": array(closed(override))}))
