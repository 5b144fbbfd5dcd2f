"""The front door: parse, wire, print. Heavy libraries are imported only where they are needed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from primum.agents.commands import doctor, ledger, models
from primum.cases import options as o
from primum.cases.commands import app as cases_app
from primum.cases.output import DEFAULT_WORKSPACE, console, enter, print_json
from primum.evaluation.commands import exports, imports, judge, query
from primum.evaluation.compare_command import compare
from primum.graphs.commands import graph

if TYPE_CHECKING:
    from collections.abc import Sequence

    from primum.agents.ensembles import Panel
    from primum.agents.simulated import Clinic
    from primum.agents.study import Contrast, Study
    from primum.cases.model import Suite
    from primum.graphs.conduct import Way
    from primum.graphs.runner import Imported

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
app.add_typer(ledger, name="ledger")
app.command()(models)
app.command()(doctor)
app.command()(graph)
app.command()(compare)


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
    suite: o.SuiteName = "demo",
    panel: o.PanelName = "simulated",
    ensemble: o.EnsembleNames = None,
    protocol: o.ProtocolName = "menu",
    form: o.Form = None,
    matcher: o.MatcherName = None,
    trials: o.Trials = 1,
    against: o.Against = None,
    seed: o.Seed = 0,
    dry_run: o.DryRun = False,
    budget: o.Dollars = None,
    replay: o.Replay = False,
    concurrency: o.Concurrency = 16,
    executor: o.ExecutorName = "local",
    address: o.Address = None,
    workers: o.Workers = None,
    max_failed: o.MaxFailed = 5.0,
    retry_failed: o.RetryFailed = False,
    workspace: o.Workspace = DEFAULT_WORKSPACE,
    as_json: o.Json = False,
) -> None:
    """Run ensembles on a suite, score them, and compare them with their members alone."""
    from primum.agents.panels import load_panel, panel_path

    way = _way(concurrency, retry_failed, replay, budget, executor, address, workers)
    asked = _Asked(suite, protocol, form, matcher, trials, seed, way, dry_run=dry_run)
    shown = _Shown(workspace, max_failed, as_json)
    _perform(load_panel(panel), panel_path(panel), asked, shown, names=ensemble, against=against)


@app.command()
def ablate(
    plan: o.PlanFile = None,
    suite: o.SuiteName = "demo",
    panel: o.OtherPanel = None,
    roles: o.Roles = None,
    up_to: o.UpTo = None,
    aggregator: o.Aggregators = None,
    limit: o.Limit = None,
    contrast: o.Contrasts = None,
    save_plan: o.SavePlan = None,
    protocol: o.ProtocolName = "menu",
    form: o.Form = None,
    matcher: o.MatcherName = None,
    trials: o.Trials = 1,
    seed: o.Seed = 0,
    dry_run: o.DryRun = False,
    budget: o.Dollars = None,
    replay: o.Replay = False,
    concurrency: o.Concurrency = 16,
    executor: o.ExecutorName = "local",
    address: o.Address = None,
    workers: o.Workers = None,
    max_failed: o.MaxFailed = 5.0,
    retry_failed: o.RetryFailed = False,
    workspace: o.Workspace = DEFAULT_WORKSPACE,
    as_json: o.Json = False,
) -> None:
    """Run every team that a plan spans: which agents, in which roles, lower harm, and why."""
    from primum.graphs.ablation.plan import planned, write_plan

    way = _way(concurrency, retry_failed, replay, budget, executor, address, workers)
    made = planned(plan, panel, roles, up_to, aggregator or (), limit, seed, contrast or ())
    if save_plan:
        write_plan(save_plan, made.plan)
        return
    asked = _Asked(suite, protocol, form, matcher, trials, seed, way, dry_run=dry_run)
    shown = _Shown(workspace, max_failed, as_json, whole=True)
    _perform(made.panel, made.path, asked, shown, names=made.names, contrasts=made.plan.contrasts)


@app.command()
def resume(
    study: o.StudyName,
    budget: o.Dollars = None,
    concurrency: o.Concurrency = 16,
    max_failed: o.MaxFailed = 5.0,
    retry_failed: o.RetryFailed = False,
    workspace: o.Workspace = DEFAULT_WORKSPACE,
    as_json: o.Json = False,
) -> None:
    """Go on with a study that was stopped: what is on record is not asked again."""
    from primum.agents.archive import find_study
    from primum.agents.panels import require_callable
    from primum.agents.simulated import Clinic
    from primum.graphs.conduct import Way

    found, loaded = find_study(workspace, study)
    require_callable({**found.models, **(found.judge.models if found.judge else {})})
    clinic = Clinic()
    clinic.register(loaded)
    way = Way(concurrency, retry_failed, budget=budget)
    _conduct(found, loaded, clinic, way, _Shown(workspace, max_failed, as_json))


@app.command()
def recommend(
    file: Annotated[Path, typer.Argument(help="The case as text, or - for standard input.")],
    panel: o.PanelName = "simulated",
    ensemble: Annotated[str | None, typer.Option(help="Which; the panel's first if none.")] = None,
    form: o.Form = None,
    suite: Annotated[
        str, typer.Option(help="Whose cases simulated clinicians know; they answer no other.")
    ] = "demo",
    as_json: o.Json = False,
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
    suite: o.SuiteName = "demo",
    name: Annotated[str | None, typer.Option(help="Who answered; else the file's name.")] = None,
    matcher: o.MatcherName = None,
    concurrency: o.Concurrency = 16,
    max_failed: o.MaxFailed = 5.0,
    retry_failed: o.RetryFailed = False,
    workspace: o.Workspace = DEFAULT_WORKSPACE,
    as_json: o.Json = False,
) -> None:
    """Answers in the published form: match, score and store them as a study of their own."""
    from primum.agents.simulated import Clinic
    from primum.cases.load import load_suite
    from primum.cases.reading import read_text
    from primum.evaluation.matching import named_matcher
    from primum.evaluation.published import answers_by_task
    from primum.graphs.conduct import Way
    from primum.graphs.plan import plan_import

    loaded = load_suite(suite)
    answers, text = answers_by_task(file, loaded), read_text(file)
    label, judge = named_matcher(matcher or "lexical")
    trials = max(trial for _, trial in answers.texts)
    study = plan_import(
        *(loaded, name or file.stem, text, trials, label, judge), simulated=answers.simulated
    )
    shown = _Shown(workspace, max_failed, as_json)
    _conduct(study, loaded, Clinic(), Way(concurrency, retry_failed), shown, text, answers.texts)


@app.command()
def rescore(
    study: o.StudyName,
    matcher: o.MatcherName = None,
    weights: o.WeightList = None,
    metrics: o.Definition = "2026-07",
    max_failed: o.MaxFailed = 5.0,
    workspace: o.Workspace = DEFAULT_WORKSPACE,
    as_json: o.Json = False,
) -> None:
    """A study scored again from the ledger, with no call; it is stored as a study beside it."""
    from primum.agents.archive import find_study
    from primum.agents.simulated import Clinic
    from primum.evaluation.matching import rescored
    from primum.graphs.conduct import Way

    found, loaded = find_study(workspace, study)
    again = rescored(found, matcher, weights)
    shown = _Shown(workspace, max_failed, as_json, definition=metrics)
    _conduct(again, loaded, Clinic(), Way(replay=True), shown)


class _Asked(NamedTuple):
    """What is asked of whom, as the options say it."""

    suite: str
    protocol: Literal["menu", "plan"]
    form: Literal["concise", "500-words", "unlimited"] | None
    matcher: str | None
    trials: int
    seed: int
    way: "Way"
    dry_run: bool


class _Shown(NamedTuple):
    """Where a study is kept, and how it is shown; `whole` with every analysis."""

    workspace: Path
    max_failed: float
    as_json: bool
    whole: bool = False
    definition: str = "2026-07"


def _way(
    concurrency: int,
    retry_failed: bool,  # noqa: FBT001
    replay: bool,  # noqa: FBT001
    budget: float | None,
    executor: str,
    address: str | None,
    workers: int | None,
) -> "Way":
    from primum.graphs.conduct import Way

    if executor == "local" and (address or workers):
        raise typer.BadParameter("--address and --workers are for --executor ray")
    if replay and (executor == "ray" or retry_failed or budget is not None):
        raise typer.BadParameter("--replay asks nobody: no --executor, --retry-failed, --budget")
    return Way(concurrency, retry_failed, replay, budget, executor == "ray", address, workers)


def _perform(
    panel: "Panel",
    path: Path,
    asked: _Asked,
    shown: _Shown,
    *,
    names: "Sequence[str] | None" = None,
    against: str | None = None,
    contrasts: "Sequence[Contrast]" = (),
) -> None:
    """Plan a study and run it, or say what it would ask."""
    from primum.agents.panels import require_callable
    from primum.agents.protocol import Protocol
    from primum.agents.simulated import Clinic
    from primum.agents.study import MENU_MATCHER
    from primum.cases.load import load_suite
    from primum.evaluation.compare import require_metrics
    from primum.evaluation.matching import matcher_of, named_matcher
    from primum.graphs.forecast import forecast
    from primum.graphs.plan import plan_study

    plans = asked.protocol == "plan"
    if not plans and (asked.form or asked.matcher):
        raise typer.BadParameter("--form and --matcher are for --protocol plan")
    require_metrics(contrasts)
    clinic = Clinic()
    suite = load_suite(asked.suite)
    asking = not (asked.dry_run or asked.way.replay)
    label, judge = MENU_MATCHER, None
    if plans:
        label, judge = named_matcher(asked.matcher or "lexical", asked=asking)
    study = plan_study(
        *(suite, panel, clinic.register(suite)),
        names=names or (),
        trials=asked.trials,
        seed=asked.seed,
        against=against,
        contrasts=contrasts,
        protocol=Protocol(name=asked.protocol, form=(asked.form or "concise") if plans else None),
        matcher=label,
        judge=judge,
    )
    if asking:
        require_callable(study.models, path)
    if asked.dry_run:
        ledger = shown.workspace / "ledger.sqlite"
        forecast(study, suite, ledger, matcher_of(study), asked.way, as_json=shown.as_json)
    else:
        _conduct(study, suite, clinic, asked.way, shown)


def _conduct(
    study: "Study",
    suite: "Suite",
    clinic: "Clinic",
    way: "Way",
    shown: _Shown,
    imported: str | None = None,
    answers: "Imported | None" = None,
) -> None:
    """Answer, match, score, store and print a study; `imported` is the text of `answers`."""
    from primum.agents.archive import kept_answers
    from primum.cases.errors import DataError
    from primum.evaluation.matching import matcher_of
    from primum.evaluation.published import answers_by_task
    from primum.evaluation.recorder import Recorder
    from primum.evaluation.report.result import result_json
    from primum.evaluation.report.table import show_next, show_result
    from primum.evaluation.store import Store
    from primum.graphs.conduct import conduct, executor_for

    workspace = shown.workspace
    if answers is None and (file := kept_answers(workspace, study)):
        answers = answers_by_task(file, suite).texts
    ledger = workspace / "ledger.sqlite"
    executor = executor_for(study, ledger, clinic, way, matcher_of(study), answers)
    recorder = Recorder(Store(workspace / "store.duckdb"), study, suite, imported)
    try:
        conduct(executor, suite, recorder.add)
    except DataError:
        if way.replay:
            recorder.discard()
        raise
    result = recorder.finish()
    if shown.as_json:
        print_json(result_json(result, executor.made, executor.found))
    else:
        screen = console()
        show_result(result, screen, shown.definition, whole=shown.whole)
        show_next(result, workspace, executor.made, executor.found, screen)
    raise typer.Exit(result.exit_code(shown.max_failed))


def main() -> None:
    """The entry point."""
    enter(app)


if __name__ == "__main__":
    main()
