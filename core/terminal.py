"""Tables and untrusted text on a terminal."""

import re
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

NOTICE = "yellow"  # style of notices that accompany figures
# C0, DEL and C1, Unicode's line breaks, and marks that change the direction of text.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """A text with each control character replaced, so that no escape sequence reaches a terminal.

    Marks that change the direction of text are replaced too.
    """
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def show_lines(lines: Iterable[str], console: Console, style: str | None = None) -> None:
    """Print lines without control characters; nothing in them is read as markup."""
    for line in lines:
        console.print(clean(line), style=style, markup=False, highlight=False)


def show_rows(
    columns: Sequence[str], rows: Sequence[Sequence[object]], console: Console, notice: str = ""
) -> None:
    """Print rows as a plain table, in which long text folds, after an optional notice."""
    if notice:
        show_lines([notice], console, NOTICE)
    console.print(table_of(columns, rows))


def table_of(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    """A plain table of rows, without control characters."""
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(Text(clean(column)), overflow="fold")
    for row in rows:
        table.add_row(*(Text(clean(_cell(value))) for value in row))
    return table


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
