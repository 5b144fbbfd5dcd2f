"""How an ensemble's agents are joined: its steps, and what each of them reads.

The wiring is the one description of a graph: LangGraph graphs are built from it, calls and seats
are counted on it, dry runs and simulated studies follow it, and turns record what they read by it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, NamedTuple

from primum.agents.roles.aggregator import AGGREGATOR
from primum.agents.roles.generator import GENERATOR
from primum.agents.roles.record import Role
from primum.agents.roles.selector import SELECTOR
from primum.agents.roles.voting import RULE
from primum.agents.specs.model import AgentSpec
from primum.agents.specs.rule import Rule
from primum.agents.turns.transcript import Turn
from primum.core.field_errors import field_error

Aggregation = Literal["synthesise", "select"]
AGGREGATING = {"synthesise": AGGREGATOR, "select": SELECTOR}


class Seat(NamedTuple):
    """A place in an ensemble: its name, the role that its agent has there, and the agent."""

    name: str
    role: str
    agent: AgentSpec


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is said in an ensemble.

    Attributes:
        name: its own among the ensemble's steps.
        seat: whose it is; an agent may speak in several steps.
        role: in which its agent speaks.
        agent: who speaks; None where a rule counts.
        rule: what counts; None where an agent speaks.
        field: where a panel file names the agent, such as "critics.0".
        reads: the steps whose drafts it may be given: of each seat the latest that can be used.
        critiques: the steps whose objections it is given as well.
        round: of a debate; first drafts are the first.
    """

    name: str
    seat: str
    role: Role
    agent: AgentSpec | None = None
    rule: Rule | None = None
    field: str = ""
    reads: tuple[str, ...] = ()
    critiques: tuple[str, ...] = ()
    round: int = 1

    @property
    def after(self) -> tuple[str, ...]:
        """The steps that must be over before it begins."""
        return (*self.reads, *self.critiques)


@dataclass(frozen=True)
class Wiring:
    """Steps in an order in which each comes after those that it reads; the last one answers.

    `rounds` are the steps of a debate's rounds: a round is left out, with those after it, once the
    latest drafts agree.
    """

    steps: tuple[Step, ...]
    rounds: tuple[tuple[str, ...], ...] = ()

    @property
    def last(self) -> Step:
        """The step whose turn is the ensemble's answer."""
        return self.steps[-1]

    @cached_property
    def seats(self) -> tuple[Seat, ...]:
        """Every agent, with its seat and the role in which it first speaks there."""
        found: dict[str, Seat] = {}
        for step in self.steps:
            if step.agent:
                found.setdefault(step.seat, Seat(step.seat, step.role.recorded, step.agent))
        return tuple(found.values())

    @cached_property
    def drafting(self) -> tuple[AgentSpec, ...]:
        """Who gives a first draft, seat by seat."""
        return tuple(step.agent for step in self.steps if step.role.drafts and step.agent)

    @cached_property
    def calls(self) -> int:
        """Calls that an answer takes at most, repairs left out."""
        return sum(step.agent is not None for step in self.steps)

    @cached_property
    def stages(self) -> dict[str, int]:
        """When each step may begin, from 0: after the longest chain of steps that it waits for."""
        found: dict[str, int] = {}
        for step in self.steps:
            found[step.name] = max((found[name] + 1 for name in step.after), default=0)
        return found

    @cached_property
    def samples(self) -> dict[str, int]:
        """The number of each seat among those that ask the same of the same model, from 1."""
        seen: Counter[tuple[str, str]] = Counter()
        found = {}
        for seat in self.seats:
            seen[seat.role, seat.agent.label] += 1
            found[seat.name] = seen[seat.role, seat.agent.label]
        return found

    @cached_property
    def most_read(self) -> int:
        """The most drafts of other seats that one agent reads together."""
        return max((self._read_by(step) for step in self.steps if step.agent), default=0)

    def ordered(self, turns: Iterable[Turn]) -> list[Turn]:
        """The turns of an answer in the order of their steps."""
        place = {step.name: number for number, step in enumerate(self.steps)}
        return sorted(turns, key=lambda turn: place.get(turn.step, len(place) - 2))

    def with_role(self, role: Role) -> tuple[AgentSpec, ...]:
        """The agents whose seats have a role, in the order of their seats."""
        first = {step.seat: step for step in reversed(self.steps)}
        return tuple(
            seat.agent for seat in self.seats if first[seat.name].role is role and seat.agent
        )

    def _read_by(self, step: Step) -> int:
        seats = {other.seat for other in self.steps if other.name in step.reads}
        return min(len(seats - {step.seat}), 1) if step.role.reads_one else len(seats - {step.seat})


def flaw(wiring: Wiring) -> str:
    """What is wrong with a wiring: a clause about one of its steps; empty if nothing is."""
    known: set[str] = set()
    for step in wiring.steps:
        if step.name in known:
            return f"two steps are named {step.name}; give each a name of its own"
        for name in step.after:
            if name not in known:
                return f"the step {step.name} reads {name}, and no step before it has that name"
        if step.agent and step.rule:
            return f"the step {step.name} has an agent and a rule; give one of them"
        known.add(step.name)
    unknown = sorted({name for names in wiring.rounds for name in names} - known)
    if unknown:
        return f"its rounds name {unknown[0]}, and no step has that name"
    return "" if wiring.steps else "it has no steps; `wire` must return at least one"


def drafts_of(agents: Sequence[AgentSpec]) -> tuple[Step, ...]:
    """A step for each generator."""
    return tuple(
        Step(f"generator-{n}", f"generator-{n}", GENERATOR, agent, field=f"generators.{n - 1}")
        for n, agent in enumerate(agents, 1)
    )


def names(steps: Iterable[Step]) -> tuple[str, ...]:
    """The names of some steps."""
    return tuple(step.name for step in steps)


def reading(step: Step, drafts: Iterable[Step], critiques: Iterable[Step] = ()) -> Step:
    """A step that is given some drafts, and critiques of them."""
    return replace(step, reads=names(drafts), critiques=names(critiques))


def aggregator_of(
    agent: AgentSpec, how: Aggregation, drafts: Sequence[Step], critiques: Sequence[Step] = ()
) -> Step:
    """The aggregator's step, after drafts and the critiques of them."""
    return Step(
        *("aggregator", "aggregator", AGGREGATING[how], agent),
        field="aggregator",
        reads=names(drafts),
        critiques=names(critiques),
    )


def rule_of(rule: Rule, drafts: Sequence[Step]) -> Step:
    """The rule's step, after the drafts that it counts."""
    return Step("rule", "rule", RULE, rule=rule, reads=names(drafts))


def require_several(how: Aggregation, drafts: int) -> None:
    """Refuse a selection from fewer than two drafts.

    Raises:
        PydanticCustomError: naming the field to change.
    """
    if how == "select" and drafts < 2:  # noqa: PLR2004
        raise field_error("aggregation", "to select takes an aggregator, and two drafts or more")


def require_countable(rule: Rule, drafts: int) -> None:
    """Refuse a rule that does not fit the number of drafts.

    Raises:
        PydanticCustomError: naming the field to change.
    """
    if (rule.k or 0) > drafts:
        raise field_error("rule.k", f"k is {rule.k}, and there are {drafts} drafts")
    if rule.weights and len(rule.weights) != drafts:
        raise field_error("rule.weights", "as many weights as generators, in their order")
