"""The consolidated plan for one case, as text and as one JSON object."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import Console

from primum.agents.topologies.ensemble import EnsembleSpec
from primum.core.terminal import show_lines
from primum.evaluation.matching.consensus import ConsensusAdvice, RecommendedAction
from primum.evaluation.matching.registry import LEXICAL
from primum.evaluation.notices import DEGRADED_MARK

NOT_A_DEVICE = (
    "Research software, not a medical device. The plan may omit needed actions and recommend "
    "harmful ones; every decision is the clinician's."
)
SIMULATED = (
    "SIMULATED: simulated clinicians, who were given the answer key, answered a case of a suite. "
    "Nothing here is medical advice or says anything about a real model."
)
BY_WORDS = f"Actions of different agents were compared by their words ({LEXICAL.label})."


def advice_json(advice: ConsensusAdvice, spec: EnsembleSpec) -> dict[str, Any]:
    """The object that `primum recommend --json` prints."""
    return {
        "notice": [*([SIMULATED] if advice.simulated else []), NOT_A_DEVICE, BY_WORDS],
        "simulated": advice.simulated,
        "ensemble": spec.model_dump(mode="json"),
        "actions": [_entry(action) for action in advice.actions],
        "dropped": [_entry(action) for action in advice.dropped],
        "unheeded": [asdict(note) for note in advice.unheeded],
        "disagreements": [
            action.action for action in (*advice.actions, *advice.dropped) if action.disputed
        ],
        "degraded": bool(advice.silent),
        "silent": list(advice.silent),
        "text": advice.text,
    }


def show_advice(advice: ConsensusAdvice, spec: EnsembleSpec, console: Console) -> None:
    """Print the plan: actions, dropped actions, objections, disagreements and notices."""
    show_lines(_lines(advice, spec), console)


def _lines(advice: ConsensusAdvice, spec: EnsembleSpec) -> Iterator[str]:
    if advice.simulated:
        yield SIMULATED
    mark = DEGRADED_MARK if advice.silent else ""
    yield f"Plan of {spec.name} ({spec.graph} of {', '.join(spec.members)}){mark}"
    yield ""
    for number, action in enumerate(advice.actions, 1):
        urgency = f"[{action.urgency}] " if action.urgency else ""
        yield f"{number}. {urgency}{action.action}"
        yield from _details(action)
    if advice.dropped:
        yield ""
        yield "Proposed, but not in the plan:"
        for action in advice.dropped:
            yield f"- {action.action}"
            yield from _details(action)
    if advice.unheeded:
        yield ""
        yield "Objections about other actions:"
        for note in advice.unheeded:
            yield f"- {note.by} on {note.on}: {note.kind} {note.action}{_because(note.why)}"
    disputed = sum(action.disputed for action in (*advice.actions, *advice.dropped))
    yield ""
    total = len(advice.actions) + len(advice.dropped)
    yield f"The agents disagree about {disputed} of {total} actions."
    if advice.silent:
        who = ", ".join(dict.fromkeys(advice.silent))
        yield f"Without a usable reply: {who}. The plan is not the whole team's."
    yield BY_WORDS
    yield NOT_A_DEVICE


def _details(action: RecommendedAction) -> Iterator[str]:
    if action.why:
        yield f"   why: {action.why}"
    yield f"   proposed by: {', '.join(action.proposed_by) or 'the last agent only'}"
    if action.proposed_by and action.not_by:
        yield f"   not proposed by: {', '.join(action.not_by)}"
    for note in action.objections:
        other = "" if note.action == action.action else f" {note.action}"
        yield f"   {note.by} on {note.on}: {note.kind}{other}{_because(note.why)}"


def _entry(action: RecommendedAction) -> dict[str, Any]:
    return {**asdict(action), "disputed": action.disputed}


def _because(why: str) -> str:
    return f" - {why}" if why else ""
