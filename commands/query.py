"""`primum query` and `primum watch`."""

import sys
import time
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

import typer

from primum.commands.shared.options import StudyName, Workspace, not_stdout
from primum.core.console import DEFAULT_WORKSPACE, console, say

TABLE_ROWS = 10_000
LONGEST = 86_400  # seconds


def query(
    sql: Annotated[
        str | None,
        typer.Argument(
            metavar="SQL", help="One SQL statement, or the name of a view (see --views)."
        ),
    ] = None,
    form: Annotated[
        Literal["table", "json", "csv", "parquet"],
        typer.Option("--format", help="Format of the result."),
    ] = "table",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            callback=not_stdout,
            metavar="FILE",
            help="Write the result to this new file; required by --format parquet.",
        ),
    ] = None,
    timeout: Annotated[
        float,
        typer.Option(
            min=0.1, max=LONGEST, metavar="SECONDS", help="Stop the statement after this time."
        ),
    ] = 5.0,
    views: Annotated[
        bool, typer.Option("--views", help="List the ready-made views and exit.")
    ] = False,
    schema: Annotated[
        bool,
        typer.Option("--schema", help="Print every table and view, column by column, and exit."),
    ] = False,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Query the results with SQL, or print a ready-made view.

    The statement runs in a separate process that reads a copy of the store; it cannot change the
    store, write other files or use the network.
    """
    since = time.monotonic()
    from primum.core.files import write_new
    from primum.core.terminal import show_rows
    from primum.evaluation.store.query import export_parquet, render_pieces, run_query
    from primum.evaluation.store.schema import describe, view_comments
    from primum.evaluation.store.store_notices import store_notices
    from primum.evaluation.store.views import views_sql

    if schema:
        typer.echo(describe(views_sql()), nl=False)
        return
    if views:
        show_rows(["view", "meaning"], list(view_comments(views_sql()).items()), console())
        return
    if sql is None:
        raise typer.BadParameter("give an SQL statement, the name of a view, --views or --schema")
    store = workspace / "store.duckdb"
    if form == "parquet":
        if output is None:
            raise typer.BadParameter("--format parquet needs --output FILE")
        export_parquet(store, sql, output, timeout, since)
        for line in store_notices(store):
            say(line)
        return
    with run_query(store, sql, timeout, since) as (columns, rows):
        for line in store_notices(store):
            say(line)
        if form == "table" and output is None:
            show_rows(columns, list(islice(rows, TABLE_ROWS)), console())
            if next(rows, None):
                say(f"only the first {TABLE_ROWS:,} rows are shown; --format csv prints all")
            return
        text = render_pieces(columns, rows, "json" if form == "json" else "csv")
        write_new(output, text) if output else _print(text)


def watch(
    study: StudyName,
    every: Annotated[
        float,
        typer.Option(min=0.1, max=LONGEST, metavar="SECONDS", help="Time between two updates."),
    ] = 2.0,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Show a study's leaderboard while the study runs.

    Ends when the study is complete, or with Ctrl-C.
    """
    try:
        from primum.agents.studies.archive import find_study
        from primum.evaluation.notices import study_banners
        from primum.evaluation.text_report.watch import boards, show_board, show_live

        found = find_study(workspace, study)[0]
        for line in study_banners(found):
            say(line)
        looks = boards(workspace / "store.duckdb", found.id, every)
        if sys.stdout.isatty():
            show_live(looks, found, console())
        else:
            for board in looks:
                show_board(board, found, console())
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _print(text: Iterable[str]) -> None:
    """Print text; on a terminal its control characters are replaced."""
    from primum.core.terminal import clean

    terminal = sys.stdout.isatty()
    sys.stdout.writelines(clean(piece) if terminal else piece for piece in text)
