"""What every ensemble has: a name, a graph, and what follows from its wiring."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from primum.agents.roles.registry import ROLES
from primum.agents.roles.selector import SELECTOR
from primum.agents.specs.model import AgentSpec, FrozenRecord
from primum.agents.specs.rule import Rule
from primum.agents.topologies.span import DesignPoint, Span
from primum.agents.topologies.wiring import Seat, Wiring, flaw
from primum.agents.turns.draft_format import Reading
from primum.core.errors import DataError, PrimumError
from primum.core.field_errors import field_error

EnsembleName = Annotated[str, Field(pattern=r"^(control:)?[A-Za-z0-9][A-Za-z0-9_.~+-]{0,199}$")]
Seats = Annotated[tuple[AgentSpec, ...], Field(min_length=1)]
OneSeat = Annotated[tuple[AgentSpec, ...], Field(min_length=1, max_length=1)]
CONTROL_PREFIX = "control:"


class Kind(StrEnum):
    """What gives an ensemble's answers: several seats, one model, the answer key, or a file."""

    TEAM = "team"
    SOLO = "solo"
    CONTROL = "control"
    IMPORTED = "imported"

    @property
    def asks_models(self) -> bool:
        """Whether models are asked for its answers."""
        return self in {Kind.TEAM, Kind.SOLO}


class EnsembleSpec(FrozenRecord):
    """Agents joined by a graph; each graph is a subclass with its own fields.

    A subclass sets `graph` to its name, `description` to one line about it, and defines `wire`.

    Attributes:
        kind: what gives its answers.
        span: how an ablation spans the graph; None where it does not.
        coalitions: whether its generators form coalitions: it may have fewer or more of them.
        traceable: whether it is known, turn by turn, who read whose draft.
        repeats_one_model: whether it is a single model that samples itself, at a team's cost.
        interchangeable: whether each seat stands alone, so that another model may take it.
    """

    description: ClassVar[str]
    kind: ClassVar[Kind] = Kind.TEAM
    span: ClassVar[Span | None] = None
    coalitions: ClassVar[bool] = False
    traceable: ClassVar[bool] = True
    repeats_one_model: ClassVar[bool] = False

    name: EnsembleName
    graph: str

    @classmethod
    def graph_name(cls) -> str:
        """The graph's name: the default of its field `graph`."""
        return str(cls.model_fields["graph"].default)

    @classmethod
    def fields_of(cls, point: DesignPoint) -> dict[str, Any]:
        """The fields of the ensemble at a point of an ablation's design space."""
        raise TypeError(f"{cls.graph_name()}: no ablation spans this graph; choose {point.team}")

    def wire(self) -> Wiring:
        """The steps of the ensemble; none where no model is asked."""
        return Wiring(())

    @cached_property
    def wiring(self) -> Wiring:
        """The steps of the ensemble.

        Raises:
            DataError: the graph's steps do not fit one another: which, and why.
        """
        try:
            wiring = self.wire()
        except (PrimumError, ValueError):
            raise
        except Exception as error:
            why = f"its `wire` failed: {type(error).__name__}: {error}"
            raise self._broken(why) from error
        for step in wiring.steps:
            if step.role not in tuple(ROLES):
                raise self._broken(
                    f"the role {step.role.name} of the step {step.name} is not registered; "
                    "name it in the extension's `roles`"
                )
        wrong = flaw(wiring) if self.kind.asks_models or wiring.steps else ""
        if wrong:
            raise self._broken(wrong)
        return wiring

    def _broken(self, why: str) -> DataError:
        return DataError(f"{self.name}: the graph {self.graph}: {why}")

    @property
    def reading(self) -> Reading:
        """How its agents are shown one another's drafts."""
        return Reading()

    @property
    def interchangeable(self) -> bool:
        """Whether each seat stands alone, so that another model may take it."""
        return not (self.rule_used and self.rule_used.weights)

    @property
    def opening(self) -> str:
        """What it is and who drafts, as the beginning of a sentence about it."""
        article = "an" if self.graph[0] in "aeiou" else "a"
        names = ", ".join(agent.label for agent in self.wiring.drafting)
        return f"{article} {self.graph} of {names}"

    @property
    def seats(self) -> tuple[Seat, ...]:
        """Every agent with its seat's name and role."""
        return self.wiring.seats

    @property
    def drafting(self) -> tuple[AgentSpec, ...]:
        """Who drafts, seat by seat."""
        return self.wiring.drafting

    @property
    def calls(self) -> int:
        """Calls that an answer takes at most, repairs left out."""
        return self.wiring.calls

    @property
    def rule_used(self) -> Rule | None:
        """The rule that has the last word, if one has."""
        return self.wiring.last.rule if self.wiring.steps else None

    @property
    def concluding(self) -> AgentSpec | None:
        """The agent that makes one answer of several drafts, if one does."""
        last = self.wiring.last if self.wiring.steps else None
        return last.agent if last and last.role.concludes else None

    @property
    def selects(self) -> bool:
        """Whether the last word is the choice of one of the drafts."""
        return bool(self.wiring.steps) and self.wiring.last.role is SELECTOR

    @property
    def is_team(self) -> bool:
        """Whether several seats, or several samples, give its answers."""
        return self.kind is Kind.TEAM

    @property
    def members(self) -> tuple[str, ...]:
        """The names of the solos it is compared with: its generators, then its other models."""
        drafting = [agent.label for agent in self.drafting]
        drafted = {agent.model for agent in self.drafting}
        others = [seat.agent.model for seat in self.seats if seat.agent.model not in drafted]
        return tuple(dict.fromkeys(drafting + others))

    @model_validator(mode="after")
    def _controls_have_their_prefix(self) -> Self:
        if self.name.startswith(CONTROL_PREFIX) != (self.kind is Kind.CONTROL):
            raise ValueError(f"{self.name}: controls are built in (control:nothing, ...)")
        return self

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with some fields changed, and a wiring of its own."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("wiring", None)
        return copied


class ReadsDrafts(EnsembleSpec):
    """Ensembles in which agents read drafts.

    They are told who wrote them if authors are `named` (as the panel names them).
    """

    authors: Literal["anonymous", "named"] = "anonymous"

    @property
    def reading(self) -> Reading:
        """How its agents are shown one another's drafts."""
        return Reading(self.authors == "named")

    @model_validator(mode="after")
    def _authors_are_read(self) -> Self:
        if self.authors == "named" and not self.wiring.most_read:
            raise field_error("authors", "no agent reads another's draft: leave authors out")
        return self


class ReadsSeveral(ReadsDrafts):
    """Ensembles in which an agent may read several drafts together.

    They stand in an order drawn from `shuffle` and the case, if there is one.
    """

    shuffle: Annotated[int, Field(ge=0)] | None = None

    @property
    def reading(self) -> Reading:
        """How its agents are shown one another's drafts."""
        return Reading(self.authors == "named", self.shuffle)

    @model_validator(mode="after")
    def _several_are_read(self) -> Self:
        if self.shuffle is not None and self.wiring.most_read < 2:  # noqa: PLR2004
            raise field_error("shuffle", "no agent reads two drafts or more: leave shuffle out")
        return self
