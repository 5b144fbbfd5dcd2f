"""self-consistency: samples of one model, counted by a rule: the single model at a team's cost."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from primum.agents.specs.rule import Rule
from primum.agents.topologies.ensemble import EnsembleSpec, OneSeat
from primum.agents.topologies.span import DesignPoint, Span, agents
from primum.agents.topologies.wiring import Wiring, drafts_of, require_countable, rule_of
from primum.core.field_errors import field_error


class SelfConsistency(EnsembleSpec):
    """So many samples of one generator; the first sample is the solo's own call."""

    description: ClassVar[str] = "samples of one generator, counted by a rule"
    span: ClassVar[Span] = Span(needs=("samples", "rules"), most=1, usual=(1, 1))
    repeats_one_model: ClassVar[bool] = True

    graph: Literal["self-consistency"] = "self-consistency"
    generators: OneSeat
    samples: Annotated[int, Field(ge=2, le=99)]
    rule: Rule

    @model_validator(mode="after")
    def _rule_fits(self) -> Self:
        if self.rule.weights:
            raise field_error("rule.weights", "samples of one agent weigh the same; use majority")
        require_countable(self.rule, self.samples)
        return self

    def wire(self) -> Wiring:
        """START -> samples of the one generator -> rule -> END."""
        drafts = drafts_of(self.generators * self.samples)
        return Wiring((*drafts, rule_of(self.rule, drafts)))

    @property
    def interchangeable(self) -> bool:
        """Whether another model may take a seat: the samples are of one and the same."""
        return False

    @property
    def opening(self) -> str:
        """What it is and who drafts."""
        return f"{self.samples} samples of {self.generators[0].label}"

    @classmethod
    def fields_of(cls, point: DesignPoint) -> dict[str, Any]:
        """One generator, its samples and a rule."""
        return {
            "generators": agents(point.team),
            **point.settings_among("samples"),
            **point.conclusion,
        }
