"""vote: drafts in parallel, counted by a rule."""

from typing import Any, ClassVar, Literal, Self

from pydantic import model_validator

from primum.agents.specs.rule import Rule
from primum.agents.topologies.ensemble import EnsembleSpec, Seats
from primum.agents.topologies.span import DesignPoint, Span, agents
from primum.agents.topologies.wiring import Wiring, drafts_of, require_countable, rule_of


class Vote(EnsembleSpec):
    """Generators that know nothing of each other, and a rule."""

    description: ClassVar[str] = "generators, whose drafts are counted by a rule"
    span: ClassVar[Span] = Span(needs=("rules",), takes=("orders",), usual=(2, None))
    coalitions: ClassVar[bool] = True

    graph: Literal["vote"] = "vote"
    generators: Seats
    rule: Rule

    @model_validator(mode="after")
    def _rule_fits(self) -> Self:
        require_countable(self.rule, len(self.generators))
        return self

    def wire(self) -> Wiring:
        """START -> generators -> rule -> END."""
        drafts = drafts_of(self.generators)
        return Wiring((*drafts, rule_of(self.rule, drafts)))

    @classmethod
    def fields_of(cls, point: DesignPoint) -> dict[str, Any]:
        """Generators and a rule."""
        return {"generators": agents(point.team), **point.conclusion}
