"""`primum cases`: parse, wire, print."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from primum.commands.options import Json, SuiteName, Workspace
from primum.core.console import DEFAULT_WORKSPACE, console, counted, print_json, say

app = typer.Typer(
    help="List, show, check, import, export and fetch suites of cases.",
    rich_markup_mode=None,
    no_args_is_help=True,
)


@app.command("list")
def list_cases(suite: SuiteName = "demo", as_json: Json = False) -> None:
    """The cases of a suite."""
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
    case: Annotated[str, typer.Argument(metavar="ID")],
    suite: SuiteName = "demo",
    as_json: Json = False,
) -> None:
    """One case with its options, scores and reasons."""
    from primum.cases.load import load_suite
    from primum.cases.show import show_case
    from primum.core.errors import DataError

    loaded = load_suite(suite)
    item = next((item for item in loaded.items() if item.id == case), None)
    if item is None:
        raise DataError(f"{suite}: no case {case}; `primum cases list --suite {suite}` names them")
    if as_json:
        print_json(item.model_dump(by_alias=True, mode="json"))
    else:
        show_case(item, loaded.info.warning, console())


@app.command()
def check(path: Annotated[str, typer.Argument(help="A suite: file, folder or 'demo'.")]) -> None:
    """Whether a suite is valid; the first problem is named with file, line and field.

    What is valid but may not be scored as meant is said too.
    """
    _count(path)


@app.command("import")
def import_cases(source: str, target: Path) -> None:
    """A suite in any layout into a new native .jsonl file."""
    from primum.cases.load import load_suite, save_suite

    save_suite(load_suite(source), target, "native")
    _count(str(target))


@app.command("export")
def export_cases(
    target: Path,
    suite: SuiteName = "demo",
    form: Annotated[
        Literal["mast", "native", "menu"], typer.Option("--format", help="Layout to write.")
    ] = "mast",
) -> None:
    """A suite into a new file or folder: published layout, native, or version 1 menus."""
    from primum.cases.load import load_suite, save_suite

    save_suite(load_suite(suite), target, form)
    say(f"written: {target}")


@app.command()
def schema() -> None:
    """The JSON Schema of a line of a native suite."""
    from primum.cases.native import schema as line_schema

    print_json(line_schema())


@app.command()
def fetch(
    name: Annotated[Literal["noharm"], typer.Argument(help="Which public suite.")],
    url: Annotated[str | None, typer.Option(help="Another git repository to take it from.")] = None,
    commit: Annotated[str | None, typer.Option(help="Another commit.")] = None,
    cases: Annotated[int | None, typer.Option(help="How many cases to expect there.")] = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Clone the public NOHARM repository at a pinned commit and check what arrived."""
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
