"""solo: one generator, whose draft is the recommendation."""

from langgraph.graph import END, START

from primum.agents.specs.ensemble import EnsembleSpec
from primum.agents.specs.model import ModelSpec
from primum.graphs.topologies.nodes import generator
from primum.graphs.topologies.state import Builder, Compiled, Setting, State, seated


def build_solo(spec: EnsembleSpec, models: dict[str, ModelSpec]) -> Compiled:
    """START -> generator-1 -> END."""
    graph = Builder(State, context_schema=Setting)
    ((seat, agent),) = seated(spec, models).items()
    graph.add_node(seat, generator(agent))
    graph.add_edge(START, seat)
    graph.add_edge(seat, END)
    return graph.compile()
