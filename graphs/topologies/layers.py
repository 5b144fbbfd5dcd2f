"""layers: generators, then layers of agents that each read all of the layer before, an aggregator.

(A mixture of agents: Wang et al., arXiv 2406.04692.)
"""

from collections.abc import Sequence

from langgraph.graph import END, START

from primum.agents.models.outcomes import Outcome
from primum.agents.roles.draft_format import reading_of
from primum.agents.roles.transcript import Turn
from primum.agents.specs.ensemble import EnsembleSpec
from primum.agents.specs.model import ModelSpec
from primum.graphs.topologies.nodes import Drafts, aggregator, generator
from primum.graphs.topologies.state import Builder, Compiled, Setting, State, seated


def build_layers(spec: EnsembleSpec, models: dict[str, ModelSpec]) -> Compiled:
    """START -> generators -> layer-2-* -> layer-3-* -> ... -> aggregator -> END."""
    graph = Builder(State, context_schema=Setting)
    agents, reading = seated(spec, models), reading_of(spec)
    before = [seat for seat in agents if seat.startswith("generator-")]
    for seat in before:
        graph.add_node(seat, generator(agents[seat]))
        graph.add_edge(START, seat)
    for depth in range(2, len(spec.layers) + 2):
        layer = [seat for seat in agents if seat.startswith(f"layer-{depth}-")]
        for seat in layer:
            graph.add_node(seat, aggregator(agents[seat], _from(before), reading))
            graph.add_edge(before, seat)
        before = layer
    last = aggregator(agents["aggregator"], _from(before), reading, spec.aggregation)
    graph.add_node("aggregator", last)
    graph.add_edge(before, "aggregator")
    graph.add_edge("aggregator", END)
    return graph.compile()


def _from(layer: list[str]) -> Drafts:
    def drafts(turns: Sequence[Turn]) -> list[Turn]:
        return [turn for turn in turns if turn.seat in layer and turn.outcome is Outcome.OK]

    return drafts
