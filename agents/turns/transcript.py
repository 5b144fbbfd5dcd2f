"""Frozen records of calls, turns, judgements and answers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from primum.agents.models.client import Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.replies.menu import Grade
from primum.agents.specs.model import AgentSpec
from primum.agents.specs.replies import RepliedAs
from primum.agents.turns.spoken import Spoken, spoken
from primum.cases.model import Item

Verdict = Literal["none", "partial", "full"]
VERDICTS: tuple[Verdict, ...] = ("none", "partial", "full")
UNCERTAIN = 5  # the score of an action without a score


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a turn.

    Attributes:
        key: in the ledger.
        model: its name in the panel.
        reply: what came of it.
        replied_as: whether the reply is bound to a schema; None for free text, and without a reply.
        unread: why its reply could not be parsed; empty if it was, or did not have to be.
    """

    key: str
    model: str
    reply: Reply
    replied_as: RepliedAs | None = None
    unread: str = ""

    @property
    def said(self) -> Spoken:
        """The reply without thinking."""
        return spoken(self.reply)


def made_call(request: Request, model: str, reply: Reply) -> Call:
    """The call that was made for a request, which may be the one without the schema."""
    made = request.without_schema() if reply.without_schema else request
    return Call(made.key, model, reply, RepliedAs.SCHEMA if made.bound else None)


@dataclass(frozen=True, slots=True)
class Turn:
    """The contribution of one agent, or of a rule, to an answer.

    Attributes:
        seat: its place in the graph.
        role: the name of its role.
        model: the model's name in the panel; empty for a rule.
        outcome: OK if it can be used.
        reason: why the outcome is not OK.
        grades: the parsed grades; empty under protocols whose replies are free text.
        calls: the calls, in order.
        about: the seat whose draft a critic or guardian read, or a selector chose; otherwise None.
        round: the round of a debate, from 1 for the first drafts.
        passed_on: the text of a rule's or selector's turn, which comes from other turns.
        step: the turn's name among those of the answer.
        reads: the names of the turns whose texts the agent was given.
        stage: counts from 0; turns that are made at the same time have the same stage.
        changes: what was normalised in the reply that was read, such as "trailing comma".
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
    changes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The last reply without thinking, or the text that it passes on."""
        if self.passed_on is not None:
            return self.passed_on
        return self.calls[-1].said.text if self.calls else ""

    @property
    def thinking(self) -> int:
        """Number of characters of thinking in its calls; the thinking itself is shown nowhere."""
        return sum(call.said.thinking for call in self.calls)

    @property
    def reasoning_tokens(self) -> int | None:
        """The tokens of thinking that its calls report; None if none reports any."""
        known = [call.reply.reasoning_tokens for call in self.calls]
        return sum(filter(None, known)) if any(n is not None for n in known) else None

    @property
    def seconds(self) -> float:
        """The total duration of its calls, in seconds."""
        return sum(call.reply.seconds for call in self.calls)


@dataclass(frozen=True, slots=True)
class OptionVerdict:
    """Whether an answer includes an option, with the passage of the answer as evidence."""

    option: int
    verdict: Verdict
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class JudgedAction:
    """One action of an answer, and the options that it matches; `score` counts if none."""

    number: int
    action: str
    category: str
    matches: tuple[int, ...]
    score: int = UNCERTAIN
    rationale: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdicts of a judge, a panel of judges or a matcher on one answer.

    Attributes:
        judge: the label of the judge, panel or matcher.
        outcome: OK, or else the answer is unjudged and has neither verdicts nor actions.
        reason: why it is unjudged.
        verdicts: one for each option.
        actions: the actions of the answer.
        overridden: the options whose verdict a reviewer changed.
        turns: the turns of a judge's agents.
        votes: the judgements of a panel's judges.
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
        """The turns of its agents and of those of its votes."""
        return self.turns + tuple(turn for vote in self.votes for turn in vote.said)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of an ensemble to one item in one trial.

    `recommended` holds the options graded Appropriate; None if there is no answer or if it is free
    text, which is `text` and whose verdicts are in `judgement`.
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
        """Number of turns that could not be used."""
        return sum(turn.outcome is not Outcome.OK for turn in self.turns)

    @property
    def seconds(self) -> float:
        """The duration in seconds without waiting: the sum over stages of the slowest turn."""
        stages: dict[int, float] = {}
        for turn in self.turns:
            stages[turn.stage] = max(stages.get(turn.stage, 0.0), turn.seconds)
        return sum(stages.values())

    @property
    def unjudged(self) -> bool:
        """Whether there is an answer, but no judgement of it."""
        return self.judgement is not None and self.judgement.outcome is not Outcome.OK


Caller = Callable[[Request, AgentSpec], Awaitable[Reply]]
"""Sends a request of an agent to its model, through the ledger."""
Matcher = Callable[[Item, str], Awaitable[Judgement]]
"""Judges which options an answer in free text to an item includes."""
MatcherOf = Callable[[Caller], Matcher]
"""Makes a matcher from the caller of a study's judges."""
