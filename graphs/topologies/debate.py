"""debate: generators that read one another and revise, until they agree or the rounds are over.

(Du et al., arXiv 2305.14325.) A rule or an aggregator then has the last word.
"""

from langgraph.graph import END, START
from langgraph.runtime import Runtime

from primum.agents.roles.draft_format import reading_of
from primum.agents.specs.ensemble import EnsembleSpec
from primum.agents.specs.model import ModelSpec
from primum.graphs.topologies.nodes import aggregator, debater, generator, rule, settled
from primum.graphs.topologies.state import Builder, Compiled, Setting, State, Update, latest, seated


def build_debate(spec: EnsembleSpec, models: dict[str, ModelSpec]) -> Compiled:
    """START -> generators -> agreed? -> the same seats again -> agreed? -> the last word -> END."""
    graph = Builder(State, context_schema=Setting)
    agents, reading = seated(spec, models), reading_of(spec)
    drafting = [seat for seat in agents if seat.startswith("generator-")]
    for seat in drafting:
        graph.add_node(seat, generator(agents[seat]))
        graph.add_edge(START, seat)
        graph.add_node(f"{seat}-again", debater(agents[seat], reading))
    graph.add_node("agreed", _listen)
    again = [f"{seat}-again" for seat in drafting]
    graph.add_edge(drafting, "agreed")
    graph.add_edge(again, "agreed")
    last = spec.last_seat
    over = settled(spec.rounds or 1)

    def next_ones(state: State, runtime: Runtime[Setting]) -> list[str]:
        return [last] if over(state, runtime) else again

    graph.add_conditional_edges("agreed", next_ones, [last, *again])
    if spec.rule:
        graph.add_node(last, rule(spec.rule, latest))
    else:
        graph.add_node(last, aggregator(agents[last], latest, reading, spec.aggregation))
    graph.add_edge(last, END)
    return graph.compile()


async def _listen(state: State) -> Update:  # noqa: ARG001
    return {}
