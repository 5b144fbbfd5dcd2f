"""`primum export`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from primum.commands.shared.options import StudyName, Workspace, not_stdout
from primum.core.console import DEFAULT_WORKSPACE, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from primum.agents.studies.study import Study
    from primum.cases.model import Suite
    from primum.evaluation.exports.noharm_kit import Judged, PublishedAnswer

exports = typer.Typer(
    help="Export a study's answers, verdicts and figures.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
OneEnsemble = Annotated[
    str | None,
    typer.Option(
        "--ensemble",
        metavar="NAME",
        help="Export only this ensemble, to stdout unless --output names a file.",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        callback=not_stdout,
        metavar="PATH",
        help="New file, or for several ensembles a new folder. Default: a folder "
        "named after the study.",
    ),
]
CsvFile = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", callback=not_stdout, metavar="FILE", help="New file. Default: stdout."
    ),
]
Folder = Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="New folder.")]


@exports.command("answers")
def export_answers(
    study: StudyName,
    ensemble: OneEnsemble = None,
    output: Output = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Export answers that the published judge can score.

    Each line is an object {id, trial, response}.
    """
    from primum.evaluation.exports.noharm_export import answers_of

    _export(answers_of, study, ensemble, output, workspace)


@exports.command("judged")
def export_judged(
    study: StudyName,
    ensemble: OneEnsemble = None,
    output: Output = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Export verdicts, actions and metrics as judged records.

    Answers without verdicts are left out.
    """
    from primum.evaluation.exports.noharm_export import judged_of

    _export(judged_of, study, ensemble, output, workspace)


@exports.command("csv")
def export_csv(
    study: StudyName, output: CsvFile = None, workspace: Workspace = DEFAULT_WORKSPACE
) -> None:
    """Export a CSV table with one row for each answer.

    The columns are the answer's factors, harms and metrics (docs/exports.md).
    """
    from primum.agents.studies.archive import find_study
    from primum.core.files import write_new
    from primum.evaluation.exports.csv_export import scores_of
    from primum.evaluation.store.query import render

    found = find_study(workspace, study)[0]
    _say_banners(found, workspace / "store.duckdb")
    text = render(scores_of(workspace / "store.duckdb", found), "csv")
    write_new(output, text) if output else typer.echo(text, nl=False)


@exports.command("parquet")
def export_parquet(
    study: StudyName, output: Folder, workspace: Workspace = DEFAULT_WORKSPACE
) -> None:
    """Export the study's tables, one Parquet file for each."""
    from primum.agents.studies.archive import find_study
    from primum.evaluation.exports.parquet import export_tables

    found = find_study(workspace, study)[0]
    paths = export_tables(workspace / "store.duckdb", found, output)
    _say_banners(found, workspace / "store.duckdb")
    for path in paths:
        typer.echo(path)


@exports.command("eee")
def export_eee(
    study: StudyName,
    output: Folder,
    organization: Annotated[
        str, typer.Option(metavar="NAME", help="Organization that publishes the figures.")
    ] = "unknown",
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Export records in the schema of Every Eval Ever.

    Controls are left out.
    """
    from primum.agents.studies.archive import find_study
    from primum.evaluation.exports.eee import export_eee as export

    found, suite = find_study(workspace, study)
    paths = export(workspace / "store.duckdb", found, suite, output, organization)
    _say_banners(found, workspace / "store.duckdb")
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
    _say_banners(found, store, names)
    for name in (name for name, text in texts.items() if not text):
        say(f"{name}: it has nothing to export in this form")
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


def _say_banners(study: "Study", store: Path, names: "Sequence[str]" = ()) -> None:
    """Print the notices of a study, and of its ensembles or some of them."""
    from primum.evaluation.notices import degraded_notice, study_banners
    from primum.evaluation.store.store_notices import degraded_of

    of = names or [spec.name for spec in study.ensembles]
    for line in (*study_banners(study), *degraded_notice(degraded_of(store, study.id, of))):
        say(line)
