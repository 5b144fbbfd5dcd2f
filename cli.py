"""The front door: parse, wire, print. Heavy libraries are imported only where they are needed."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(
    name="primum",
    help="Teams of language models on clinical cases, and how much harm their advice could do. "
    "Research software, not a medical device.",
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
cases_app = typer.Typer(
    help="List, show, check, import, export and fetch suites of cases.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
app.add_typer(cases_app, name="cases")

Workspace = Annotated[
    Path, typer.Option("--workspace", metavar="DIR", help="Holds ledger, store and reports.")
]
SuiteName = Annotated[
    str, typer.Option("--suite", help="'demo', a .jsonl file or a folder in the published layout.")
]
PanelName = Annotated[str, typer.Option("--panel", help="A ready panel's name or a .yaml file.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
UNFOLDED = 10_000  # columns of output that goes to no terminal: nothing is folded
DEFAULT_WORKSPACE = Path("primum-data")


@app.command()
def run(
    suite: SuiteName = "demo",
    panel: PanelName = "simulated",
    ensemble: Annotated[
        list[str] | None, typer.Option(help="Only this ensemble, solo or control (repeatable).")
    ] = None,
    trials: Annotated[int, typer.Option(min=1, help="Repeats of every ensemble.")] = 1,
    against: Annotated[
        str | None, typer.Option(help="Compare every ensemble with this one too.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of resampling and of the coin.")] = 0,
    concurrency: Annotated[int, typer.Option(min=1, help="Calls in flight at most.")] = 16,
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
    from primum.agents.panels import load_panel, require_keys
    from primum.agents.provider import LiteLLMClient
    from primum.agents.simulated import Clinic
    from primum.cases.load import load_suite
    from primum.evaluation.recorder import Recorder
    from primum.evaluation.report.result import result_json
    from primum.evaluation.report.table import show_next, show_result
    from primum.evaluation.store import Store
    from primum.graphs.plan import plan_study
    from primum.graphs.progress import Progress
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
    require_keys(study.models)
    ledger = Ledger(workspace / "ledger.sqlite", concurrency, retry_failed)
    recorder = Recorder(Store(workspace / "store.duckdb"), study, loaded)
    runner = Runner(study, ledger, LiteLLMClient(clinic) if study.models else None)

    async def answer() -> None:
        with Progress(runner.size(loaded), ledger) as progress:
            async for found in runner.run(loaded):
                recorder.add(found)
                progress.add(found)

    try:
        asyncio.run(answer())
    except KeyboardInterrupt:
        _say(f"interrupted; {ledger.made} calls are on record: the same command goes on from there")
        raise typer.Exit(130) from None
    finally:
        ledger.close()
    result = recorder.finish(against)
    if as_json:
        _print_json(result_json(result, ledger.made, ledger.found))
    else:
        console = _console()
        show_result(result, console)
        show_next(result, workspace, ledger.made, ledger.found, console)
    raise typer.Exit(result.exit_code(max_failed))


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
    from primum.evaluation.query import export_parquet, render, write_new
    from primum.evaluation.query import query as ask
    from primum.evaluation.report.table import show_rows
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
        return
    rows = ask(store, sql)
    if form == "table" and output is None:
        show_rows(rows.columns, rows.rows, _console())
    else:
        text = render(rows, "csv" if form == "table" else form)
        write_new(output, text) if output else typer.echo(text, nl=False)


@app.command()
def models(panel: Annotated[str | None, typer.Option(help="Only this panel.")] = None) -> None:
    """The models of the ready panels: id, family, access, key, and what a panel costs."""
    from primum.agents.panels import load_panel, ready_panels
    from primum.evaluation.report.table import show_panel

    for name in [panel] if panel else ready_panels():
        show_panel(load_panel(name), _console())


@app.command()
def doctor(
    panel: PanelName = "simulated",
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """Check keys, endpoints, versions and the workspace; exit code 3 if something is missing."""
    from primum.agents.doctor import examine
    from primum.agents.panels import load_panel
    from primum.evaluation.report.table import show_rows

    checks = examine(load_panel(panel), workspace)
    if as_json:
        _print_json([check._asdict() for check in checks])
    else:
        show_rows(
            ["", *checks[0]._fields[1:]],
            [("ok" if c.ok else "MISSING", *c[1:]) for c in checks],
            _console(),
        )
    raise typer.Exit(0 if all(check.ok for check in checks) else 3)


@cases_app.command("list")
def list_cases(suite: SuiteName = "demo", as_json: Json = False) -> None:
    """The cases of a suite."""
    from primum.cases.load import load_suite
    from primum.evaluation.report.table import show_rows

    loaded = load_suite(suite)
    variants = [variant.metadata.base_id for variant in loaded.variants]
    columns = ["id", "specialty", "options", "variants"]
    rows: list[tuple[object, ...]] = [
        (case.id, case.specialty, len(case.options), variants.count(case.id))
        for case in loaded.cases
    ]
    if as_json:
        found = [dict(zip(columns, row, strict=True)) for row in rows]
        _print_json({"suite": loaded.info.model_dump(), "cases": found})
    else:
        show_rows(columns, rows, _console(), notice=loaded.info.notice)


@cases_app.command()
def show(
    case: Annotated[str, typer.Argument(metavar="ID")],
    suite: SuiteName = "demo",
    as_json: Json = False,
) -> None:
    """One case with its options, scores and reasons."""
    from primum.cases.errors import DataError
    from primum.cases.load import load_suite
    from primum.evaluation.report.table import show_case

    loaded = load_suite(suite)
    task = next((task for task in loaded.tasks() if task.id == case), None)
    if task is None:
        raise DataError(f"{suite}: no case {case}; `primum cases list --suite {suite}` names them")
    if as_json:
        _print_json(task.model_dump(by_alias=True, mode="json"))
    else:
        show_case(task, loaded.info.notice, _console())


@cases_app.command()
def check(path: Annotated[str, typer.Argument(help="A suite: file, folder or 'demo'.")]) -> None:
    """Whether a suite is valid; the first problem is named with file, line and field."""
    _count(path)


@cases_app.command("import")
def import_cases(source: str, target: Path) -> None:
    """A suite in any layout into a new native .jsonl file."""
    from primum.cases.load import load_suite, save_suite

    save_suite(load_suite(source), target, "native")
    _count(str(target))


@cases_app.command("export")
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
    _say(f"written: {target}")


@cases_app.command()
def schema() -> None:
    """The JSON Schema of a line of a native suite."""
    from primum.cases.native import schema as line_schema

    _print_json(line_schema())


@cases_app.command()
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
    _say(f"{len(suite.cases)} cases at {source.commit[:12]}; licence: {suite.info.licence}")
    _say(f"cite: {suite.info.citation}")
    typer.echo(target)


def main() -> None:
    """The entry point: a user's error is one line on stderr and its exit code."""
    from primum.cases.errors import PrimumError

    try:
        app()
    except PrimumError as error:
        _say(" ".join(str(error).split()))
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _count(path: str) -> None:
    from primum.cases.load import load_suite

    suite = load_suite(path)
    options = sum(len(case.options) for case in suite.cases)
    typer.echo(
        f"{path}: valid: {len(suite.cases)} cases, "
        f"{len(suite.variants)} variants, {options} options"
    )
    if suite.info.notice:
        _say(suite.info.notice)


def _say(text: str) -> None:
    print(f"primum: {text}", file=sys.stderr)


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False))


def _console() -> "Console":
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else UNFOLDED)


if __name__ == "__main__":
    main()
