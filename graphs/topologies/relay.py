"""relay: one generator, then guardians, each of which rewrites what the one before it sent."""

from collections.abc import Sequence

from langgraph.graph import END, START

from primum.agents.models.outcomes import Outcome
from primum.agents.roles.draft_format import reading_of
from primum.agents.roles.transcript import Turn
from primum.agents.specs.ensemble import EnsembleSpec
from primum.agents.specs.model import ModelSpec
from primum.graphs.topologies.nodes import generator, reviewer
from primum.graphs.topologies.state import Builder, Compiled, Setting, State, seated


def build_relay(spec: EnsembleSpec, models: dict[str, ModelSpec]) -> Compiled:
    """START -> generator-1 -> guardian-1 -> guardian-2 -> ... -> END."""
    graph = Builder(State, context_schema=Setting)
    before, reading = START, reading_of(spec)
    for seat, agent in seated(spec, models).items():
        guards = agent.role == "guardian"
        node = reviewer(agent, "guardian", _sent, reading) if guards else generator(agent)
        graph.add_node(seat, node)
        graph.add_edge(before, seat)
        before = seat
    graph.add_edge(before, END)
    return graph.compile()


def _sent(turns: Sequence[Turn]) -> list[Turn]:
    """What can be used of what was sent on so far: one that failed passes the one before it on."""
    return [turn for turn in turns if turn.outcome is Outcome.OK]
