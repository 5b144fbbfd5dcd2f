"""What every command shares: its common options, and the way to stdout and stderr."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

UNFOLDED = 10_000  # columns of output that goes to no terminal: nothing is folded
DEFAULT_WORKSPACE = Path("primum-data")

Workspace = Annotated[
    Path, typer.Option("--workspace", metavar="DIR", help="Holds ledger, store and reports.")
]
SuiteName = Annotated[
    str, typer.Option("--suite", help="'demo', a .jsonl file or a folder in the published layout.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


def say(text: str) -> None:
    """A line on stderr."""
    print(f"primum: {text}", file=sys.stderr)


def print_json(value: Any) -> None:
    """A value on stdout; NaN is refused."""
    print(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False))


def console() -> "Console":
    """A console on stdout: as wide as the terminal, or unfolded where there is none."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else UNFOLDED)
