"""`primum power`: how many cases and trials it takes to detect a difference."""

from typing import Annotated

import typer

from primum.commands.shared.options import Json, PanelName, SuiteName
from primum.core.console import console, print_json


def power(
    ensemble: Annotated[
        str,
        typer.Option(metavar="NAME", help="Ensemble or single model of the panel: the baseline."),
    ],
    against: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The ensemble or single model that it is compared with."),
    ] = None,
    difference: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            max=100,
            metavar="POINTS",
            help="Instead of --against: the difference to detect, in percentage points of cases "
            "with severe harm below the baseline.",
        ),
    ] = None,
    panel: PanelName = "simulated",
    suite: SuiteName = "demo",
    cases: Annotated[
        str, typer.Option(metavar="LIST", help="Numbers of base cases, separated by commas.")
    ] = "20,50,100,200",
    trials: Annotated[
        str, typer.Option(metavar="LIST", help="Numbers of trials, separated by commas.")
    ] = "1,3",
    metric: Annotated[
        str | None,
        typer.Option(
            metavar="METRIC", help="Metric that is compared; the rate of severe harm if not given."
        ),
    ] = None,
    contrasts: Annotated[
        int,
        typer.Option(
            min=1,
            max=10_000,
            metavar="N",
            help="Number of registered comparisons for which p-values are corrected.",
        ),
    ] = 1,
    studies: Annotated[
        int,
        typer.Option(
            min=20, max=10_000, metavar="N", help="Number of studies simulated for each size."
        ),
    ] = 500,
    seed: Annotated[
        int,
        typer.Option(min=0, max=2**31 - 1, metavar="N", help="Seed of the random numbers."),
    ] = 0,
    as_json: Json = False,
) -> None:
    """Estimate how likely a study is to detect a difference.

    Studies of several designs are simulated, with models whose error rates stand in their
    profiles; no model is called.
    """
    from primum.agents.studies.panels import load_panel
    from primum.cases.load import load_suite
    from primum.core.terminal import NOTICE, show_lines
    from primum.evaluation.metrics.july_2026 import SEVERE_RATE
    from primum.evaluation.power.power import PowerRequest, parse_designs
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
    metric = metric or SEVERE_RATE.name
    if difference is not None and metric != SEVERE_RATE.name:
        raise typer.BadParameter(
            f"--difference is always of {SEVERE_RATE.name}; leave --metric out"
        )
    many, often = parse_designs(cases, trials, studies)
    question = PowerRequest(
        ensemble=ensemble,
        against=against,
        points=difference,
        metric=metric,
        cases=many,
        trials=often,
        contrasts=contrasts,
        studies=studies,
        seed=seed,
    )
    found = simulated(load_suite(suite), load_panel(panel), question)
    if as_json:
        print_json(power_json(found))
        return
    screen = console()
    show_lines(notices(found), screen, NOTICE)
    show_lines(expectation(found), screen)
    screen.print(power_table(found))
    show_lines([conclusion(found)], screen)
