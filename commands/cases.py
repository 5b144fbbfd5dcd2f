"""`primum cases`: suites of cases."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from primum.commands.shared.options import Json, SuiteName, Workspace
from primum.core.console import DEFAULT_WORKSPACE, console, counted, print_json, say

app = typer.Typer(
    help="List, show, check, convert and fetch suites of cases.",
    rich_markup_mode=None,
    no_args_is_help=True,
)


@app.command("list")
def list_cases(suite: SuiteName = "demo", as_json: Json = False) -> None:
    """List the cases of a suite."""
    from primum.cases.load import load_suite
    from primum.core.terminal import show_rows

    loaded = load_suite(suite)
    variants = [variant.metadata.base_id for variant in loaded.variants]
    columns = ["id", "specialty", "options", "variants"]
    rows: list[tuple[object, ...]] = [
        (case.id, case.specialty, len(case.options), variants.count(case.id))
        for case in loaded.cases
    ]
    if as_json:
        found = [dict(zip(columns, row, strict=True)) for row in rows]
        print_json({"suite": loaded.info.model_dump(), "cases": found})
    else:
        show_rows(columns, rows, console(), notice=loaded.info.warning)


@app.command()
def show(
    case: Annotated[str, typer.Argument(metavar="ID", help="Id of the case.")],
    suite: SuiteName = "demo",
    as_json: Json = False,
) -> None:
    """Show one case with its options, scores and reasons."""
    from primum.cases.load import load_suite
    from primum.cases.show import show_case
    from primum.core.errors import DataError

    loaded = load_suite(suite)
    item = next((item for item in loaded.items() if item.id == case), None)
    if item is None:
        raise DataError(
            f"{suite}: no case {case}; `primum cases list --suite {suite}` lists the cases"
        )
    if as_json:
        print_json(item.model_dump(by_alias=True, mode="json"))
    else:
        show_case(item, loaded.info.warning, console())


@app.command()
def check(
    path: Annotated[
        str, typer.Argument(metavar="SUITE", help="File or folder of the suite, or 'demo'.")
    ],
) -> None:
    """Check whether a suite is valid.

    The first problem is named with its file, line and field. What is valid, but may not be scored
    as it was meant, is listed too.
    """
    _count(path)


@app.command("import")
def import_cases(
    source: Annotated[
        str, typer.Argument(metavar="SUITE", help="File or folder of the suite, in any layout.")
    ],
    target: Annotated[Path, typer.Argument(metavar="FILE", help="New .jsonl file.")],
) -> None:
    """Convert a suite of any layout to a native .jsonl file."""
    from primum.cases.load import load_suite, save_suite

    save_suite(load_suite(source), target, "native")
    _count(str(target))


@app.command("export")
def export_cases(
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="New file or folder.")],
    suite: SuiteName = "demo",
    form: Annotated[
        Literal["mast", "native", "menu"],
        typer.Option("--format", help="Layout of the written suite."),
    ] = "mast",
) -> None:
    """Convert a suite to another layout.

    mast is the published layout, native one .jsonl file, menu the menus of version 1.
    """
    from primum.cases.load import load_suite, save_suite

    save_suite(load_suite(suite), target, form)
    say(f"wrote {target}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of a native suite's lines."""
    from primum.cases.native import schema as line_schema

    print_json(line_schema())


@app.command()
def fetch(
    name: Annotated[
        Literal["noharm"], typer.Argument(metavar="NAME", help="The public suite: noharm.")
    ],
    url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Git repository to clone instead of the usual one."),
    ] = None,
    commit: Annotated[
        str | None,
        typer.Option(metavar="SHA", help="Commit to check out instead of the pinned one."),
    ] = None,
    cases: Annotated[
        int | None, typer.Option(metavar="N", help="Number of cases that must arrive.")
    ] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Download the public NOHARM suite at a pinned commit.

    The repository is cloned with git, and the cases are checked.
    """
    from primum.cases.fetch import NOHARM_SOURCE
    from primum.cases.fetch import fetch as fetch_suite

    given = {"url": url, "commit": commit, "cases": cases}
    source = NOHARM_SOURCE.model_copy(update={k: v for k, v in given.items() if v is not None})
    target = workspace / "suites" / name
    suite = fetch_suite(source, target)
    number = counted(len(suite.cases), "case")
    say(f"{number} at {source.commit[:12]}; licence: {suite.info.licence}")
    say(f"cite: {suite.info.citation}")
    typer.echo(target)


def _count(path: str) -> None:
    from primum.cases.check import doubts
    from primum.cases.load import load_suite

    suite = load_suite(path)
    options = sum(len(case.options) for case in suite.cases)
    typer.echo(
        f"{path}: valid: {counted(len(suite.cases), 'case')}, "
        f"{counted(len(suite.variants), 'variant')}, {counted(options, 'option')}"
    )
    for line in (line for case in suite.cases for line in doubts(case)):
        say(f"note: {line}")
    if suite.info.warning:
        say(suite.info.warning)
