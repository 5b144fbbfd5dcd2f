"""What several benchmarks ask: a suite of any size, and models behind a local server."""

from itertools import count, islice

from primum.agents.specs.model import Access, ModelSpec
from primum.agents.studies.panel import Panel
from primum.agents.topologies.registry import ensemble_of
from primum.cases.load import load_suite
from primum.cases.model import Suite


def repeated_suite(cases: int) -> Suite:
    """The embedded suite's cases over and over, each time with a small edit of the letter."""
    demo = load_suite("demo")
    turns = ((turn, case) for turn in count(1) for case in demo.cases)
    found = []
    for turn, case in islice(turns, cases):
        letter = f"{case.case.presentation} Last seen {turn} weeks ago."
        edited = case.case.model_copy(update={"presentation": letter})
        found.append(case.model_copy(update={"id": f"{case.id}-r{turn}", "case": edited}))
    return Suite(info=demo.info, cases=tuple(found), variants=())


def served_models(names: list[str], url: str) -> dict[str, ModelSpec]:
    """Models that a server on loopback answers for."""
    open_access: Access = "open"
    return {
        name: ModelSpec(
            id=f"openai/{name}", family="other:bench", access=open_access, api_base=f"{url}/v1"
        )
        for name in names
    }


def subsets_panel(models: dict[str, ModelSpec]) -> Panel:
    """Every subset of some models as a panel of generators; the first model aggregates."""
    names = list(models)
    teams = [
        tuple(name for i, name in enumerate(names) if bits >> i & 1)
        for bits in range(1, 2 ** len(names))
    ]
    return Panel(
        name="subsets",
        models=models,
        ensembles=tuple(
            ensemble_of(
                name="team-" + "-".join(team), graph="panel", generators=team, aggregator=names[0]
            )
            for team in teams
        ),
    )
