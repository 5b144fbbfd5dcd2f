"""Maintenance of the ledger: count, check, prune and export its calls."""

import json
import os
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from primum.agents.ledger.database import Record
from primum.agents.models.outcomes import Outcome
from primum.core.errors import DataError, UsageError

DAMAGED = "damaged"


class Row(NamedTuple):
    """Calls of one model with one outcome; cost is null if any price is unknown."""

    model: str
    outcome: str
    calls: int
    retried: int
    attempts: int
    input_tokens: int
    output_tokens: int
    cost: float | None
    estimated: bool


class Damage(NamedTuple):
    """How many calls are recorded, and the keys of the damaged ones."""

    calls: int
    keys: list[str]


def open_record(workspace: Path) -> Record:
    """The record of a workspace, read-only where it cannot be written.

    Raises:
        DataError: there is none, or it cannot be opened.
    """
    path = workspace / "ledger.sqlite"
    if not path.exists():
        raise DataError(f"{path}: there is no ledger yet; `primum run` creates one")
    writable = os.access(workspace, os.W_OK) and os.access(path, os.W_OK)
    return Record(path, read_only=not writable)


def tally_entries(record: Record) -> list[Row]:
    """Calls by model and outcome; `retried` counts those of more than one attempt."""
    found: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for entry in record.entries():
        if entry.whole:
            model = json.loads(entry.request)["model"]
            found[model, entry.outcome].append(json.loads(entry.reply))
    return [
        Row(
            *(model, outcome, len(replies)),
            retried=sum(reply["attempts"] > 1 for reply in replies),
            attempts=sum(reply["attempts"] for reply in replies),
            input_tokens=sum(reply["input_tokens"] or 0 for reply in replies),
            output_tokens=sum(reply["output_tokens"] or 0 for reply in replies),
            cost=_total([reply["cost"] for reply in replies]),
            estimated=any(reply.get("estimated") for reply in replies),
        )
        for (model, outcome), replies in sorted(found.items())
    ]


def damaged(record: Record) -> Damage:
    """The calls whose checksum, or whose outcome, does not fit their reply."""
    checked = [(entry.key, entry.whole) for entry in record.entries()]
    return Damage(len(checked), [key for key, whole in checked if not whole])


def to_prune(record: Record, outcomes: Sequence[str], before: str | None) -> list[str]:
    """The keys of the calls of some outcomes ("damaged" is one here) asked before a day.

    Raises:
        UsageError: no such outcome, no such day, or neither is given.
    """
    known = [str(outcome) for outcome in Outcome]
    for outcome in outcomes:
        if outcome not in (*known, DAMAGED):
            raise UsageError(
                f"--outcome {outcome}: no such outcome; choose from {', '.join([*known, DAMAGED])}"
            )
    if not outcomes and before is None:
        raise UsageError("give --outcome or --before")
    try:
        day = date.fromisoformat(before).isoformat() if before else "9"
    except ValueError:
        raise UsageError(f"--before {before}: not a day; write it as in 2026-11-21") from None
    return [
        entry.key
        for entry in record.entries(before=day)
        if not outcomes or entry.outcome in outcomes or (DAMAGED in outcomes and not entry.whole)
    ]


def export(record: Record, target: Path) -> int:
    """Write whole records as JSON Lines to a new file, for its owner only; returns how many.

    Raises:
        DataError: the file exists or cannot be written.
    """
    written = 0
    try:
        target.touch(mode=0o600, exist_ok=False)
        with target.open("w", encoding="utf-8") as file:
            for entry in (entry for entry in record.entries() if entry.whole):
                head = {"key": entry.key, "asked_at": entry.asked_at}
                body = {"request": json.loads(entry.request), "reply": json.loads(entry.reply)}
                file.write(json.dumps({**head, **body}, ensure_ascii=False) + "\n")
                written += 1
    except FileExistsError:
        raise DataError(f"{target}: exists already; choose a new file") from None
    except OSError as error:
        raise DataError(f"{target}: cannot be written: {error.strerror}") from error
    return written


def _total(costs: Sequence[float | None]) -> float | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None
