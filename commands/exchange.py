"""`primum import` and `export`: parse, wire, print."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from primum.commands import options as o
from primum.commands.options import Json, StudyName, SuiteName, Workspace, named_file
from primum.commands.study import Shown, run_study
from primum.core.console import DEFAULT_WORKSPACE, console, print_json, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from primum.agents.studies.study import Study
    from primum.cases.model import Suite
    from primum.evaluation.exports.noharm_kit import Judged, PublishedAnswer

imports = typer.Typer(
    help="Read the published kit's files.", rich_markup_mode=None, no_args_is_help=True
)
exports = typer.Typer(
    help="Write a study for other people's tools: docs/exports.md.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
OneEnsemble = Annotated[
    str | None, typer.Option("--ensemble", help="Only this one, on stdout unless -o names a file.")
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        callback=named_file,
        help="A new file; for several ensembles a new folder.",
    ),
]
CsvFile = Annotated[
    Path | None,
    typer.Option("--output", "-o", callback=named_file, help="A new file; stdout if none."),
]
Folder = Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="A new folder.")]


@imports.command("judged")
def judged(
    file: Path,
    suite: SuiteName = "demo",
    metrics: Annotated[
        Literal["2026-07", "2026-06", "v1"], typer.Option(help="Definition of the metrics.")
    ] = "2026-07",
    as_json: Json = False,
) -> None:
    """Judged records, with every metric of a definition computed again."""
    from primum.cases.load import load_suite
    from primum.core.terminal import show_rows
    from primum.evaluation.exports.noharm_kit import SIMULATED_JUDGED, read_judged, rescore
    from primum.evaluation.notices import banners
    from primum.evaluation.text_report.run_json import finite

    loaded = load_suite(suite)
    found = rescore(read_judged(file, loaded), loaded, metrics)
    judges = sorted({record.judge for record, _ in found})
    simulated = any(judge.endswith(SIMULATED_JUDGED) for judge in judges)
    lexical = [judge for judge in judges if judge.startswith("lexical/")]
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


@exports.command("answers")
def export_answers(
    study: StudyName,
    ensemble: OneEnsemble = None,
    output: Output = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """What ensembles wrote, {id, trial, response} a line: the published judge can score it."""
    from primum.evaluation.exports.noharm_export import answers_of

    _export(answers_of, study, ensemble, output, workspace)


@exports.command("judged")
def export_judged(
    study: StudyName,
    ensemble: OneEnsemble = None,
    output: Output = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Verdicts, actions and metrics as judged records; what has no verdicts is left out."""
    from primum.evaluation.exports.noharm_export import judged_of

    _export(judged_of, study, ensemble, output, workspace)


@exports.command("csv")
def export_csv(
    study: StudyName, output: CsvFile = None, workspace: Workspace = DEFAULT_WORKSPACE
) -> None:
    """One row an answer: its factors, harms and every metric (docs/exports.md)."""
    from primum.agents.studies.archive import find_study
    from primum.core.files import write_new
    from primum.evaluation.exports.csv_export import scores_of
    from primum.evaluation.store.query import render

    found = find_study(workspace, study)[0]
    _say_banners(found)
    text = render(scores_of(workspace / "store.duckdb", found), "csv")
    write_new(output, text) if output else typer.echo(text, nl=False)


@exports.command("parquet")
def export_parquet(
    study: StudyName, output: Folder, workspace: Workspace = DEFAULT_WORKSPACE
) -> None:
    """Every table's rows of the study, one Parquet file a table."""
    from primum.agents.studies.archive import find_study
    from primum.evaluation.exports.parquet import export_tables

    found = find_study(workspace, study)[0]
    paths = export_tables(workspace / "store.duckdb", found, output)
    _say_banners(found)
    for path in paths:
        typer.echo(path)


@exports.command("eee")
def export_eee(
    study: StudyName,
    output: Folder,
    organization: Annotated[
        str, typer.Option(metavar="NAME", help="Whose figures they are, as the schema asks.")
    ] = "unknown",
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Records in the schema of Every Eval Ever; controls are left out."""
    from primum.agents.studies.archive import find_study
    from primum.evaluation.exports.eee import export_eee as export

    found, suite = find_study(workspace, study)
    paths = export(workspace / "store.duckdb", found, suite, output, organization)
    _say_banners(found)
    for path in paths:
        typer.echo(path)


def _export(
    records_of: "Callable[[Path, Study, Suite, str], Sequence[PublishedAnswer | Judged]]",
    study: str,
    ensemble: str | None,
    output: Path | None,
    workspace: Path,
) -> None:
    from primum.agents.studies.archive import find_study
    from primum.core.files import make_folder, write_new
    from primum.evaluation.exports.noharm_export import require_ensemble
    from primum.evaluation.exports.noharm_kit import dump_lines

    store = workspace / "store.duckdb"
    found, suite = find_study(workspace, study)
    names = require_ensemble(found, ensemble)
    texts = {name: dump_lines(records_of(store, found, suite, name)) for name in names}
    _say_banners(found)
    for name in (name for name, text in texts.items() if not text):
        say(f"{name}: nothing of it can be exported so")
    if ensemble and output is None:
        typer.echo(texts[ensemble], nl=False)
    elif len(names) == 1 and output:
        write_new(output, texts[names[0]])
    else:
        folder = output or Path(found.id)
        make_folder(folder)
        for name, text in texts.items():
            write_new(folder / f"{name.replace(':', '-')}.jsonl", text)
            typer.echo(folder / f"{name.replace(':', '-')}.jsonl")


def _say_banners(study: "Study") -> None:
    from primum.evaluation.notices import study_banners

    for line in study_banners(study):
        say(line)


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
    from primum.agents.simulation.clinician import SimulatedModels
    from primum.cases.load import load_suite
    from primum.core.documents import read_text
    from primum.evaluation.exports.noharm_kit import answers_by_item
    from primum.evaluation.matching.matchers import named_matcher
    from primum.graphs.execution.run import RunOptions
    from primum.graphs.execution.study_builder import plan_import

    loaded = load_suite(suite)
    answers, text = answers_by_item(file, loaded), read_text(file)
    label, judge = named_matcher(matcher or "lexical")
    trials = max(trial for _, trial in answers.texts)
    study = plan_import(
        *(loaded, name or file.stem, text, trials, label, judge), simulated=answers.simulated
    )
    shown = Shown(workspace, max_failed, as_json)
    run_study(
        study,
        loaded,
        SimulatedModels(),
        RunOptions(concurrency, retry_failed),
        shown,
        text,
        answers.texts,
    )
