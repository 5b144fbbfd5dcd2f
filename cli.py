"""The command line: its commands. Heavy libraries are imported where they are needed."""

import sys
from typing import Annotated

import typer

from primum.commands.ablate import ablate
from primum.commands.cases import app as cases
from primum.commands.compare import compare
from primum.commands.exports import exports
from primum.commands.graph import graph
from primum.commands.imports import imports
from primum.commands.judge import judge
from primum.commands.models import doctor, ledger, models
from primum.commands.power import power
from primum.commands.probe import probe
from primum.commands.query import query, watch
from primum.commands.recommend import recommend
from primum.commands.report import report
from primum.commands.run import rebuild, rescore, resume, run
from primum.commands.shared.extensions import load_named_extensions, options_first
from primum.commands.shared.help import RegistryCommand
from primum.core.console import enter

app = typer.Typer(
    name="primum",
    help="Put clinical cases to teams of language models, and measure how much harm their advice "
    "could do. Research software, not a medical device.",
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for command in (
    run,
    ablate,
    resume,
    rescore,
    rebuild,
    recommend,
    compare,
    power,
    query,
    report,
    watch,
    graph,
    models,
    doctor,
    probe,
):
    app.command(cls=RegistryCommand)(command)
for name, group in {
    "cases": cases,
    "judge": judge,
    "import": imports,
    "export": exports,
    "ledger": ledger,
}.items():
    app.add_typer(group, name=name)


def _version(value: bool) -> None:  # noqa: FBT001
    if value:
        from importlib.metadata import version

        typer.echo(version("primum"))
        raise typer.Exit


@app.callback()
def _front(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_version,
            is_eager=True,
            help="Print the version of Primum and exit.",
        ),
    ] = False,
    extension: Annotated[
        list[str] | None,
        typer.Option(
            "--extension",
            metavar="MODULE",
            help="Load an extension from a Python module, besides those that are installed; may "
            "be repeated.",
        ),
    ] = None,
) -> None:
    load_named_extensions(extension or [])


def main() -> None:
    """Run the command line."""
    sys.argv[1:] = options_first(sys.argv[1:])
    enter(app)


if __name__ == "__main__":
    main()
