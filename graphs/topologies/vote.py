"""vote and self-consistency: drafts in parallel, counted by a rule."""

from langgraph.graph import END, START

from primum.agents.specs.ensemble import EnsembleSpec
from primum.agents.specs.model import ModelSpec
from primum.graphs.topologies.nodes import generator, rule
from primum.graphs.topologies.panel import first_drafts
from primum.graphs.topologies.state import Builder, Compiled, Setting, State, seated


def build_vote(spec: EnsembleSpec, models: dict[str, ModelSpec]) -> Compiled:
    """START -> generators, or samples of the one that there is -> rule -> END."""
    assert spec.rule, "a vote has a rule"
    graph = Builder(State, context_schema=Setting)
    agents = seated(spec, models)
    for seat, agent in agents.items():
        graph.add_node(seat, generator(agent))
        graph.add_edge(START, seat)
    graph.add_node("rule", rule(spec.rule, first_drafts))
    graph.add_edge(list(agents), "rule")
    graph.add_edge("rule", END)
    return graph.compile()
