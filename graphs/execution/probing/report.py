"""A probe's result as a table and as one JSON object."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from primum.agents.models.client import Reply
from primum.agents.models.outcomes import Outcome
from primum.core.terminal import show_lines, show_rows
from primum.graphs.execution.probing.advice import advice
from primum.graphs.execution.probing.probe import Probed

COLUMNS = {
    "model": "model",
    "role": "role",
    "outcome": "outcome",
    "finish_reason": "finish",
    "input_tokens": "tokens in",
    "output_tokens": "tokens out",
    "thinking_characters": "thinking",
    "seconds": "seconds",
    "cost": "cost $",
    "calls": "calls",
    "replied_as": "replies",
}


def row_of(probed: Probed, *, text: bool) -> dict[str, Any]:
    """The JSON object of a probe; with the text of the last reply if `text`.

    Tokens, seconds and cost are those of all its calls, and None where one is not reported. The
    finish reason and the model that answered are those of the last call.
    """
    probe, turn = probed.probe, probed.turn
    replies = [call.reply for call in turn.calls] if turn else []
    last = replies[-1] if replies else None
    row = {
        "model": probe.agent.label,
        "id": probe.model.id,
        "role": probe.role,
        "outcome": turn.outcome if turn else None,
        "calls": len(replies),
        "replied_as": turn.calls[-1].replied_as if last and turn else None,
        "finish_reason": last.finish_reason if last else None,
        "returned_model": last.returned_model if last else None,
        "input_tokens": _total(replies, "input_tokens"),
        "output_tokens": _total(replies, "output_tokens"),
        "thinking_characters": turn.thinking if turn else None,
        "thinking_tokens": turn.reasoning_tokens if turn else None,
        "normalised": list(turn.changes) if turn else [],
        "seconds": _total(replies, "seconds"),
        "cost": _total(replies, "cost"),
        "advice": advice(probed),
    }
    return {**row, "text": turn.text if turn else None} if text else row


def show_probed(found: Sequence[Probed], screen: Console, *, text: bool) -> None:
    """Print a row for each model and role, then what to change, then the replies if `text`."""
    rows = [row_of(probed, text=True) for probed in found]
    for probed, row in zip(found, rows, strict=True):
        row["outcome"] = probed.state
        row["cost"] = _dollars(row["cost"]) if probed.turn else None
    shown = [tuple(_cell(row[name]) for name in COLUMNS) for row in rows]
    show_rows(list(COLUMNS.values()), shown, screen)
    show_lines(_advised(found), screen)
    for probed, row in zip(found, rows, strict=True) if text else ():
        show_lines([f"--- {probed.title}", row["text"] or "(no text)"], screen)


def useless(found: Sequence[Probed]) -> list[str]:
    """The models that gave nothing usable in any role, in their order."""
    asked = {(p.probe.agent.model, p.probe.model.id): False for p in found}
    for probed in found:
        if probed.turn and probed.turn.outcome is Outcome.OK:
            asked[probed.probe.agent.model, probed.probe.model.id] = True
    return [name for (name, _), usable in asked.items() if not usable]


def _advised(found: Sequence[Probed]) -> list[str]:
    """What each model should know; of the same words for several roles, one line."""
    roles: dict[tuple[str, str], list[str]] = {}
    for probed in found:
        for said in advice(probed):
            roles.setdefault((probed.probe.agent.label, said), []).append(probed.probe.role)
    return [f"{label} ({', '.join(of)}): {said}" for (label, said), of in roles.items()]


def _total(replies: Sequence[Reply], name: str) -> float | None:
    values = [getattr(reply, name) for reply in replies]
    return sum(values) if values and None not in values else None


def _dollars(cost: float | None) -> str:
    return "unknown" if cost is None else f"{cost:.4f}"


def _cell(value: Any) -> object:
    return f"{value:.1f}" if isinstance(value, float) else value
