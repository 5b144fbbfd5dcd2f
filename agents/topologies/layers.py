"""layers: generators, then layers of agents that each read the whole layer before, an aggregator.

(A mixture of agents: Wang et al., arXiv 2406.04692.)
"""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from primum.agents.roles.aggregator import AGGREGATOR
from primum.agents.specs.model import AgentSpec
from primum.agents.topologies.ensemble import ReadsSeveral, Seats
from primum.agents.topologies.span import DesignPoint, Span, agents
from primum.agents.topologies.wiring import (
    Aggregation,
    Step,
    Wiring,
    aggregator_of,
    drafts_of,
    reading,
    require_several,
)


class Layers(ReadsSeveral):
    """The first layer are the generators; `layers` are those after it."""

    description: ClassVar[str] = (
        "generators; layers that read the whole layer before; an aggregator"
    )
    span: ClassVar[Span] = Span(
        needs=("aggregators", "depths"),
        takes=("aggregation", "authors", "shuffle", "orders"),
    )
    coalitions: ClassVar[bool] = True

    graph: Literal["layers"] = "layers"
    generators: Seats
    layers: Annotated[tuple[Seats, ...], Field(min_length=1)]
    aggregator: AgentSpec
    aggregation: Aggregation = "synthesise"

    @model_validator(mode="after")
    def _several_to_select_from(self) -> Self:
        require_several(self.aggregation, len(self.layers[-1]))
        return self

    def wire(self) -> Wiring:
        """START -> generators -> layer-2-* -> layer-3-* -> ... -> aggregator -> END."""
        before = drafts_of(self.generators)
        steps = [*before]
        for depth, layer in enumerate(self.layers, 2):
            before = tuple(
                reading(_agent(depth, number, agent), before)
                for number, agent in enumerate(layer, 1)
            )
            steps += before
        return Wiring((*steps, aggregator_of(self.aggregator, self.aggregation, before)))

    @property
    def interchangeable(self) -> bool:
        """Whether another model may take a seat: an agent of a layer does not stand alone."""
        return False

    @classmethod
    def fields_of(cls, point: DesignPoint) -> dict[str, Any]:
        """Layers of the same agents as the first, and an aggregator."""
        team = agents(point.team)
        return {
            "generators": team,
            "layers": (team,) * point.settings["depths"],
            **point.settings_among("authors", "shuffle"),
            **point.conclusion,
        }


def _agent(depth: int, number: int, agent: AgentSpec) -> Step:
    seat = f"layer-{depth}-{number}"
    return Step(seat, seat, AGGREGATOR, agent, field=f"layers.{depth - 2}.{number - 1}")
