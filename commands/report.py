"""`primum report`: a study as one HTML file."""

from pathlib import Path
from typing import Annotated

import typer

from primum.commands.shared.options import Workspace
from primum.core.console import DEFAULT_WORKSPACE, say


def report(
    study: Annotated[
        str | None,
        typer.Argument(
            metavar="STUDY",
            help="The study's id, or the beginning of it. Default: the latest study.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the report to this new file. Default: report-STUDY.html in the workspace.",
        ),
    ] = None,
    ensemble: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Select this ensemble in the report, and include its texts first (repeatable).",
        ),
    ] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Write a study's results as one HTML file.

    The file contains everything that it shows: it needs no network and sends nothing.
    """
    from primum.core.errors import DataError
    from primum.core.files import write_new
    from primum.evaluation.html_report.render import report as made
    from primum.evaluation.html_report.render import rewrite

    if output and output.exists():
        raise DataError(f"{output}: exists already; choose a new file")
    name, text = made(workspace, study, ensemble or ())
    target = output or workspace / f"report-{name}.html"
    if output:
        write_new(output, text)
    else:
        rewrite(target, text)
    say(f"{len(text.encode()) / 1e6:.1f} MB; open it in any browser")
    typer.echo(target)
