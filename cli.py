"""The front door: parse, wire, print. Heavy libraries are imported only where they are needed."""

import os
import sys
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from primum.cases.commands import app as cases_app
from primum.cases.output import (
    DEFAULT_WORKSPACE,
    Json,
    SuiteName,
    Workspace,
    console,
    print_json,
    say,
)
from primum.evaluation.commands import imports, judge

if TYPE_CHECKING:
    from primum.agents.ledger import Ledger
    from primum.cases.model import Suite
    from primum.evaluation.recorder import Recorder
    from primum.graphs.runner import Runner

app = typer.Typer(
    name="primum",
    help="Teams of language models on clinical cases, and how much harm their advice could do. "
    "Research software, not a medical device.",
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(cases_app, name="cases")
app.add_typer(judge, name="judge")
app.add_typer(imports, name="import")


def _version(value: bool) -> None:  # noqa: FBT001
    if value:
        from importlib.metadata import version

        typer.echo(version("primum"))
        raise typer.Exit


@app.callback()
def _front(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print it and exit."),
    ] = False,
) -> None:
    pass


PanelName = Annotated[str, typer.Option("--panel", help="A ready panel's name or a .yaml file.")]


@app.command()
def run(
    suite: SuiteName = "demo",
    panel: PanelName = "simulated",
    ensemble: Annotated[
        list[str] | None, typer.Option(help="Only this ensemble, solo or control (repeatable).")
    ] = None,
    trials: Annotated[int, typer.Option(min=1, max=1000, help="Repeats of every ensemble.")] = 1,
    against: Annotated[
        str | None, typer.Option(help="Compare every ensemble with this one too.")
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=2**31 - 1, help="Of resampling and of the coin.")
    ] = 0,
    concurrency: Annotated[
        int, typer.Option(min=1, max=1024, help="Calls in flight at most.")
    ] = 16,
    max_failed: Annotated[
        float, typer.Option(min=0, max=100, help="Percent unanswered that is still exit code 0.")
    ] = 5.0,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Ask again what timed out or failed before.")
    ] = False,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """Run ensembles on a suite, score them, and compare them with their members alone."""
    import asyncio

    from primum.agents.ledger import Ledger
    from primum.agents.panels import load_panel, require_callable
    from primum.agents.provider import LiteLLMClient
    from primum.agents.simulated import Clinic
    from primum.cases.load import load_suite
    from primum.evaluation.recorder import Recorder
    from primum.evaluation.report.result import result_json
    from primum.evaluation.report.table import show_next, show_result
    from primum.evaluation.store import Store
    from primum.graphs.plan import plan_study
    from primum.graphs.runner import Runner

    clinic = Clinic()
    loaded = load_suite(suite)
    study = plan_study(
        loaded,
        load_panel(panel),
        clinic.register(loaded),
        names=ensemble or (),
        trials=trials,
        seed=seed,
        against=against,
    )
    require_callable(study.models, panel)
    ledger = Ledger(workspace / "ledger.sqlite", concurrency, retry_failed)
    recorder = Recorder(Store(workspace / "store.duckdb"), study, loaded)
    runner = Runner(study, ledger, LiteLLMClient(clinic) if study.models else None)

    try:
        asyncio.run(_collect(runner, loaded, recorder, ledger))
    except KeyboardInterrupt:
        say(f"interrupted; {ledger.made} calls are on record: the same command goes on from there")
        raise typer.Exit(130) from None
    finally:
        ledger.close()
    result = recorder.finish()
    if as_json:
        print_json(result_json(result, ledger.made, ledger.found))
    else:
        screen = console()
        show_result(result, screen)
        show_next(result, workspace, ledger.made, ledger.found, screen)
    raise typer.Exit(result.exit_code(max_failed))


async def _collect(
    runner: "Runner", suite: "Suite", recorder: "Recorder", ledger: "Ledger"
) -> None:
    from primum.graphs.progress import Progress

    with Progress(runner.size(suite), ledger) as progress:
        async with aclosing(runner.run(suite)) as answers:
            async for answer in answers:
                recorder.add(answer)
                progress.add(answer)


@app.command()
def query(
    sql: Annotated[str | None, typer.Argument(help="One SQL statement, or a view's name.")] = None,
    form: Annotated[
        Literal["table", "json", "csv", "parquet"], typer.Option("--format", help="Of the result.")
    ] = "table",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A new file (parquet needs one).")
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print tables and views instead.")
    ] = False,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Ask the store: SQL, or one of leaderboard, harm_reduction, severe_errors, cost."""
    from primum.cases.show import show_rows
    from primum.evaluation.query import export_parquet, notices, render, write_new
    from primum.evaluation.query import query as ask
    from primum.evaluation.schema import describe
    from primum.evaluation.store import views_sql

    if schema:
        typer.echo(describe(views_sql()), nl=False)
        return
    if sql is None:
        raise typer.BadParameter("give SQL, a view's name or --schema")
    store = workspace / "store.duckdb"
    if form == "parquet":
        if output is None:
            raise typer.BadParameter("--format parquet needs --output FILE")
        export_parquet(store, sql, output)
        for line in notices(store):
            say(line)
        return
    rows = ask(store, sql)
    for line in notices(store):
        say(line)
    if form == "table" and output is None:
        show_rows(rows.columns, rows.rows, console())
    else:
        text = render(rows, "csv" if form == "table" else form)
        write_new(output, text) if output else typer.echo(text, nl=False)


@app.command()
def models(panel: Annotated[str | None, typer.Option(help="Only this panel.")] = None) -> None:
    """The models of the ready panels: id, family, access, key, and what a panel costs."""
    from primum.agents.panels import load_panel, ready_panels
    from primum.evaluation.report.table import show_panel

    for name in [panel] if panel else ready_panels():
        show_panel(load_panel(name), console())


@app.command()
def doctor(
    panel: PanelName = "simulated",
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """Check keys, endpoints, versions and the workspace; exit code 3 if something is missing."""
    from primum.agents.doctor import examine
    from primum.agents.panels import load_panel
    from primum.cases.show import show_rows

    checks = examine(load_panel(panel), workspace)
    if as_json:
        print_json([check._asdict() for check in checks])
    else:
        show_rows(
            ["", *checks[0]._fields[1:]],
            [("ok" if c.ok else "MISSING", *c[1:]) for c in checks],
            console(),
        )
    raise typer.Exit(0 if all(check.ok for check in checks) else 3)


def main() -> None:
    """The entry point: a user's error is one line on stderr and its exit code."""
    from primum.cases.errors import PrimumError

    if sys.stdout is None:  # closed by the shell (>&-)
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    try:
        app()
    except PrimumError as error:
        say(" ".join(str(error).split()))
        sys.exit(error.exit_code)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            say(f"output cannot be written: {error.strerror}")
            sys.exit(3)


if __name__ == "__main__":
    main()
