"""Output of all commands to stdout and stderr, and the entry point that reports errors."""

import codecs
import io
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

# Control characters that json.dumps does not escape.
CONTROL = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
UNFOLDED = 10_000  # columns, where the output is not a terminal: lines are not folded
INTERRUPTED = "Query interrupted"  # DuckDB's message after Ctrl-C
DEFAULT_WORKSPACE = Path("primum-data")
NAMED = 3  # names that a message lists


def say(text: str) -> None:
    """Print a line on stderr."""
    from primum.core.terminal import clean

    print(clean(f"primum: {text}"), file=sys.stderr)


def print_json(value: Any) -> None:
    """Print a value as JSON on stdout, with control characters escaped.

    Raises:
        ValueError: it contains NaN or infinity.
    """
    print(escaped(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)))


def escaped(text: str) -> str:
    """Equivalent JSON with all control characters escaped."""
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 case, 2 cases."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def first_of(names: Sequence[str], most: int = NAMED) -> str:
    """At most so many of some names, and how many more there are: a, b and 3 more."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def console() -> "Console":
    """A console on stdout, as wide as the terminal; lines are not folded if it is not one."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else UNFOLDED)


def enter(app: Callable[[], None]) -> None:
    """Run the command line; an error that a user can fix ends as one line and an exit code."""
    from primum.core.errors import PrimumError

    _make_writable()
    try:
        _run(app)
    except PrimumError as error:
        say(" ".join(str(error).split()))
        sys.exit(error.exit_code)
    except OSError as error:
        if error.filename is not None:
            say(f"{str(error.filename)[:200]}: {error.strerror}")
            sys.exit(3)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            say(f"output cannot be written: {error.strerror}")
            sys.exit(3)
    except RuntimeError as error:
        if str(error) != INTERRUPTED:
            raise
        sys.exit(130)


def _run(app: Callable[[], None]) -> None:
    """Run the command line and flush stdout.

    Raises:
        BrokenPipeError: the reader of stdout has closed it.
    """
    try:
        app()
    except SystemExit as end:
        # Rich and Typer end with 1 then, which is for too many failures.
        if isinstance(end.__context__, BrokenPipeError):
            raise end.__context__ from None
        sys.stdout.flush()
        raise


def _make_writable() -> None:
    """Make stdout and stderr exist, and encode every character."""
    codecs.register_error("escaped", _escape)
    if sys.stdout is None:  # closed by the shell (>&-)
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="escaped")


def _escape(error: UnicodeError) -> tuple[str, int]:
    """Escape the characters that a stream's encoding lacks, in a form that is valid in JSON."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end
