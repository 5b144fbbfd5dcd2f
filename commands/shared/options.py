"""The options that several commands share, and how their values are checked."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from primum.agents.replies.reader import Reader


def _folder(path: Path) -> Path:
    from primum.core.documents import is_there
    from primum.core.errors import DataError

    nearest = next(place for place in (path, *path.absolute().parents) if is_there(place))
    if not nearest.is_dir():
        raise DataError(f"--workspace {path}: {nearest} is not a folder; choose a folder")
    return path


def not_empty(value: str | None) -> str | None:
    """A name as it is, unless it is empty.

    Raises:
        BadParameter: it is empty.
    """
    if value == "":
        raise typer.BadParameter("the name is empty")
    return value


def not_stdout(path: Path | None) -> Path | None:
    """A path as it is, unless it is -, which other programs take for stdout.

    Raises:
        BadParameter: it is -.
    """
    if path == Path("-"):
        raise typer.BadParameter("- is not a file name; leave --output out to print to stdout")
    return path


Workspace = Annotated[
    Path,
    typer.Option(
        "--workspace",
        metavar="DIR",
        callback=_folder,
        help="Folder that holds the ledger, the results and the reports.",
    ),
]
SuiteName = Annotated[
    str,
    typer.Option(
        "--suite",
        metavar="SUITE",
        callback=not_empty,
        help="Suite of cases: 'demo', a .jsonl file, or a folder in the published NOHARM layout.",
    ),
]
PanelName = Annotated[
    str,
    typer.Option(
        "--panel",
        metavar="PANEL",
        callback=not_empty,
        help="Panel of models and ensembles: a built-in panel's name, or a .yaml file.",
    ),
]
Form = Annotated[
    str | None,
    typer.Option(
        "--form",
        metavar="FORM",
        callback=not_empty,
        help="Maximum length of an answer, where the protocol has one; the first is the default.",
    ),
]
MatcherName = Annotated[
    str | None,
    typer.Option(
        "--matcher",
        metavar="MATCHER",
        callback=not_empty,
        help="What matches free-text plans to a case's options: 'lexical' compares words and "
        "calls no model; a panel of judges is a built-in name or a .yaml file. Default: lexical.",
    ),
]
OtherMatcher = Annotated[
    str | None,
    typer.Option(
        "--matcher",
        metavar="MATCHER",
        callback=not_empty,
        help="Match free-text plans to the options with this matcher instead of the study's own: "
        "'lexical', or a panel of judges (a built-in name or a .yaml file).",
    ),
]
JudgesName = Annotated[
    str | None,
    typer.Option(
        "--matcher",
        metavar="MATCHER",
        callback=not_empty,
        help="Also check the models of this panel of judges: a built-in name or a .yaml file.",
    ),
]
EnsembleNames = Annotated[
    list[str] | None,
    typer.Option(
        "--ensemble",
        metavar="NAME",
        help="Run only this ensemble, single model or control; an ensemble's members also run "
        "alone (repeatable). Default: all but control:learned.",
    ),
]
ProtocolName = Annotated[
    str | None,
    typer.Option(
        "--protocol",
        metavar="PROTOCOL",
        callback=not_empty,
        help="How a case is asked and the answer is read; the first is the default.",
    ),
]
Trials = Annotated[
    int,
    typer.Option(
        min=1, max=1000, metavar="N", help="Number of times that every ensemble answers every case."
    ),
]
Against = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Also compare every ensemble with this one."),
]
Seed = Annotated[
    int,
    typer.Option(
        min=0,
        max=2**31 - 1,
        metavar="N",
        help="Seed of the random numbers: resampling, coin-toss control, drawn ensembles, cases.",
    ),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", help="Make no calls: print which calls the run would make and their cost."
    ),
]
Replay = Annotated[
    bool,
    typer.Option(
        "--replay",
        help="Make no calls: answer from the ledger alone, or fail if a reply is missing.",
    ),
]
Dollars = Annotated[
    float | None,
    typer.Option(
        "--budget",
        min=0,
        metavar="USD",
        help="Most that this run may cost, in US dollars; a call that might exceed it is not made.",
    ),
]
ExecutorName = Annotated[
    Literal["local", "ray"],
    typer.Option(
        "--executor", help="Where the ensembles run: in this process, or on a Ray cluster."
    ),
]
Address = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Address of a running Ray cluster, or 'auto'. Default: start one on this machine.",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Number of Ray workers. Default: one for each CPU."),
]
WeightList = Annotated[
    str | None,
    typer.Option(
        "--weights",
        metavar="WEIGHTS",
        help="Weights of severe, moderate, mild and uncertain options, as in 72:24:3:1.",
    ),
]


def _known_definition(name: str) -> str:
    from primum.evaluation.metrics.registry import definition_of, headline_of

    headline_of(definition_of(name))
    return name


Definition = Annotated[
    str,
    typer.Option(
        "--metrics",
        metavar="DEFINITION",
        callback=_known_definition,
        help="Definition of the metrics that are shown: 2026-07, 2026-06, v1 or an extension's.",
    ),
]
StudyName = Annotated[
    str, typer.Argument(metavar="STUDY", help="The study's id, or the beginning of it.")
]
Concurrency = Annotated[
    int, typer.Option(min=1, max=1024, metavar="N", help="Most calls in flight at the same time.")
]
ReaderName = Annotated[
    Reader,
    typer.Option(
        "--reader",
        help=f"How replies are read: {'; '.join(f'{r} {r.sentence}' for r in Reader)}.",
    ),
]
MaxFailed = Annotated[
    float,
    typer.Option(
        min=0,
        max=100,
        metavar="PERCENT",
        help="Exit with code 1 if a larger share of the answers failed or was not judged.",
    ),
]
StopAfterInvalid = Annotated[
    int | None,
    typer.Option(
        "--stop-after-invalid",
        min=1,
        metavar="N",
        help="Stop the run, with exit code 4, once N replies of one model in a row cannot be read; "
        "it can be resumed.",
    ),
]
RetryFailed = Annotated[
    bool,
    typer.Option(
        "--retry-failed", help="Repeat the calls that timed out or failed in an earlier run."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")]
