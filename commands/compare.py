"""`primum compare`: two ensembles of a study compared in comparison_sentences."""

from typing import Annotated

import typer

from primum.commands.shared.options import Json, Workspace
from primum.core.console import DEFAULT_WORKSPACE, console, print_json


def compare(
    one: Annotated[str, typer.Argument(metavar="A", help="Ensemble, single model or control.")],
    other: Annotated[str, typer.Argument(metavar="B", help="The one that A is compared with.")],
    study: Annotated[
        str | None,
        typer.Option(
            metavar="STUDY",
            help="The study's id, or the beginning of it. Default: the latest study with both.",
        ),
    ] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """Compare two ensembles of a study, in comparison_sentences.

    Says how large each difference is, and how certain.
    """
    from primum.agents.studies.archive import find_study
    from primum.core.terminal import NOTICE, show_lines
    from primum.evaluation.store.stored_comparison import contrast, study_of_both
    from primum.evaluation.text_report.comparison_text import (
        comparison_json,
        comparison_notices,
        comparison_sentences,
    )

    store = workspace / "store.duckdb"
    named, suite = find_study(workspace, study or study_of_both(store, one, other))
    found = contrast(store, named, suite, one, other)
    if as_json:
        print_json(comparison_json(found))
        return
    screen = console()
    show_lines(comparison_notices(found), screen, NOTICE)
    show_lines(comparison_sentences(found), screen)
