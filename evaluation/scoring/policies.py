"""Policies: how an answer without a usable reply counts in a figure."""

from enum import StrEnum
from typing import NamedTuple

from primum.agents.models.outcomes import Outcome


class Treatment(StrEnum):
    """How an outcome counts in a figure."""

    SCORED = "scored"
    AS_EMPTY = "counts as recommending nothing"
    LEFT_OUT = "left out"


class Policy(StrEnum):
    """A policy for outcomes other than OK; failures of a provider are left out under each."""

    FAILURES_AS_EMPTY = "failures_as_empty"
    ANSWERED_ONLY = "answered_only"

    def treatment(self, outcome: Outcome) -> Treatment:
        """How an outcome counts under this policy."""
        if outcome is Outcome.OK:
            return Treatment.SCORED
        return RECORDS[self].model_failures if outcome.is_model_failure else Treatment.LEFT_OUT

    @property
    def scores_failures(self) -> bool:
        """Whether an answer that a model failed to give has a score."""
        return RECORDS[self].model_failures is not Treatment.LEFT_OUT

    @property
    def label(self) -> str:
        """The name as words, for display."""
        return self.replace("_", " ").capitalize()

    @property
    def sentence(self) -> str:
        """What it does, in one sentence for display."""
        return RECORDS[self].sentence


class PolicyRecord(NamedTuple):
    """How a policy counts a model's own failures, and the sentence that says so."""

    model_failures: Treatment
    sentence: str


RECORDS = {
    Policy.FAILURES_AS_EMPTY: PolicyRecord(
        Treatment.AS_EMPTY,
        "refusals, empty and invalid replies count as recommending nothing; other failures are "
        "left out",
    ),
    Policy.ANSWERED_ONLY: PolicyRecord(
        Treatment.LEFT_OUT, "only usable answers count; every failure is left out"
    ),
}
DEFAULT_POLICY = Policy.FAILURES_AS_EMPTY
