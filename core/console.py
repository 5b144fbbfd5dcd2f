"""The way to stdout and stderr that every command takes, and the way in."""

import codecs
import io
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

# The control characters that JSON leaves as they are.
CONTROL = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
UNFOLDED = 10_000  # columns of output that goes to no terminal: nothing is folded
INTERRUPTED = "Query interrupted"  # how DuckDB tells of Ctrl-C
DEFAULT_WORKSPACE = Path("primum-data")


def say(text: str) -> None:
    """A line on stderr."""
    from primum.core.terminal import clean

    print(clean(f"primum: {text}"), file=sys.stderr)


def print_json(value: Any) -> None:
    """A value on stdout; NaN is refused, and no control character is left as it is."""
    print(escaped(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)))


def escaped(text: str) -> str:
    """JSON that means the same, with no control character left as it is."""
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def counted(number: int, noun: str) -> str:
    """A number of things: 1 case, 2 cases."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def console() -> "Console":
    """A console on stdout: as wide as the terminal, or unfolded where there is none."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else UNFOLDED)


def enter(app: Callable[[], None]) -> None:
    """Run the command line: a user's error is one line on stderr and its exit code."""
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
    """Run the command line to its last byte; a reader who has gone is a BrokenPipeError."""
    try:
        app()
    except SystemExit as end:
        # Rich and Typer end with 1 then, which is for too many failures.
        if isinstance(end.__context__, BrokenPipeError):
            raise end.__context__ from None
        sys.stdout.flush()
        raise


def _make_writable() -> None:
    """Streams that are there, and take every character."""
    codecs.register_error("escaped", _escape)
    if sys.stdout is None:  # closed by the shell (>&-)
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="escaped")


def _escape(error: UnicodeError) -> tuple[str, int]:
    """What the stream's encoding has no word for, in a form that JSON reads too."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end
