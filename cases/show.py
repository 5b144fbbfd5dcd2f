"""Print a case to a terminal."""

from rich.console import Console

from primum.cases.model import Item
from primum.core.terminal import NOTICE, clean, show_lines, show_rows


def show_case(item: Item, notice: str, console: Console) -> None:
    """Print an item with its case's options, highest scores first, and the reasons for the scores.

    Empty columns are left out.
    """
    if notice:
        show_lines([notice], console, NOTICE)
    console.print(
        clean(f"{item.id} ({item.case.specialty})\n\n{item.presentation}\n"), markup=False
    )
    options = sorted(item.case.options, key=lambda option: -option.score)
    columns: dict[str, list[object]] = {
        "score": [o.score for o in options],
        "id": [o.id for o in options],
        "category": [o.category for o in options],
        "option": [o.text for o in options],
        "one is enough of": [o.alternative for o in options],
        "depends on": [", ".join(map(str, o.depends_on or ())) for o in options],
        "reason": [o.reason for o in options],
        "guideline": [o.guideline for o in options],
    }
    filled = {name: values for name, values in columns.items() if any(values)}
    show_rows(list(filled), list(zip(*filled.values(), strict=True)), console)
