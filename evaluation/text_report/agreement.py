"""Agreement of verdicts, as text and as one JSON object."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console

from primum.agents.turns.transcript import VERDICTS
from primum.core.terminal import show_rows
from primum.evaluation.judge_validation.agreement import (
    Agreement,
    Pair,
    agreement,
    by_category,
    confusion,
)
from primum.evaluation.text_report.run_json import finite

Parts = Mapping[str, tuple[list[Pair], int]]


def agreement_json(
    pairs: list[Pair], missing: int, parts: Parts | None = None, unjudged: Sequence[str] = ()
) -> dict[str, Any]:
    """Figures, the confusion table, figures by category, and every disagreement.

    `parts` are the pairs of each single judge of a panel, and of the panel without each.
    """
    return {
        **_figures(agreement(pairs, missing)),
        "confusion": confusion(pairs),
        "by_category": {name: _figures(found) for name, found in by_category(pairs).items()},
        "judges": {name: _figures(agreement(*part)) for name, part in (parts or {}).items()},
        "unjudged": list(unjudged),
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


def show_agreement(
    pairs: list[Pair], missing: int, console: Console, parts: Parts | None = None
) -> None:
    """Print agreement overall, by judge and by category, the confusion table, and disagreements."""
    by_judge = {name: agreement(*part) for name, part in (parts or {}).items()}
    found = {"all": agreement(pairs, missing), **by_judge, **by_category(pairs)}
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
