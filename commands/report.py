"""`primum report`: parse, wire, write."""

from pathlib import Path
from typing import Annotated

import typer

from primum.commands.options import Workspace
from primum.core.console import DEFAULT_WORKSPACE, say


def report(
    study: Annotated[
        str | None,
        typer.Argument(metavar="[STUDY]", help="Its id, or the beginning; the latest if none."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A new file; else report-STUDY.html in the workspace."),
    ] = None,
    ensemble: Annotated[
        list[str] | None,
        typer.Option(help="Select this one: its words go in first (repeatable)."),
    ] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """One HTML file that shows a study whole; it needs no network and sends nothing."""
    from primum.core.errors import DataError
    from primum.core.files import write_new
    from primum.evaluation.html_report.render import report as made
    from primum.evaluation.html_report.render import rewrite

    if output and output.exists():
        raise DataError(f"{output}: exists already; name a new file")
    name, text = made(workspace, study, ensemble or ())
    target = output or workspace / f"report-{name}.html"
    if output:
        write_new(output, text)
    else:
        rewrite(target, text)
    say(f"{len(text.encode()) / 1e6:.1f} MB, opens in any browser")
    typer.echo(target)
