"""The record of a role: what it reads and returns, how it is asked, how it is simulated."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

import numpy as np

from primum.agents.protocols.protocol import Protocol
from primum.agents.protocols.record import Returns
from primum.agents.roles.simulated import OptionWording, SimulatedState
from primum.agents.specs.rule import Rule
from primum.agents.turns.draft_format import Reading
from primum.agents.turns.exchange import Agent
from primum.agents.turns.transcript import Caller, Turn
from primum.cases.model import PublicCase
from primum.core.arrays import Bools
from primum.core.errors import DataError

ANONYMOUS = Reading()


class Stage(StrEnum):
    """When a role acts: on the case, on drafts, on all drafts at the end, or on a final answer."""

    DRAFT = "draft"
    REVIEW = "review"
    CONCLUSION = "conclusion"
    JUDGEMENT = "judgement"


class Reads(StrEnum):
    """Which of the drafts that its step names a role is given."""

    NOTHING = "nothing"
    ONE = "one"  # the last of them that can be used
    OWN = "own"  # its own, which it revises, and the others beside it
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Question:
    """An item that an ensemble is asked in one trial; `call` sends requests to models."""

    protocol: Protocol
    case: PublicCase
    trial: int
    call: Caller


@dataclass(frozen=True, slots=True)
class Material:
    """What an agent or rule is given.

    Attributes:
        drafts: the drafts, in the order in which they are shown.
        critiques: the critiques of them.
        reading: whether authors are named.
        round: the round of a debate, from 1 for the first drafts.
        weights: the weights of seats in a vote; 1 for those not given.
    """

    drafts: tuple[Turn, ...] = ()
    critiques: tuple[Turn, ...] = ()
    reading: Reading = ANONYMOUS
    round: int = 1
    weights: Mapping[str, Fraction] = field(default_factory=dict)


Ask = Callable[[Agent, Question, Material], Awaitable[Turn | None]]
"""Asks an agent in a role; returns None if there is nothing for it to read."""
Count = Callable[[Rule, Question, Material], Turn | None]
"""Counts drafts by a rule; returns None if there are fewer than the rule needs."""


@dataclass(frozen=True, eq=False)
class Role:
    """What an agent, or a rule, does in its seat.

    Attributes:
        name: of the role, in prompts (`Role: critic`) and in the names of prompt files.
        mark: the letters by which reports mark its seats; no two roles have the same.
        stage: when it speaks.
        reads: which of the drafts named by its step it is given.
        returns: what its reply is.
        title: what it does, in a few words.
        recorded_as: the name on its turns, where it is another role's (a selector: aggregator).
        ordered: whether the order of several seats of the role changes what the ensemble is.
        ask: asks an agent; None for a rule, and for a judge, who is not part of a graph.
        count: counts drafts; for a rule.
        decide: what a simulated model makes of what it believes and has read, by option.
        write: a simulated model's reply, in a protocol's wording.
        placeholder: a reply for a dry run, from the prompt and a mark that differs from request
            to request, where its form is the role's own and not the protocol's.
    """

    name: str
    mark: str
    stage: Stage
    reads: Reads
    returns: Returns
    title: str
    recorded_as: str = ""
    ordered: bool = False
    ask: Ask | None = None
    count: Count | None = None
    decide: Callable[[SimulatedState], Bools] | None = None
    write: Callable[[SimulatedState, OptionWording], str] | None = None
    placeholder: Callable[[str, str], str] | None = None

    @property
    def recorded(self) -> str:
        """The role's name on the turns of its seats."""
        return self.recorded_as or self.name

    @property
    def drafts(self) -> bool:
        """Whether it gives a first draft."""
        return self.stage is Stage.DRAFT

    @property
    def reviews(self) -> bool:
        """Whether it reviews a draft."""
        return self.stage is Stage.REVIEW

    @property
    def concludes(self) -> bool:
        """Whether it makes one answer of several drafts."""
        return self.stage is Stage.CONCLUSION

    @property
    def judges(self) -> bool:
        """Whether it judges finished answers."""
        return self.stage is Stage.JUDGEMENT

    @property
    def objects(self) -> bool:
        """Whether it says what to change in a draft, and gives no answer of its own."""
        return self.returns == "objections"

    @property
    def reads_one(self) -> bool:
        """Whether it reads one draft of another's, so that a harm in it passes before its eyes."""
        return self.reads is Reads.ONE


def decided(role: Role, state: SimulatedState) -> Bools:
    """What a simulated model makes of what it believes and has read, by option.

    Raises:
        DataError: the role's `decide` failed, or returned another shape than that of its beliefs.
    """
    assert role.decide, "asked only of roles that a simulation plays"
    try:
        found = np.asarray(role.decide(state), dtype=bool)
    except Exception as error:
        raise _unplayed(role, "decide", f"{type(error).__name__}: {error}") from error
    if found.shape != state.own.shape:
        raise _unplayed(role, "decide", f"shape {found.shape}; it must be {state.own.shape}")
    return found


def written(role: Role, state: SimulatedState, wording: OptionWording) -> str:
    """What a simulated model writes in a role.

    Raises:
        DataError: the role's `write` failed, or returned no text.
    """
    assert role.write, "asked only of roles that a simulation plays"
    try:
        text = role.write(state, wording)
    except Exception as error:
        raise _unplayed(role, "write", f"{type(error).__name__}: {error}") from error
    if not isinstance(text, str):
        raise _unplayed(role, "write", f"it returned {text!r:.60}, no text")
    return text


def _unplayed(role: Role, function: str, why: str) -> DataError:
    return DataError(f"the role {role.name}: its `{function}` failed in a simulation: {why}")
