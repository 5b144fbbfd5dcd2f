"""panel: generators in parallel, each draft read by every critic, one aggregator."""

from langgraph.graph import END, START

from primum.agents.spec import EnsembleSpec, ModelSpec
from primum.graphs.nodes import aggregator, critic, generator
from primum.graphs.state import Builder, Compiled, Setting, State, seated


def build_panel(spec: EnsembleSpec, models: dict[str, ModelSpec]) -> Compiled:
    """START -> generators -> a critic for each draft -> aggregator -> END."""
    graph = Builder(State, context_schema=Setting)
    agents = seated(spec, models)
    last: list[str] = []
    for seat in (seat for seat, role, _ in spec.seats if role == "generator"):
        graph.add_node(seat, generator(agents[seat]))
        graph.add_edge(START, seat)
        critiques = []
        for reader in (reader for reader, role, _ in spec.seats if role == "critic"):
            name = f"{reader}-on-{seat}"
            graph.add_node(name, critic(agents[reader], seat))
            graph.add_edge(seat, name)
            critiques.append(name)
        last += critiques or [seat]
    graph.add_node("aggregator", aggregator(agents["aggregator"]))
    graph.add_edge(last, "aggregator")
    graph.add_edge("aggregator", END)
    return graph.compile()
