"""The options that commands share."""

from pathlib import Path
from typing import Annotated, Literal

import typer


def _folder(path: Path) -> Path:
    from primum.core.documents import is_there
    from primum.core.errors import DataError

    nearest = next(place for place in (path, *path.absolute().parents) if is_there(place))
    if not nearest.is_dir():
        raise DataError(f"--workspace {path}: {nearest} is not a folder; name one that is")
    return path


def _named(value: str | None) -> str | None:
    if value == "":
        raise typer.BadParameter("nothing is named")
    return value


def named_file(path: Path | None) -> Path | None:
    """A file that is not called -, which other programs take for stdout.

    Raises:
        BadParameter: it is.
    """
    if path == Path("-"):
        raise typer.BadParameter("- is no file's name; leave -o out where stdout is meant")
    return path


Workspace = Annotated[
    Path,
    typer.Option(
        "--workspace", metavar="DIR", callback=_folder, help="Holds ledger, store and reports."
    ),
]
SuiteName = Annotated[
    str,
    typer.Option(
        "--suite",
        callback=_named,
        help="'demo', a .jsonl file or a folder in the published layout.",
    ),
]
PanelName = Annotated[
    str, typer.Option("--panel", callback=_named, help="A ready panel's name or a .yaml file.")
]
Form = Annotated[
    str | None,
    typer.Option(
        "--form",
        callback=_named,
        help="Maximum length of an answer, where the protocol has one; the first is the default.",
    ),
]
MatcherName = Annotated[
    str | None,
    typer.Option(
        "--matcher",
        callback=_named,
        help="Of plans: lexical (no judge), or judges: a name or .yaml file.",
    ),
]
EnsembleNames = Annotated[
    list[str] | None,
    typer.Option("--ensemble", help="Only this ensemble, solo or control (repeatable)."),
]
PlanFile = Annotated[
    Path | None, typer.Option("--plan", help="A plan of designs (YAML); else one made of the rest.")
]
OtherPanel = Annotated[
    str | None,
    typer.Option(
        "--panel", callback=_named, help="A ready panel's name or a .yaml file; the plan's."
    ),
]
Roles = Annotated[
    str | None,
    typer.Option(
        help="generator, critic, aggregator, selector, guardian, debater, rule; "
        "generator,aggregator,guardian if not given."
    ),
]
UpTo = Annotated[int | None, typer.Option(min=1, help="Generators at most: 5 if not given.")]
Aggregators = Annotated[
    list[str] | None,
    typer.Option("--aggregator", help="Who may aggregate or select (repeatable); three if none."),
]
Limit = Annotated[int | None, typer.Option(min=1, help="Draw so many of the ensembles by --seed.")]
Contrasts = Annotated[
    list[str] | None,
    typer.Option("--contrast", help="Announce ENSEMBLE:AGAINST[:METRIC] beforehand (repeatable)."),
]
SavePlan = Annotated[
    Path | None, typer.Option("--save-plan", help="Write the plan to a new file, and stop.")
]
ProtocolName = Annotated[
    str | None,
    typer.Option(
        "--protocol",
        callback=_named,
        help="How items are asked and answers are read; the first is the default.",
    ),
]
Trials = Annotated[int, typer.Option(min=1, max=1000, help="Repeats of every ensemble.")]
Against = Annotated[str | None, typer.Option(help="Compare every ensemble with this one too.")]
Seed = Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Of resampling and of the coin.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Ask nobody: say what would be asked, and its cost.")
]
Replay = Annotated[
    bool, typer.Option("--replay", help="Ask nobody: the ledger alone answers, or the run fails.")
]
Dollars = Annotated[
    float | None,
    typer.Option(
        "--budget", min=0, metavar="USD", help="Make no call that may bring this run above it."
    ),
]
ExecutorName = Annotated[
    Literal["local", "ray"], typer.Option("--executor", help="Here, or on a Ray cluster.")
]
Address = Annotated[
    str | None, typer.Option(help="Of a Ray cluster, or auto; none starts one here.")
]
Workers = Annotated[int | None, typer.Option(min=1, help="Ray workers; one a CPU if not given.")]
WeightList = Annotated[
    str | None, typer.Option("--weights", help="Of severe:moderate:mild:uncertain options.")
]
Definition = Annotated[
    Literal["2026-07", "2026-06", "v1"],
    typer.Option("--metrics", help="Whose headline stands first."),
]
StudyName = Annotated[str, typer.Argument(metavar="STUDY", help="Its id, or the beginning of one.")]
Concurrency = Annotated[int, typer.Option(min=1, max=1024, help="Calls in flight at most.")]
MaxFailed = Annotated[
    float,
    typer.Option(min=0, max=100, help="Percent unanswered or unjudged that is still exit code 0."),
]
RetryFailed = Annotated[
    bool, typer.Option("--retry-failed", help="Ask again what timed out or failed before.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
