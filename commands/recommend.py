"""`primum recommend`: one case, one plan."""

from pathlib import Path
from typing import Annotated

import typer

from primum.agents.replies.reader import Reader
from primum.commands.shared import options as o
from primum.core.console import console, print_json


def recommend(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="Text file with the case, or - for standard input."),
    ],
    panel: o.PanelName = "simulated",
    ensemble: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Ensemble or single model that answers. Default: the panel's first ensemble.",
        ),
    ] = None,
    form: o.Form = None,
    reader: o.ReaderName = Reader.TOLERANT,
    suite: Annotated[
        str,
        typer.Option(
            metavar="SUITE",
            help="Suite whose cases simulated models know; they answer no other case.",
        ),
    ] = "demo",
    as_json: o.Json = False,
) -> None:
    """Write one consolidated plan for one case, with its dissent.

    Nothing is stored. Research software, not a medical device.
    """
    from primum.agents.studies.panels import load_panel, panel_path
    from primum.cases.load import load_suite
    from primum.core.documents import read_input, read_text
    from primum.evaluation.matching.consensus import consolidate
    from primum.evaluation.text_report.advice import advice_json, show_advice
    from primum.graphs.execution.recommend import RecommendationRequest
    from primum.graphs.execution.recommend import recommend as recommend_plan

    request = RecommendationRequest(
        presentation=read_input() if str(file) == "-" else read_text(file),
        panel=load_panel(panel),
        path=panel_path(panel),
        suite=load_suite(suite),
        ensemble=ensemble,
        form=form,
        reader=reader,
    )
    found = recommend_plan(request)
    advice = consolidate(found.answer, simulated=found.simulated)
    if as_json:
        print_json(advice_json(advice, found.spec))
    else:
        show_advice(advice, found.spec, console())
