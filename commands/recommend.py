"""`primum recommend`: one case, one plan."""

from pathlib import Path
from typing import Annotated

import typer

from primum.commands import options as o
from primum.core.console import console, print_json


def recommend(
    file: Annotated[Path, typer.Argument(help="The case as text, or - for standard input.")],
    panel: o.PanelName = "simulated",
    ensemble: Annotated[str | None, typer.Option(help="Which; the panel's first if none.")] = None,
    form: o.Form = None,
    suite: Annotated[
        str, typer.Option(help="Whose cases simulated clinicians know; they answer no other.")
    ] = "demo",
    as_json: o.Json = False,
) -> None:
    """One consolidated plan for one case, with its dissent. Nothing is kept. No medical device."""
    from primum.agents.studies.panels import load_panel, panel_path
    from primum.cases.load import load_suite
    from primum.core.documents import read_input, read_text
    from primum.evaluation.matching.consensus import consolidate
    from primum.evaluation.text_report.advice import advice_json, show_advice
    from primum.graphs.execution.recommend import recommend as ask

    letter = read_input() if str(file) == "-" else read_text(file)
    known = load_suite(suite)
    path = panel_path(panel)
    found = ask(load_panel(panel), path, ensemble, letter, known, form)
    advice = consolidate(found.answer, simulated=found.simulated)
    if as_json:
        print_json(advice_json(advice, found.spec))
    else:
        show_advice(advice, found.spec, console())
