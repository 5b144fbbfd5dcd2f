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
    def label(self) -> str:
        """The name in words."""
        return self.replace("_", " ")


class Cause(StrEnum):
    """Whose doing it is that there is no answer."""

    MODEL = "model"
    PROVIDER = "provider"
    NOBODY = "nobody"


class OutcomeRecord(NamedTuple):
    """What is known of an outcome: its cause, what it means, and whether it is transient."""

    cause: Cause
    sentence: str
    is_transient: bool = False


RECORDS = {
    Outcome.OK: OutcomeRecord(Cause.NOBODY, "There is a usable answer."),
    Outcome.REFUSAL: OutcomeRecord(Cause.MODEL, "The model declined to answer."),
    Outcome.EMPTY: OutcomeRecord(Cause.MODEL, "The reply has no text."),
    Outcome.INVALID: OutcomeRecord(
        Cause.MODEL, "The reply cannot be read, and one repair turn did not help."
    ),
    Outcome.FILTERED: OutcomeRecord(
        Cause.PROVIDER, "A content filter of the provider withheld the prompt or the reply."
    ),
    Outcome.TRUNCATED: OutcomeRecord(Cause.NOBODY, "The reply was cut off at its token limit."),
    Outcome.TIMEOUT: OutcomeRecord(
        Cause.PROVIDER, "No reply came within the time limit.", is_transient=True
    ),
    Outcome.PROVIDER_ERROR: OutcomeRecord(
        Cause.PROVIDER,
        "The provider reported an error or could not be reached.",
        is_transient=True,
    ),
}
