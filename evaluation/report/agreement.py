"""Agreement of verdicts, as a table and as one JSON object."""

from dataclasses import asdict
from typing import Any

from rich.console import Console

from primum.cases.show import show_rows
from primum.evaluation.agreement import Agreement, Pair, agreement, by_category, confusion
from primum.evaluation.match import VERDICTS
from primum.evaluation.report.result import finite


def agreement_json(pairs: list[Pair], missing: int) -> dict[str, Any]:
    """Figures, the confusion table, figures by category, and every disagreement."""
    return {
        **_figures(agreement(pairs, missing)),
        "confusion": confusion(pairs),
        "by_category": {name: _figures(found) for name, found in by_category(pairs).items()},
        "disagreements": [
            {
                "id": pair.answer[0],
                "trial": pair.answer[1],
                "option": pair.option.id,
                "reference": pair.reference,
                "verdict": pair.candidate,
            }
            for pair in pairs
            if pair.reference != pair.candidate
        ],
    }


def show_agreement(pairs: list[Pair], missing: int, console: Console) -> None:
    """The figures overall and by category, the confusion table, and the disagreements."""
    found = {"all": agreement(pairs, missing), **by_category(pairs)}
    names = list(asdict(found["all"]))
    rows = [(label, *asdict(figures).values()) for label, figures in found.items()]
    show_rows(["options", *names], rows, console)
    console.print("\nreference \\ verdict", highlight=False, markup=False)
    table = confusion(pairs)
    show_rows(["", *VERDICTS], [(row, *table[row].values()) for row in VERDICTS], console)
    console.print("\ndisagreements", highlight=False, markup=False)
    show_rows(
        ["id", "trial", "option", "reference", "verdict", "text"],
        [
            (*pair.answer, pair.option.id, pair.reference, pair.candidate, pair.option.text)
            for pair in pairs
            if pair.reference != pair.candidate
        ],
        console,
    )


def _figures(found: Agreement) -> dict[str, Any]:
    return {name: finite(value) for name, value in asdict(found).items()}
