"""The way to stdout and stderr that every command takes, and the way in."""

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
DEFAULT_WORKSPACE = Path("primum-data")


def say(text: str) -> None:
    """A line on stderr."""
    from primum.cases.show import clean

    print(clean(f"primum: {text}"), file=sys.stderr)


def print_json(value: Any) -> None:
    """A value on stdout; NaN is refused, and no control character is left as it is."""
    print(escaped(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)))


def escaped(text: str) -> str:
    """JSON that means the same, with no control character left as it is."""
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def console() -> "Console":
    """A console on stdout: as wide as the terminal, or unfolded where there is none."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else UNFOLDED)


def enter(app: Callable[[], None]) -> None:
    """Run the command line: a user's error is one line on stderr and its exit code."""
    from primum.cases.errors import PrimumError

    if sys.stdout is None:  # closed by the shell (>&-)
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    try:
        app()
    except PrimumError as error:
        say(" ".join(str(error).split()))
        sys.exit(error.exit_code)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            say(f"output cannot be written: {error.strerror}")
            sys.exit(3)
