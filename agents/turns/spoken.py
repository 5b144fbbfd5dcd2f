"""What a reply says: its text without the model's thinking, and what follows from that text alone.

Everything above the clients reads replies through `spoken`. Thinking goes no further than this: its
length is recorded, and it is not parsed, shown to another agent, matched, counted in a vote or
stored as an answer.
"""

from functools import lru_cache
from typing import NamedTuple

from primum.agents.models.client import Reply
from primum.agents.models.outcomes import Outcome
from primum.agents.replies.thinking import Separated, separate_thinking

CACHE_SIZE = 512  # replies, which several ensembles may share
ADVICE = "raise max_tokens or lower the thinking budget"
MAY_BE_THINKING = frozenset({Outcome.OK, Outcome.EMPTY, Outcome.TRUNCATED})


class Spoken(NamedTuple):
    """A reply without thinking.

    Attributes:
        text: the reply's text, without thinking.
        thinking: number of characters of thinking, in the text and apart from it.
        outcome: of the reply; EMPTY where the client said OK and no text is left.
        reason: why the outcome is not OK; it says what to change where all is thinking.
    """

    text: str
    thinking: int
    outcome: Outcome
    reason: str


def spoken(reply: Reply) -> Spoken:
    """A reply without thinking, with its outcome. Raises nothing."""
    text, within = _separated(reply.text)
    thinking = len(reply.thinking) + len(within)
    if text.strip() or reply.outcome not in MAY_BE_THINKING:
        return Spoken(text, thinking, reply.outcome, reply.reason)
    outcome = Outcome.EMPTY if reply.outcome is Outcome.OK else reply.outcome
    return Spoken("", thinking, outcome, _why_empty(reply, thinking))


def _why_empty(reply: Reply, thinking: int) -> str:
    """Why there is no text: the client's reason, and how much thinking there is in its place."""
    if thinking:
        all_of_it = f"all {thinking:,} characters are thinking; {ADVICE}"
    elif reply.reasoning_tokens:
        all_of_it = f"no text after {reply.reasoning_tokens:,} tokens of thinking; {ADVICE}"
    else:
        return reply.reason or "the reply is empty"
    return f"{reply.reason}: {all_of_it}" if reply.reason else all_of_it


@lru_cache(maxsize=CACHE_SIZE)
def _separated(text: str) -> Separated:
    return separate_thinking(text)
