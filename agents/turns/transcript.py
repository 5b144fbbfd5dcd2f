"""What agents said and what an ensemble recommends: small frozen records."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from primum.agents.models.client import Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.replies.menu import Grade
from primum.cases.model import Item

Verdict = Literal["none", "partial", "full"]
VERDICTS: tuple[Verdict, ...] = ("none", "partial", "full")
UNCERTAIN = 5  # the score of an action that no one scored


@dataclass(frozen=True, slots=True)
class Call:
    """One call that a turn rests on: its key in the ledger, and what came back."""

    key: str
    model: str
    reply: Reply


@dataclass(frozen=True, slots=True)
class Turn:
    """What one agent said: its grades if the outcome is OK, the reason if it is not.

    `role` is the name of a role's record. `about` is the seat whose draft a critic or guardian
    read, or that a selector chose; None for the other roles. What an agent says in a plan is its
    text; it has no grades. `round` counts the rounds of a debate, the first drafts being the
    first. `passed_on` is the text of a turn that passes others' words on: a rule's, or a
    selector's. `step` is the turn's own name among those of its ensemble, `reads` the names of the
    turns whose texts it was given, and `stage` counts from 0: what goes on at the same time has the
    same stage.
    """

    seat: str
    role: str
    model: str
    outcome: Outcome
    reason: str
    grades: tuple[Grade, ...]
    calls: tuple[Call, ...]
    about: str | None = None
    round: int = 1
    passed_on: str | None = None
    step: str = ""
    reads: tuple[str, ...] = ()
    stage: int = 0

    @property
    def text(self) -> str:
        """What it says: the last reply as it was given, or what it passes on."""
        if self.passed_on is not None:
            return self.passed_on
        return self.calls[-1].reply.text if self.calls else ""

    @property
    def seconds(self) -> float:
        """How long its calls took, one after the other."""
        return sum(call.reply.seconds for call in self.calls)


@dataclass(frozen=True, slots=True)
class OptionVerdict:
    """Whether an answer includes an option, and the words of the answer that say so."""

    option: int
    verdict: Verdict
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class JudgedAction:
    """One action of an answer: the options it matches; its own score counts if it matches none."""

    number: int
    action: str
    category: str
    matches: tuple[int, ...]
    score: int = UNCERTAIN
    rationale: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one judge, a panel of them or a matcher made of one answer.

    Without the outcome OK the answer is unjudged, for the reason given, and has neither verdicts
    nor actions. `votes` are the judgements of a panel's judges, `turns` what a judge's agents said,
    `overridden` the options whose verdict a reviewer changed.
    """

    judge: str
    outcome: Outcome
    reason: str = ""
    verdicts: tuple[OptionVerdict, ...] = ()
    actions: tuple[JudgedAction, ...] = ()
    overridden: tuple[int, ...] = ()
    turns: tuple[Turn, ...] = ()
    votes: tuple["Judgement", ...] = ()

    @property
    def said(self) -> tuple[Turn, ...]:
        """Everything that its agents said, and that those of its votes did."""
        return self.turns + tuple(turn for vote in self.votes for turn in vote.said)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an ensemble gave for one item in one trial.

    `recommended` holds the options graded Appropriate; None where there is no recommendation, or
    where it is a plan: that is `text`, and what it includes is said by its `judgement`.
    """

    ensemble: str
    item: str
    trial: int
    outcome: Outcome
    reason: str
    recommended: tuple[int, ...] | None
    turns: tuple[Turn, ...] = ()
    text: str = ""
    judgement: Judgement | None = None

    @property
    def degraded(self) -> int:
        """How many of its agents gave nothing that could be used."""
        return sum(turn.outcome is not Outcome.OK for turn in self.turns)

    @property
    def seconds(self) -> float:
        """How long it took without waiting: stage after stage, the slowest agent of each."""
        stages: dict[int, float] = {}
        for turn in self.turns:
            stages[turn.stage] = max(stages.get(turn.stage, 0.0), turn.seconds)
        return sum(stages.values())

    @property
    def unjudged(self) -> bool:
        """Whether it was answered, and no judge could say what with."""
        return self.judgement is not None and self.judgement.outcome is not Outcome.OK


Caller = Callable[[Request, str], Awaitable[Reply]]
"""Answers a request on behalf of a named model: the ledger's way in."""
Matcher = Callable[[Item, str], Awaitable[Judgement]]
"""Says what an answer in free text to an item includes."""
MatcherOf = Callable[[Caller], Matcher]
"""Makes a matcher of the way to a study's judges."""
