"""relay: one generator, then guardians, each of which rewrites what the one before it sent."""

from langgraph.graph import END, START

from primum.agents.spec import EnsembleSpec, ModelSpec
from primum.graphs.nodes import generator, guardian
from primum.graphs.state import Builder, Compiled, Setting, State, seated


def build_relay(spec: EnsembleSpec, models: dict[str, ModelSpec]) -> Compiled:
    """START -> generator-1 -> guardian-1 -> guardian-2 -> ... -> END."""
    graph = Builder(State, context_schema=Setting)
    before = START
    for seat, agent in seated(spec, models).items():
        graph.add_node(seat, guardian(agent) if agent.role == "guardian" else generator(agent))
        graph.add_edge(before, seat)
        before = seat
    graph.add_edge(before, END)
    return graph.compile()
