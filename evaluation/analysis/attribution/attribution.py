"""Where each harm of a team's answer comes from: how it came to be, by whom, who saw it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np

from primum.agents.roles.registry import ROLES
from primum.agents.turns.transcript import Answer, Turn
from primum.evaluation.analysis.attribution.possible_harms import KINDS
from primum.evaluation.analysis.attribution.provenance import Step, Trace
from primum.evaluation.columns import (
    KEY,
    EnsembleName,
    ItemId,
    Kind,
    ModelOrRule,
    OptionId,
    RoleName,
    Severity,
    Trial,
)
from primum.evaluation.scoring.answer_key import SEVERITIES

FAILURES = (
    "introduced",
    "overturned_majority",
    "unresolved_conflict",
    "suppressed_minority",
    "unheeded_critic",
    "lazy_agreement",
    "shared_error",
)


@dataclass(frozen=True, slots=True)
class Attribution:
    """One harm of one answer of a team, and where it comes from.

    `failure` is how (docs/metrics.md defines each). `seat` made it the team's; None where several
    did at once, as where every first draft has it. `model` is None for a rule, and where those
    seats are of several models. `drafts` counts the usable first drafts, `drafts_right` those
    without the harm.
    """

    ensemble: Annotated[EnsembleName, KEY]
    item: Annotated[ItemId, KEY]
    trial: Annotated[Trial, KEY]
    option_id: Annotated[OptionId, KEY]
    kind: Kind
    severity: Severity
    failure: Annotated[str, f"how: {', '.join(FAILURES)}"]
    seat: Annotated[
        str | None, "the seat that made it the team's: the last to turn right into wrong"
    ]
    role: RoleName
    model: ModelOrRule
    drafts: Annotated[int, "usable first drafts"]
    drafts_right: Annotated[int, "those without this harm"]
    caught_by: Annotated[tuple[str, ...], "seats that spoke against it"]
    missed_by: Annotated[tuple[str, ...], "critics and guardians that read it and let it stand"]


class _HarmPath(NamedTuple):
    """One harm on its way through the steps of one answer; see Trace, whose columns these are."""

    steps: Sequence[Step]
    wrote: Sequence[bool]
    wrong_in: Sequence[bool]
    right_in: Sequence[bool]


def attributions(traces: Sequence[Trace]) -> Iterator[Attribution]:
    """Every harm of the answers, but those of actions that match no option: they match no draft."""
    for trace in traces:
        for steps in trace.of_answers():
            yield from _of_answer(trace, steps)


def _of_answer(trace: Trace, steps: slice) -> Iterator[Attribution]:
    row = trace.steps[steps.start].answer
    answer, omission = trace.scored.answers[row], trace.scored.harms.omission[row]
    (hit,) = np.nonzero(trace.wrote[steps.stop - 1] & (trace.stakes[row] > 0))
    whole = (trace.wrote, trace.wrong_in, trace.right_in)
    columns = [matrix[steps][:, hit].T.tolist() for matrix in whole]
    for possible_harm, *parts in zip(hit.tolist(), *columns, strict=True):
        way = _HarmPath(trace.steps[steps], *parts)
        spoke = [(i, step.turn) for i, step in enumerate(way.steps) if step.spoke]
        drafts = [(i, turn) for i, turn in spoke if ROLES[turn.role].drafts]
        right = sum(not way.wrote[i] for i, _ in drafts)
        wrong = [(i, turn) for i, turn in spoke if way.wrong_in[i]]
        caught = _seats(turn for i, turn in wrong if not way.wrote[i])
        stood = _seats(turn for i, turn in wrong if way.wrote[i] and ROLES[turn.role].reads_one)
        reviewed = any(ROLES[turn.role].reviews for _, turn in spoke)
        seat, role, model = _who(_makers(way) or [turn for _, turn in drafts] or _silent(answer))
        yield Attribution(
            *(
                answer.ensemble,
                answer.item,
                answer.trial,
                trace.possible_harms.option(possible_harm, omission),
            ),
            kind=KINDS[not trace.possible_harms.is_need[possible_harm]],
            severity=SEVERITIES[trace.stakes[row, possible_harm]],
            failure=failure(len(drafts), right, heard=bool(caught), reviewed=reviewed),
            seat=seat,
            role=role,
            model=model,
            drafts=len(drafts),
            drafts_right=right,
            caught_by=caught,
            missed_by=tuple(seat for seat in stood if seat not in caught),
        )


def failure(drafts: int, right: int, *, heard: bool, reviewed: bool) -> str:
    """How a harm came to be the team's.

    Args:
        drafts: usable first drafts.
        right: those without the harm.
        heard: whether anyone spoke against it, or took it out of what they read.
        reviewed: whether anyone reviewed a draft.
    """
    if right:
        if right == drafts:
            return "introduced"
        if 2 * right == drafts:
            return "unresolved_conflict"
        return "overturned_majority" if 2 * right > drafts else "suppressed_minority"
    if heard:
        return "unheeded_critic"
    return "lazy_agreement" if reviewed else "shared_error"


def _makers(way: _HarmPath) -> list[Turn]:
    """Who made a harm the team's: none where it is in every first draft, and nobody spoke up.

    Those are the last, at one stage, that have it though a draft they read was without it, or,
    having the last word, though a critic spoke against it.
    """
    makers: list[Turn] = []
    last = len(way.steps) - 1
    for i in range(last, -1, -1):
        turn = way.steps[i].turn
        against = way.right_in[i] or (i == last and _objected(way))
        if against and way.wrote[i] and not ROLES[turn.role].objects:
            if makers and makers[0].stage != turn.stage:
                break
            makers.append(turn)
    return makers


def _objected(way: _HarmPath) -> bool:
    return any(
        ROLES[step.turn.role].objects and way.wrong_in[i] and not way.wrote[i]
        for i, step in enumerate(way.steps)
    )


def _silent(answer: Answer) -> list[Turn]:
    return [turn for turn in answer.turns if ROLES[turn.role].drafts]


def _who(turns: Sequence[Turn]) -> tuple[str | None, str, str | None]:
    """Seat, role and model of turns at one stage; what they do not have in common is None."""
    models = {turn.model for turn in turns}
    seat = turns[0].seat if len(turns) == 1 else None
    model = turns[0].model or None if len(models) == 1 else None
    return seat, turns[0].role, model


def _seats(turns: Iterable[Turn]) -> tuple[str, ...]:
    """The seats of some turns, each once, in their order."""
    return tuple(dict.fromkeys(turn.seat for turn in turns))
