"""`primum import`."""

from pathlib import Path
from typing import Annotated

import typer

from primum.agents.replies.reader import Reader
from primum.commands.shared import options as o
from primum.commands.shared.study import OutputOptions, run_study, study_run
from primum.core.console import DEFAULT_WORKSPACE, console, counted, print_json, say

imports = typer.Typer(
    help="Import answers or judged records of the published kit.",
    rich_markup_mode=None,
    no_args_is_help=True,
)


@imports.command("judged")
def judged(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Judged records, as JSON Lines.")],
    suite: o.SuiteName = "demo",
    metrics: Annotated[
        str,
        typer.Option(
            metavar="DEFINITION",
            help="Definition of the metrics to compute: 2026-07, 2026-06, v1 or an extension's.",
        ),
    ] = "2026-07",
    as_json: o.Json = False,
) -> None:
    """Read judged records and recompute their metrics."""
    from primum.cases.load import load_suite
    from primum.core.terminal import show_rows
    from primum.evaluation.exports.noharm_kit import SIMULATED_JUDGED, read_judged, rescore
    from primum.evaluation.matching.registry import matcher_labelled
    from primum.evaluation.notices import banners
    from primum.evaluation.text_report.run_json import finite

    loaded = load_suite(suite)
    found = rescore(read_judged(file, loaded), loaded, metrics)
    judges = sorted({record.judge for record, _ in found})
    simulated = any(judge.endswith(SIMULATED_JUDGED) for judge in judges)
    lexical = [judge for judge in judges if matcher_labelled(judge)]
    matcher = ", ".join(judge.removesuffix(SIMULATED_JUDGED) for judge in lexical)
    for line in banners(simulated=simulated, matcher=matcher, notice=loaded.info.warning):
        say(line)
    for judge in judges:
        if judge not in lexical:
            say(f"judged by {judge}")
    if as_json:
        print_json(
            [
                {
                    "id": record.id,
                    "trial": record.trial,
                    "metrics": {name: finite(value) for name, value in values.items()},
                }
                for record, values in found
            ]
        )
    else:
        names = list(found[0].metrics) if found else []
        rows = [(r.id, r.trial, *(values[name] for name in names)) for r, values in found]
        show_rows(["id", "trial", *names], rows, console(), loaded.info.warning)


@imports.command("answers")
def import_answers(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Answers in the published form, as JSON Lines.")
    ],
    suite: o.SuiteName = "demo",
    name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Name of who wrote the answers. Default: the file's name."
        ),
    ] = None,
    matcher: o.MatcherName = None,
    reader: o.ReaderName = Reader.TOLERANT,
    concurrency: o.Concurrency = 16,
    max_failed: o.MaxFailed = 5.0,
    retry_failed: o.RetryFailed = False,
    workspace: o.Workspace = DEFAULT_WORKSPACE,
    as_json: o.Json = False,
) -> None:
    """Import answers, then match, score and store them as a study."""
    from primum.agents.simulation.clinician import SimulatedModels
    from primum.cases.load import load_suite
    from primum.core.documents import read_text
    from primum.evaluation.exports.noharm_kit import answers_by_item
    from primum.evaluation.matching.matchers import matcher_for
    from primum.graphs.execution.run import RunOptions
    from primum.graphs.execution.study_builder import ImportedPlans, imported_as, plan_import

    loaded = load_suite(suite)
    answers, text = answers_by_item(file, loaded), read_text(file)
    if answers.degraded:
        what = counted(answers.degraded, "answer")
        say(f"{file}: {what} marked as degraded, given without a usable reply of some agent")
    plans = ImportedPlans(
        name=name or file.stem,
        text=text,
        trials=max(trial for _, trial in answers.texts),
        simulated=answers.simulated,
    )
    protocol = imported_as(reader)
    matched_by = matcher_for(protocol.record, matcher)
    study = plan_import(loaded, plans, *matched_by, protocol=protocol)
    options = RunOptions(concurrency=concurrency, retry_failed=retry_failed)
    output = OutputOptions(workspace=workspace, max_failed=max_failed, as_json=as_json)
    run = study_run(study, SimulatedModels(), options, output, answers.texts)
    run_study(run, loaded, output, text)
