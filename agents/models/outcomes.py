"""Outcomes: what can become of a call or an answer, and what follows from it."""

from enum import StrEnum
from typing import NamedTuple


class Outcome(StrEnum):
    """What became of a call or an answer, grouped by whose doing it is. Only OK is an answer."""

    OK = "ok"
    REFUSAL = "refusal"
    EMPTY = "empty"
    INVALID = "invalid"
    FILTERED = "filtered"
    TRUNCATED = "truncated"
    PROMPT_TRUNCATED = "prompt_truncated"
    TIMEOUT = "timeout"
    PROVIDER_ERROR = "provider_error"

    @property
    def cause(self) -> "Cause":
        """Whose doing it is that there is no answer."""
        return RECORDS[self].cause

    @property
    def is_model_failure(self) -> bool:
        """Whether it is the model's own doing that there is no answer."""
        return self.cause is Cause.MODEL

    @property
    def is_transient(self) -> bool:
        """Whether the same call may succeed when it is made again."""
        return RECORDS[self].is_transient

    @property
    def sentence(self) -> str:
        """What it means, for a reader."""
        return RECORDS[self].sentence

    @property
    def remedy(self) -> str:
        """What a user may change where it came back; empty where there is nothing to change."""
        return RECORDS[self].remedy

    @property
    def label(self) -> str:
        """The name in words."""
        return self.replace("_", " ")


class Cause(StrEnum):
    """Whose doing it is that there is no answer."""

    MODEL = "model"
    PROVIDER = "provider"
    NOBODY = "nobody"


class OutcomeRecord(NamedTuple):
    """What is known of an outcome.

    Attributes:
        cause: whose doing it is.
        sentence: what it means.
        is_transient: whether the same call may succeed when it is made again.
        remedy: what a user may change, as a clause.
    """

    cause: Cause
    sentence: str
    is_transient: bool = False
    remedy: str = ""


RECORDS = {
    Outcome.OK: OutcomeRecord(Cause.NOBODY, "There is a usable answer."),
    Outcome.REFUSAL: OutcomeRecord(
        Cause.MODEL,
        "The model declined to answer.",
        remedy="look at the reply; another model, or a seat's `instructions`, may answer",
    ),
    Outcome.EMPTY: OutcomeRecord(
        Cause.MODEL,
        "The reply has no text.",
        remedy="raise `max_tokens`, or lower the thinking budget: thinking may have used them up",
    ),
    Outcome.INVALID: OutcomeRecord(
        Cause.MODEL,
        "The reply cannot be read, and one repair turn did not help.",
        remedy="set `replies: schema` where the endpoint can bind replies, or take a larger model",
    ),
    Outcome.FILTERED: OutcomeRecord(
        Cause.PROVIDER,
        "A content filter of the provider withheld the prompt or the reply.",
        remedy="lower the provider's filter, or take another provider of the model",
    ),
    Outcome.TRUNCATED: OutcomeRecord(
        Cause.NOBODY,
        "The reply was cut off at its token limit.",
        remedy="raise `max_tokens` of the model",
    ),
    Outcome.PROMPT_TRUNCATED: OutcomeRecord(
        Cause.PROVIDER,
        "The server cut the prompt, so that the model did not read all of it.",
        remedy="raise `num_ctx` of the server, in the model's `params` or where the server runs",
    ),
    Outcome.TIMEOUT: OutcomeRecord(
        Cause.PROVIDER,
        "No reply came within the time limit.",
        is_transient=True,
        remedy="raise `timeout` of the model",
    ),
    Outcome.PROVIDER_ERROR: OutcomeRecord(
        Cause.PROVIDER,
        "The provider reported an error or could not be reached.",
        is_transient=True,
        remedy="check id, key and endpoint of the model (`primum doctor`)",
    ),
}
