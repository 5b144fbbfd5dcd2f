"""What agents said and what an ensemble recommends: small frozen records."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from primum.agents.client import Outcome, Reply, Request
from primum.agents.replies import Grade
from primum.agents.spec import Role


@dataclass(frozen=True, slots=True)
class Call:
    """One call that a turn rests on: its key in the ledger, and what came back."""

    key: str
    model: str
    reply: Reply


@dataclass(frozen=True, slots=True)
class Turn:
    """What one agent said: its grades if the outcome is OK, the reason if it is not.

    `about` is the seat whose draft a critic read; None for the other roles.
    """

    seat: str
    role: Role
    model: str
    outcome: Outcome
    reason: str
    grades: tuple[Grade, ...]
    calls: tuple[Call, ...]
    about: str | None = None

    @property
    def text(self) -> str:
        """The last reply, as it was given."""
        return self.calls[-1].reply.text if self.calls else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an ensemble gave for one task in one trial.

    `recommended` holds the options graded Appropriate; None where there is no recommendation.
    """

    ensemble: str
    task: str
    trial: int
    outcome: Outcome
    reason: str
    recommended: tuple[int, ...] | None
    turns: tuple[Turn, ...] = ()

    @property
    def degraded(self) -> int:
        """How many of its agents gave nothing that could be used."""
        return sum(turn.outcome is not Outcome.OK for turn in self.turns)


Caller = Callable[[Request, str], Awaitable[Reply]]
"""Answers a request on behalf of a named model: the ledger's way in."""
