"""Counts of the outcomes of answers by ensemble: coverage, share judged, reasons."""

from collections import Counter
from dataclasses import dataclass, field

from primum.agents.models.outcomes import Outcome
from primum.agents.turns.transcript import Answer
from primum.core.sql import literal, literals

# SQL over a row of `answers`: four conditions, and (also of `turns`) the outcome of a failure.
ANSWERED = f"(outcome = {literal(Outcome.OK)})"
JUDGED = f"({ANSWERED} and unjudged is null)"
MODEL_FAILED = f"(outcome in ({literals(o for o in Outcome if o.is_model_failure)}))"
DEGRADED = f"({ANSWERED} and degraded > 0)"
FAILURE = f"nullif(outcome, {literal(Outcome.OK)})"


@dataclass
class OutcomeCounts:
    """Counts of one ensemble's answers.

    `degraded` are the usable answers that lack the usable reply of some agent, and `missing` the
    seats and outcomes of the turns that they lack.
    """

    asked: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    degraded: int = 0
    missing: Counter[tuple[str, str]] = field(default_factory=Counter)
    unjudged: int = 0

    def add(self, answer: Answer) -> None:
        """Count an answer; of imported answers, as many are expected as there are."""
        self.asked = max(self.asked, self.outcomes.total() + 1)
        self.outcomes[answer.outcome] += 1
        if answer.outcome is not Outcome.OK:
            self.reasons[f"{answer.outcome}: {answer.reason}"] += 1
        elif answer.degraded:
            self.degraded += 1
            unusable = (turn for turn in answer.turns if turn.outcome is not Outcome.OK)
            self.missing.update({(turn.seat, turn.outcome.label) for turn in unusable})
        if answer.judgement and answer.unjudged:
            self.unjudged += 1
            self.reasons[f"unjudged: {answer.judgement.reason}"] += 1

    @property
    def coverage(self) -> float:
        """Share of the expected answers that are usable."""
        return self.outcomes[Outcome.OK] / self.asked if self.asked else 0.0

    @property
    def judged(self) -> float:
        """Share of the usable answers that were judged."""
        answered = self.outcomes[Outcome.OK]
        return 1 - self.unjudged / answered if answered else 0.0

    @property
    def failed(self) -> int:
        """The number of expected answers that are not usable or not judged."""
        return self.asked - self.outcomes[Outcome.OK] + self.unjudged

    @property
    def model_failures(self) -> int:
        """The number of failures of the model itself (refusal, empty, invalid)."""
        return sum(n for outcome, n in self.outcomes.items() if outcome.is_model_failure)

    @property
    def unanswered(self) -> int:
        """The number of missing answers that no model is at fault for; these are never scored."""
        return self.asked - self.outcomes[Outcome.OK] - self.model_failures
