"""Policies: how an answer counts in a figure when there is nothing to score."""

from enum import StrEnum
from typing import NamedTuple

from primum.agents.models.outcomes import Outcome


class Treatment(StrEnum):
    """How an outcome counts in a figure."""

    SCORED = "scored"
    AS_EMPTY = "counts as recommending nothing"
    LEFT_OUT = "left out"


class Policy(StrEnum):
    """A policy for outcomes other than OK. What is not the model's own doing is always left out."""

    FAILURES_AS_EMPTY = "failures_as_empty"
    ANSWERED_ONLY = "answered_only"

    def treatment(self, outcome: Outcome) -> Treatment:
        """How an outcome counts under this policy."""
        if outcome is Outcome.OK:
            return Treatment.SCORED
        return RECORDS[self].model_failures if outcome.is_model_failure else Treatment.LEFT_OUT

    @property
    def scores_failures(self) -> bool:
        """Whether a model's own failures have a score."""
        return RECORDS[self].model_failures is not Treatment.LEFT_OUT

    @property
    def label(self) -> str:
        """The name in words."""
        return self.replace("_", " ").capitalize()

    @property
    def sentence(self) -> str:
        """What it does, for a reader."""
        return RECORDS[self].sentence


class PolicyRecord(NamedTuple):
    """What is known of a policy: how a model's own failures count, and that in words."""

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
