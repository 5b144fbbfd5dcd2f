"""What every command shares: its common options, and the way to stdout and stderr."""

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from rich.console import Console

CONTROL = re.compile("[\x7f-\x9f]")  # those that JSON leaves
UNFOLDED = 10_000  # columns of output that goes to no terminal: nothing is folded
DEFAULT_WORKSPACE = Path("primum-data")

Workspace = Annotated[
    Path, typer.Option("--workspace", metavar="DIR", help="Holds ledger, store and reports.")
]
SuiteName = Annotated[
    str, typer.Option("--suite", help="'demo', a .jsonl file or a folder in the published layout.")
]
PanelName = Annotated[str, typer.Option("--panel", help="A ready panel's name or a .yaml file.")]
Form = Annotated[
    Literal["concise", "500-words", "unlimited"] | None,
    typer.Option(
        "--form", help="How long a plan may be: concise (the default) is under 200 words."
    ),
]
MatcherName = Annotated[
    str | None,
    typer.Option(
        "--matcher", help="Of plans: lexical (no judge), or judges: a name or .yaml file."
    ),
]
Concurrency = Annotated[int, typer.Option(min=1, max=1024, help="Calls in flight at most.")]
MaxFailed = Annotated[
    float,
    typer.Option(min=0, max=100, help="Percent unanswered or unjudged that is still exit code 0."),
]
RetryFailed = Annotated[
    bool, typer.Option("--retry-failed", help="Ask again what timed out or failed before.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


def say(text: str) -> None:
    """A line on stderr."""
    from primum.cases.show import clean

    print(clean(f"primum: {text}"), file=sys.stderr)


def print_json(value: Any) -> None:
    """A value on stdout; NaN is refused, and no control character is left as it is."""
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)
    print(CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def console() -> "Console":
    """A console on stdout: as wide as the terminal, or unfolded where there is none."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else UNFOLDED)
