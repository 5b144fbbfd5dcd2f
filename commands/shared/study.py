"""What commands that answer a study share: build it, run it, store it, print it."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from primum.agents.replies.reader import Reader
from primum.commands.shared.part import choose_part
from primum.core.console import console, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from primum.agents.simulation.clinician import SimulatedModels
    from primum.agents.studies.panel import Panel
    from primum.agents.studies.study import Contrast, Study
    from primum.cases.model import Suite
    from primum.cases.part import Choice, Part
    from primum.graphs.execution.run import RunOptions, StudyRun
    from primum.graphs.execution.runner import Imported
    from primum.graphs.execution.study_builder import StudySettings


@dataclass(frozen=True, kw_only=True)
class StudyOptions:
    """What a new study asks of a panel, as the command line says it.

    Attributes:
        suite: the suite's name or path.
        choice: which part of it is run.
        protocol: how cases are asked; None is the first protocol.
        form: one of the protocol's forms; None is its usual one.
        matcher: what matches answers to options; None is the protocol's usual one.
        reader: which forms of replies are read.
        trials: repeats of every ensemble on every case.
        seed: of all random numbers.
        run: how calls are made.
        dry_run: whether no call is made, and the run is only described.
        names: ensembles, solos and controls; none picks all.
        against: one more ensemble, with which all are compared.
        contrasts: comparisons registered beforehand.
    """

    suite: str
    choice: "Choice"
    protocol: str | None
    form: str | None
    matcher: str | None
    reader: Reader
    trials: int
    seed: int
    run: "RunOptions"
    dry_run: bool
    names: "Sequence[str]" = ()
    against: str | None = None
    contrasts: "Sequence[Contrast]" = ()


@dataclass(frozen=True, kw_only=True)
class OutputOptions:
    """Where a study is stored and how its result is printed.

    Attributes:
        workspace: the folder of ledger and store.
        max_failed: percentage of failed answers above which the exit code is 1.
        as_json: whether the result is printed as JSON.
        every_analysis: whether the text shows every analysis.
        metrics: version of the metrics that the text shows.
    """

    workspace: Path
    max_failed: float
    as_json: bool
    every_analysis: bool = False
    metrics: str = "2026-07"

    @property
    def ledger(self) -> Path:
        """The ledger's file."""
        return self.workspace / "ledger.sqlite"


def require_consistent(options: "RunOptions") -> None:
    """Check that a run's options go together.

    Raises:
        BadParameter: they do not.
    """
    if not options.cluster and (options.address or options.workers):
        raise typer.BadParameter("--address and --workers need --executor ray")
    limits = (options.budget, options.stop_after_invalid)
    calling = options.cluster or options.retry_failed or any(n is not None for n in limits)
    if options.replay and calling:
        raise typer.BadParameter(
            "--replay makes no calls: leave out --executor ray, --retry-failed, --budget "
            "and --stop-after-invalid"
        )


def start_study(panel: "Panel", path: Path, options: StudyOptions, output: OutputOptions) -> None:
    """Run a new study of a panel's ensembles, or print what it would ask.

    `path` is the panel's file.
    """
    from primum.agents.simulation.clinician import SimulatedModels
    from primum.agents.studies.panels import require_callable
    from primum.cases.load import load_suite
    from primum.graphs.execution.dry_run_report import print_dry_run
    from primum.graphs.execution.study_builder import plan_study

    suite, simulated_models = load_suite(options.suite), SimulatedModels()
    settings = _settings(options, choose_part(suite, options.choice))
    study = plan_study(suite, panel, simulated_models.register(suite), settings)
    if not (options.dry_run or options.run.replay):
        require_callable(study.models, path)
    run = study_run(study, simulated_models, options.run, output)
    if options.dry_run:
        print_dry_run(run, suite, as_json=output.as_json)
    else:
        run_study(run, suite, output)


def _settings(options: StudyOptions, part: "Part | None") -> "StudySettings":
    from primum.agents.protocols.protocol import choose_protocol
    from primum.evaluation.matching.matchers import matcher_for
    from primum.graphs.execution.study_builder import StudySettings

    protocol = choose_protocol(options.protocol, options.form, options.reader)
    asked = not (options.dry_run or options.run.replay)
    matcher, judge = matcher_for(protocol.record, options.matcher, require_models=asked)
    return StudySettings(
        part=part,
        names=options.names,
        trials=options.trials,
        seed=options.seed,
        against=options.against,
        contrasts=options.contrasts,
        protocol=protocol,
        matcher=matcher,
        judge=judge,
    )


def study_run(
    study: "Study",
    simulated_models: "SimulatedModels",
    options: "RunOptions",
    output: OutputOptions,
    imported: "Imported | None" = None,
) -> "StudyRun":
    """A run of a study in a workspace, with the study's own matcher."""
    from primum.commands.shared.extensions import load_modules
    from primum.evaluation.matching.matchers import matcher_of
    from primum.graphs.execution.run import StudyRun
    from primum.graphs.execution.runner import RunInputs

    modules = tuple(use.module for use in study.extensions)
    return StudyRun(
        study=study,
        ledger=output.ledger,
        simulated_models=simulated_models,
        options=options,
        inputs=RunInputs(
            matcher_of=matcher_of(study),
            imported=imported,
            load_extensions=partial(load_modules, modules) if modules else None,
        ),
    )


def stored_run(
    study: "Study", suite: "Suite", options: "RunOptions", output: OutputOptions
) -> "StudyRun":
    """A run of a study of the workspace, with the answers that it imported, if it did."""
    from primum.agents.simulation.clinician import SimulatedModels
    from primum.agents.studies.archive import imported_answers_path
    from primum.evaluation.exports.noharm_kit import answers_by_item

    simulated_models = SimulatedModels()
    simulated_models.register(suite)
    file = imported_answers_path(output.workspace, study)
    imported = answers_by_item(file, suite).texts if file else None
    return study_run(study, simulated_models, options, output, imported)


def run_study(
    run: "StudyRun", suite: "Suite", output: OutputOptions, imported_text: str | None = None
) -> None:
    """Answer, match, score, store and print a study, and exit with its code.

    `imported_text` is the file of answers that a new study imports; it is stored with the study.
    """
    from primum.core.errors import DataError
    from primum.evaluation.store.database import Store
    from primum.evaluation.store.recorder import Recorder
    from primum.evaluation.text_report.run_json import result_json
    from primum.evaluation.text_report.run_summary import show_next, show_result
    from primum.graphs.execution.run import executor_for, run_suite, watch_of

    executor = executor_for(run)
    store = Store(output.workspace / "store.duckdb")
    recorder = Recorder(store, run.study, suite, imported_text)
    try:
        run_suite(executor, suite, recorder.add, watch_of(run))
    except DataError:
        if run.options.replay:
            recorder.discard()
        raise
    result = recorder.finish()
    if output.as_json:
        print_json(result_json(result, executor.made, executor.found))
    else:
        screen = console()
        show_result(result, screen, output.metrics, whole=output.every_analysis)
        show_next(result, output.workspace, executor.made, executor.found, screen)
    raise typer.Exit(result.exit_code(output.max_failed))
