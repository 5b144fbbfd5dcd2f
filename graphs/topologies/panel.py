"""panel: generators in parallel, each draft read by every critic, one aggregator."""

from collections.abc import Sequence

from langgraph.graph import END, START

from primum.agents.roles.draft_format import reading_of
from primum.agents.roles.transcript import Turn
from primum.agents.specs.ensemble import EnsembleSpec
from primum.agents.specs.model import ModelSpec
from primum.graphs.topologies.nodes import Drafts, aggregator, generator, reviewer
from primum.graphs.topologies.state import Builder, Compiled, Setting, State, seated, usable


def build_panel(spec: EnsembleSpec, models: dict[str, ModelSpec]) -> Compiled:
    """START -> generators -> a critic for each draft -> aggregator -> END."""
    graph = Builder(State, context_schema=Setting)
    agents, reading = seated(spec, models), reading_of(spec)
    last: list[str] = []
    for seat in (seat for seat, role, _ in spec.seats if role == "generator"):
        graph.add_node(seat, generator(agents[seat]))
        graph.add_edge(START, seat)
        critiques = []
        for reader in (reader for reader, role, _ in spec.seats if role == "critic"):
            name = f"{reader}-on-{seat}"
            graph.add_node(name, reviewer(agents[reader], "critic", _of(seat), reading))
            graph.add_edge(seat, name)
            critiques.append(name)
        last += critiques or [seat]
    graph.add_node(
        "aggregator", aggregator(agents["aggregator"], first_drafts, reading, spec.aggregation)
    )
    graph.add_edge(last, "aggregator")
    graph.add_edge("aggregator", END)
    return graph.compile()


def first_drafts(turns: Sequence[Turn]) -> list[Turn]:
    """The generators' usable drafts."""
    return usable(turns, "generator")


def _of(seat: str) -> Drafts:
    return lambda turns: [turn for turn in first_drafts(turns) if turn.seat == seat]
