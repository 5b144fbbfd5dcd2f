"""What every command that answers a study does: plan it, run it, keep it, show it."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from primum.core.console import console, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from primum.agents.simulation.clinician import SimulatedModels
    from primum.agents.specs.ensemble import Panel
    from primum.agents.studies.study import Contrast, Study
    from primum.cases.model import Suite
    from primum.graphs.execution.run import RunOptions
    from primum.graphs.execution.runner import Imported


class Asked(NamedTuple):
    """What is asked of whom, as the options say it."""

    suite: str
    protocol: str | None
    form: str | None
    matcher: str | None
    trials: int
    seed: int
    way: "RunOptions"
    dry_run: bool


class Shown(NamedTuple):
    """Where a study is kept, and how it is shown; `whole` with every analysis."""

    workspace: Path
    max_failed: float
    as_json: bool
    whole: bool = False
    definition: str = "2026-07"


def run_options(
    concurrency: int,
    retry_failed: bool,  # noqa: FBT001
    replay: bool,  # noqa: FBT001
    budget: float | None,
    executor: str,
    address: str | None,
    workers: int | None,
) -> "RunOptions":
    """How calls are made, as the options say it.

    Raises:
        BadParameter: options that do not go together.
    """
    from primum.graphs.execution.run import RunOptions

    if executor == "local" and (address or workers):
        raise typer.BadParameter("--address and --workers are for --executor ray")
    if replay and (executor == "ray" or retry_failed or budget is not None):
        raise typer.BadParameter("--replay asks nobody: no --executor, --retry-failed, --budget")
    return RunOptions(
        concurrency, retry_failed, replay, budget, executor == "ray", address, workers
    )


def perform(
    panel: "Panel",
    path: Path,
    asked: Asked,
    shown: Shown,
    *,
    names: "Sequence[str] | None" = None,
    against: str | None = None,
    contrasts: "Sequence[Contrast]" = (),
) -> None:
    """Plan a study and run it, or say what it would ask."""
    from primum.agents.protocols.protocol import choose_protocol
    from primum.agents.simulation.clinician import SimulatedModels
    from primum.agents.studies.panels import require_callable
    from primum.cases.load import load_suite
    from primum.evaluation.matching.matchers import matcher_for, matcher_of
    from primum.graphs.execution.forecast import forecast
    from primum.graphs.execution.study_builder import plan_study

    protocol = choose_protocol(asked.protocol, asked.form)
    simulated_models = SimulatedModels()
    suite = load_suite(asked.suite)
    asking = not (asked.dry_run or asked.way.replay)
    label, judge = matcher_for(protocol.record, asked.matcher, asked=asking)
    study = plan_study(
        *(suite, panel, simulated_models.register(suite)),
        names=names or (),
        trials=asked.trials,
        seed=asked.seed,
        against=against,
        contrasts=contrasts,
        protocol=protocol,
        matcher=label,
        judge=judge,
    )
    if asking:
        require_callable(study.models, path)
    if asked.dry_run:
        ledger = shown.workspace / "ledger.sqlite"
        forecast(study, suite, ledger, matcher_of(study), asked.way, as_json=shown.as_json)
    else:
        run_study(study, suite, simulated_models, asked.way, shown)


def run_study(
    study: "Study",
    suite: "Suite",
    simulated_models: "SimulatedModels",
    way: "RunOptions",
    shown: Shown,
    imported: str | None = None,
    answers: "Imported | None" = None,
) -> None:
    """Answer, match, score, store and print a study; `imported` is the text of `answers`."""
    from primum.agents.studies.archive import imported_answers_path
    from primum.core.errors import DataError
    from primum.evaluation.exports.noharm_kit import answers_by_item
    from primum.evaluation.matching.matchers import matcher_of
    from primum.evaluation.store.database import Store
    from primum.evaluation.store.recorder import Recorder
    from primum.evaluation.text_report.run_json import result_json
    from primum.evaluation.text_report.run_summary import show_next, show_result
    from primum.graphs.execution.run import execute, executor_for

    workspace = shown.workspace
    if answers is None and (file := imported_answers_path(workspace, study)):
        answers = answers_by_item(file, suite).texts
    ledger = workspace / "ledger.sqlite"
    executor = executor_for(study, ledger, simulated_models, way, matcher_of(study), answers)
    recorder = Recorder(Store(workspace / "store.duckdb"), study, suite, imported)
    try:
        execute(executor, suite, recorder.add)
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
