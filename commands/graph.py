"""`primum graph`: an ensemble's graph, drawn."""

from typing import Annotated

import typer

from primum.commands.shared.options import Json, PanelName
from primum.core.console import print_json


def graph(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="Ensemble or single model of the panel. Without a name, all are listed.",
        ),
    ] = None,
    panel: PanelName = "simulated",
    as_json: Json = False,
) -> None:
    """Draw an ensemble's graph as a Mermaid diagram."""
    from primum.agents.studies.panels import load_panel
    from primum.core.errors import UsageError
    from primum.graphs.building.builder import draw

    found = load_panel(panel)
    offered = {spec.name: spec for spec in (*found.ensembles, *found.solos())}
    if name is None:
        for spec in offered.values():
            typer.echo(f"{spec.name}: {spec.graph} of {', '.join(spec.members)}")
        return
    if name not in offered:
        raise UsageError(f"{name}: no such ensemble in {panel}; there are {', '.join(offered)}")
    spec = offered[name]
    drawn = draw(spec, found.models)
    if as_json:
        print_json({"ensemble": spec.model_dump(mode="json"), "mermaid": drawn})
    else:
        typer.echo(drawn, nl=False)
