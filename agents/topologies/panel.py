"""panel: generators in parallel, each draft read by every critic, one aggregator."""

from dataclasses import replace
from typing import Any, ClassVar, Literal, Self

from pydantic import model_validator

from primum.agents.roles.critic import CRITIC
from primum.agents.specs.model import AgentSpec
from primum.agents.topologies.ensemble import ReadsSeveral, Seats
from primum.agents.topologies.span import DesignPoint, Span, agents
from primum.agents.topologies.wiring import (
    Aggregation,
    Step,
    Wiring,
    aggregator_of,
    drafts_of,
    require_several,
)


class PanelOfAgents(ReadsSeveral):
    """Generators, perhaps critics, and an aggregator that synthesises or selects."""

    description: ClassVar[str] = "generators; every critic on every draft; an aggregator"
    span: ClassVar[Span] = Span(
        needs=("aggregators",),
        takes=("critics", "aggregation", "authors", "shuffle", "orders"),
    )
    coalitions: ClassVar[bool] = True

    graph: Literal["panel"] = "panel"
    generators: Seats
    critics: tuple[AgentSpec, ...] = ()
    aggregator: AgentSpec
    aggregation: Aggregation = "synthesise"

    @model_validator(mode="after")
    def _several_to_select_from(self) -> Self:
        require_several(self.aggregation, len(self.generators))
        return self

    def wire(self) -> Wiring:
        """START -> generators -> a critic for each draft -> aggregator -> END."""
        drafts = drafts_of(self.generators)
        critiques = tuple(
            _critique(number, critic, draft)
            for number, critic in enumerate(self.critics, 1)
            for draft in drafts
        )
        last = aggregator_of(self.aggregator, self.aggregation, drafts, critiques)
        return Wiring((*drafts, *critiques, last))

    @classmethod
    def fields_of(cls, point: DesignPoint) -> dict[str, Any]:
        """Generators, critics and an aggregator."""
        return {
            "generators": agents(point.team),
            "critics": agents(point.settings.get("critics", ())),
            **point.settings_among("authors", "shuffle"),
            **point.conclusion,
        }


def _critique(number: int, critic: AgentSpec, draft: Step) -> Step:
    seat = f"critic-{number}"
    step = Step(f"{seat}-on-{draft.seat}", seat, CRITIC, critic, field=f"critics.{number - 1}")
    return replace(step, reads=(draft.name,))
