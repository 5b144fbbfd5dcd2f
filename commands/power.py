"""`primum power`: how many cases and trials it takes to see a difference."""

from typing import Annotated

import typer

from primum.commands.options import Json, PanelName, SuiteName
from primum.core.console import console, print_json


def power(
    ensemble: Annotated[str, typer.Option(help="An ensemble or solo: the baseline.")],
    against: Annotated[str | None, typer.Option(help="What it is held against; or")] = None,
    difference: Annotated[
        float | None,
        typer.Option(
            min=0.1, max=100, metavar="POINTS", help="so many points less severe harm than it does."
        ),
    ] = None,
    panel: PanelName = "simulated",
    suite: SuiteName = "demo",
    cases: Annotated[str, typer.Option(help="Numbers of base cases.")] = "20,50,100,200",
    trials: Annotated[str, typer.Option(help="Numbers of repeats.")] = "1,3",
    metric: Annotated[str, typer.Option(help="What is compared.")] = "Severe_rate",
    contrasts: Annotated[
        int, typer.Option(min=1, max=10_000, help="As if so many were registered.")
    ] = 1,
    studies: Annotated[int, typer.Option(min=20, max=10_000, help="Simulated of each size.")] = 500,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Of every draw.")] = 0,
    as_json: Json = False,
) -> None:
    """How surely studies of which size would see a difference, by simulated clinicians."""
    from primum.agents.studies.panels import load_panel
    from primum.cases.load import load_suite
    from primum.core.terminal import NOTICE, show_lines
    from primum.evaluation.power.power import Question, sizes
    from primum.evaluation.power.power import power as simulated
    from primum.evaluation.text_report.power import (
        conclusion,
        expectation,
        notices,
        power_json,
        power_table,
    )

    if (against is None) == (difference is None):
        raise typer.BadParameter("give one of --against and --difference")
    if difference is not None and metric != "Severe_rate":
        raise typer.BadParameter("--difference is one of severe harm: leave --metric out")
    many, often = sizes(cases, trials, studies)
    asked = (ensemble, against, difference, metric, many, often, contrasts, studies, seed)
    found = simulated(load_suite(suite), load_panel(panel), Question(*asked))
    if as_json:
        print_json(power_json(found))
        return
    screen = console()
    show_lines(notices(found), screen, NOTICE)
    show_lines(expectation(found), screen)
    screen.print(power_table(found))
    show_lines([conclusion(found)], screen)
