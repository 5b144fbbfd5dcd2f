"""The front door: parse, wire, print. Heavy libraries are imported only where they are needed."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from primum.agents.commands import doctor, models
from primum.cases.commands import app as cases_app
from primum.cases.output import (
    DEFAULT_WORKSPACE,
    Concurrency,
    Form,
    Json,
    MatcherName,
    MaxFailed,
    PanelName,
    RetryFailed,
    SuiteName,
    Workspace,
    console,
    print_json,
    say,
)
from primum.evaluation.commands import exports, imports, judge, query

if TYPE_CHECKING:
    from primum.agents.provider import LiteLLMClient
    from primum.agents.study import Study
    from primum.cases.model import Suite

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
app.add_typer(exports, name="export")
app.command()(query)
app.command()(models)
app.command()(doctor)


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


@app.command()
def run(
    suite: SuiteName = "demo",
    panel: PanelName = "simulated",
    ensemble: Annotated[
        list[str] | None, typer.Option(help="Only this ensemble, solo or control (repeatable).")
    ] = None,
    protocol: Annotated[
        Literal["menu", "plan"], typer.Option(help="Grade every option, or write a plan.")
    ] = "menu",
    form: Form = None,
    matcher: MatcherName = None,
    trials: Annotated[int, typer.Option(min=1, max=1000, help="Repeats of every ensemble.")] = 1,
    against: Annotated[
        str | None, typer.Option(help="Compare every ensemble with this one too.")
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=2**31 - 1, help="Of resampling and of the coin.")
    ] = 0,
    concurrency: Concurrency = 16,
    max_failed: MaxFailed = 5.0,
    retry_failed: RetryFailed = False,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """Run ensembles on a suite, score them, and compare them with their members alone."""
    from primum.agents.panels import load_panel, panel_path, require_callable
    from primum.agents.protocol import Protocol
    from primum.agents.provider import LiteLLMClient
    from primum.agents.simulated import Clinic
    from primum.cases.load import load_suite
    from primum.evaluation.matching import named_matcher
    from primum.graphs.plan import plan_study

    if protocol == "menu" and (form or matcher):
        raise typer.BadParameter("--form and --matcher are for --protocol plan")
    clinic = Clinic()
    loaded = load_suite(suite)
    label, judge = named_matcher(matcher or "lexical") if protocol == "plan" else ("menu/1", None)
    study = plan_study(
        loaded,
        load_panel(panel),
        clinic.register(loaded),
        names=ensemble or (),
        trials=trials,
        seed=seed,
        against=against,
        protocol=Protocol(name=protocol, form=form or "concise" if protocol == "plan" else None),
        matcher=label,
        judge=judge,
    )
    require_callable(study.models, panel_path(panel))
    _conduct(
        *(study, loaded, workspace, LiteLLMClient(clinic)),
        concurrency=concurrency,
        max_failed=max_failed,
        retry_failed=retry_failed,
        as_json=as_json,
    )


@app.command()
def recommend(
    file: Annotated[Path, typer.Argument(help="The case as text, or - for standard input.")],
    panel: PanelName = "simulated",
    ensemble: Annotated[str | None, typer.Option(help="Which; the panel's first if none.")] = None,
    form: Form = None,
    suite: Annotated[
        str, typer.Option(help="Whose cases simulated clinicians know; they answer no other.")
    ] = "demo",
    as_json: Json = False,
) -> None:
    """One consolidated plan for one case, with its dissent. Nothing is kept. No medical device."""
    from primum.agents.panels import load_panel, panel_path
    from primum.cases.load import load_suite
    from primum.cases.reading import read_input, read_text
    from primum.evaluation.consensus import consolidate
    from primum.evaluation.report.advice import advice_json, show_advice
    from primum.graphs.recommend import recommend as ask

    letter = read_input() if str(file) == "-" else read_text(file)
    known = load_suite(suite)
    path = panel_path(panel)
    found = ask(load_panel(panel), path, ensemble, letter, known, form or "concise")
    advice = consolidate(found.answer, simulated=found.simulated)
    if as_json:
        print_json(advice_json(advice, found.spec))
    else:
        show_advice(advice, found.spec, console())


@imports.command("answers")
def import_answers(
    file: Path,
    suite: SuiteName = "demo",
    name: Annotated[
        str | None, typer.Option(help="Who answered; the file's name if not given.")
    ] = None,
    matcher: MatcherName = None,
    concurrency: Concurrency = 16,
    max_failed: MaxFailed = 5.0,
    retry_failed: RetryFailed = False,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """Answers in the published form: match, score and store them as a study of their own."""
    from primum.agents.provider import LiteLLMClient
    from primum.cases.load import load_suite
    from primum.cases.reading import read_text
    from primum.evaluation.matching import named_matcher
    from primum.evaluation.published import answers_by_task
    from primum.graphs.plan import plan_import

    loaded = load_suite(suite)
    answers, text = answers_by_task(file, loaded), read_text(file)
    label, judge = named_matcher(matcher or "lexical")
    trials = max(trial for _, trial in answers.texts)
    study = plan_import(
        *(loaded, name or file.stem, text, trials, label, judge), simulated=answers.simulated
    )
    _conduct(
        *(study, loaded, workspace, LiteLLMClient()),
        imported=text,
        concurrency=concurrency,
        max_failed=max_failed,
        retry_failed=retry_failed,
        as_json=as_json,
    )


@app.command()
def rescore(
    study: Annotated[str, typer.Argument(help="A study's id, or the beginning of one.")],
    matcher: MatcherName = None,
    weights: Annotated[
        str | None,
        typer.Option(help="Of severe:moderate:mild:uncertain options, such as 72:24:3:1."),
    ] = None,
    metrics: Annotated[
        Literal["2026-07", "2026-06", "v1"], typer.Option(help="Whose headline stands first.")
    ] = "2026-07",
    max_failed: MaxFailed = 5.0,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """A study scored again from the ledger, with no call; it is stored as a study beside it."""
    from primum.agents.archive import find_study
    from primum.evaluation.matching import rescored

    found, loaded = find_study(workspace, study)
    again = rescored(found, matcher, weights)
    _conduct(
        *(again, loaded, workspace, None),
        max_failed=max_failed,
        definition=metrics,
        as_json=as_json,
    )


def _conduct(
    study: "Study",
    suite: "Suite",
    workspace: Path,
    client: "LiteLLMClient | None",
    *,
    imported: str | None = None,
    concurrency: int = 16,
    max_failed: float,
    retry_failed: bool = False,
    definition: str = "2026-07",
    as_json: bool,
) -> None:
    """Answer, match, score, store and print a study; without a client from the ledger alone."""
    from primum.agents.archive import kept_answers
    from primum.agents.ledger import Ledger
    from primum.cases.errors import DataError
    from primum.evaluation.matching import matcher_of
    from primum.evaluation.published import answers_by_task
    from primum.evaluation.recorder import Recorder
    from primum.evaluation.report.result import result_json
    from primum.evaluation.report.table import show_next, show_result
    from primum.evaluation.store import Store
    from primum.graphs.conduct import conduct
    from primum.graphs.runner import Runner

    ledger = Ledger(workspace / "ledger.sqlite", concurrency, retry_failed)
    recorder = Recorder(Store(workspace / "store.duckdb"), study, suite, imported)
    answers = kept_answers(workspace, study)
    runner = Runner(
        study,
        ledger,
        client,
        matcher=matcher_of(study, ledger, client),
        imported=answers_by_task(answers, suite).texts if answers else None,
    )
    try:
        conduct(runner, suite, ledger, recorder.add)
    except DataError:
        if not client:
            recorder.discard()
        raise
    result = recorder.finish()
    if as_json:
        print_json(result_json(result, ledger.made, ledger.found))
    else:
        screen = console()
        show_result(result, screen, definition)
        show_next(result, workspace, ledger.made, ledger.found, screen)
    raise typer.Exit(result.exit_code(max_failed))


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
