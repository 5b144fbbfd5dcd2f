"""The tables of calls, turns, answers and actions."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, NamedTuple, TypedDict

from primum.agents.models.outcomes import Outcome
from primum.agents.roles.registry import ROLES
from primum.agents.specs.replies import RepliedAs
from primum.agents.studies.study import Study
from primum.agents.turns.transcript import Answer, Call, Turn
from primum.evaluation.analysis.attribution.attribution import Attribution
from primum.evaluation.columns import KEY, EnsembleName, ItemId, Simulated, Trial
from primum.evaluation.metrics.score_table import Scored, is_scored
from primum.evaluation.store.tables.table import Table


class ScoredAnswers(NamedTuple):
    """Answers of a study, with scores where they have any, and the attributed harms of teams."""

    study: Study
    answers: Sequence[Answer]
    scored: Sequence[Scored] = ()
    attributions: Sequence[Attribution] = ()


class CallRow(TypedDict):
    """One distinct call that the study uses."""

    call: Annotated[str, KEY, "key in the ledger"]
    model: Annotated[str, "name of the model in the panel"]
    returned_model: Annotated[str | None, "the model that the provider reported"]
    outcome: Annotated[Outcome, ", ".join(o for o in Outcome if o is not Outcome.INVALID)]
    input_tokens: Annotated[int | None, "as reported; null if unknown"]
    output_tokens: Annotated[int | None, "as reported; null if unknown"]
    cost: Annotated[float | None, "US dollars; null if unknown"]
    seconds: Annotated[
        float, "wall time of its attempts, first to last; waiting for a slot excluded"
    ]
    attempts: Annotated[int, "number of requests, retries included"]
    replied_as: Annotated[
        RepliedAs | None,
        "schema where the reply is bound to one, text where not, schema ignored where the endpoint "
        "took no notice; null for free text, and without a reply",
    ]
    simulated: Simulated


class TurnRow(TypedDict):
    """One turn of an agent or judge for one answer."""

    ensemble: Annotated[EnsembleName, KEY]
    item: Annotated[ItemId, KEY]
    trial: Annotated[Trial, KEY]
    seat: Annotated[str, KEY, "the seat of the agent or judge"]
    role: Annotated[str, "the role in which it was taken: generator, rule, matcher, ..."]
    judging: Annotated[bool, "whether it is a turn of a judge"]
    about: Annotated[
        str | None, KEY, "the seat whose draft a critic or guardian read, or a selector chose"
    ]
    round: Annotated[int, KEY, "of a debate; 1 for first drafts, and everywhere else"]
    step: Annotated[str, "name of the step, unique in the answer; empty for a judge"]
    reads: Annotated[list[str], "the steps whose turns it read"]
    stage: Annotated[int, "from 0; turns of one stage run at the same time"]
    outcome: Annotated[
        Outcome, f"as for calls, or {Outcome.INVALID}: {Outcome.INVALID.sentence.lower()}"
    ]
    reason: Annotated[str, "why the outcome is not ok"]
    calls: Annotated[list[str], "keys of its calls; two with a repair turn"]
    text: Annotated[str, "its last reply without thinking, complete"]
    changes: Annotated[
        list[str], "what was normalised in the reply before it was read, such as trailing comma"
    ]
    thinking_characters: Annotated[
        int, "characters of thinking in its calls; the thinking itself is in the ledger only"
    ]
    reasoning_tokens: Annotated[int | None, "tokens of thinking as reported; null if unknown"]
    replied_as: Annotated[
        RepliedAs | None,
        "as for calls, of its last call; null without one",
    ]
    simulated: Simulated


class AnswerRow(TypedDict):
    """One answer of an ensemble."""

    ensemble: Annotated[EnsembleName, KEY]
    item: Annotated[ItemId, KEY]
    trial: Annotated[Trial, KEY]
    outcome: Annotated[Outcome, "ok, or the failure that left no recommendation"]
    reason: Annotated[str, "why the outcome is not ok"]
    degraded: Annotated[int, "number of agents whose turn was not usable"]
    seconds: Annotated[float, "sum over stages of the slowest turn; judges excluded"]
    scored: Annotated[bool, "whether it has scores under the default policy"]
    unjudged: Annotated[str | None, "why an answered plan has no verdicts; null if it has"]
    options: Annotated[
        list[int] | None, "options recommended; null for plans, and without an answer"
    ]
    text: Annotated[str | None, "the final reply, complete; null if there is none"]
    simulated: Simulated


class ActionRow(TypedDict):
    """One action of a scored plan, as its judge or matcher extracted it."""

    ensemble: Annotated[EnsembleName, KEY]
    item: Annotated[ItemId, KEY]
    trial: Annotated[Trial, KEY]
    number: Annotated[int, KEY, "from 1, in the order of extraction"]
    action: Annotated[str, "the action"]
    category: Annotated[str, "as for options; empty if unknown"]
    matches: Annotated[list[int], "the options that it matches; empty for an action off the rubric"]
    score: Annotated[int, "its own score, used if it is off the rubric; 5 unless a judge gave one"]
    simulated: Simulated


def _calls(source: ScoredAnswers) -> Iterator[CallRow]:
    """A row for each distinct call; calls that turns share are not repeated."""
    turns = (turn for answer in source.answers for turn in _said(answer))
    calls = {call.key: (call, ROLES[turn.role].judges) for turn in turns for call in turn.calls}
    for call, judging in calls.values():
        yield _call(source.study, call, judging=judging)


def _call(study: Study, call: Call, *, judging: bool) -> CallRow:
    reply = call.reply
    return {
        "call": call.key,
        "model": call.model,
        "returned_model": reply.returned_model,
        "outcome": reply.outcome,
        "input_tokens": reply.input_tokens,
        "output_tokens": reply.output_tokens,
        "cost": reply.cost,
        "seconds": reply.seconds,
        "attempts": reply.attempts,
        "replied_as": call.replied_as,
        "simulated": not judging and study.models[call.model].simulated,
    }


def _turns(source: ScoredAnswers) -> Iterator[TurnRow]:
    simulated = source.study.simulated_names
    for answer in source.answers:
        for turn in _said(answer):
            yield {
                "ensemble": answer.ensemble,
                "item": answer.item,
                "trial": answer.trial,
                "seat": turn.seat,
                "role": turn.role,
                "judging": ROLES[turn.role].judges,
                "about": turn.about,
                "round": turn.round,
                "step": turn.step,
                "reads": list(turn.reads),
                "stage": turn.stage,
                "outcome": turn.outcome,
                "reason": turn.reason,
                "calls": [call.key for call in turn.calls],
                "text": turn.text,
                "changes": list(turn.changes),
                "thinking_characters": turn.thinking,
                "reasoning_tokens": turn.reasoning_tokens,
                "replied_as": turn.calls[-1].replied_as if turn.calls else None,
                "simulated": answer.ensemble in simulated,
            }


def _answers(source: ScoredAnswers) -> Iterator[AnswerRow]:
    simulated = source.study.simulated_names
    for answer in source.answers:
        judgement = answer.judgement
        yield {
            "ensemble": answer.ensemble,
            "item": answer.item,
            "trial": answer.trial,
            "outcome": answer.outcome,
            "reason": answer.reason,
            "degraded": answer.degraded,
            "seconds": answer.seconds,
            "scored": is_scored(answer),
            "unjudged": judgement.reason if judgement and answer.unjudged else None,
            "options": None if answer.recommended is None else list(answer.recommended),
            "text": answer.text or None,
            "simulated": answer.ensemble in simulated,
        }


def _actions(source: ScoredAnswers) -> Iterator[ActionRow]:
    simulated = source.study.simulated_names
    for answer in source.answers:
        for number, action in enumerate(answer.judgement.actions if answer.judgement else (), 1):
            yield {
                "ensemble": answer.ensemble,
                "item": answer.item,
                "trial": answer.trial,
                "number": number,
                "action": action.action,
                "category": action.category,
                "matches": list(action.matches),
                "score": action.score,
                "simulated": answer.ensemble in simulated,
            }


def _said(answer: Answer) -> Iterable[Turn]:
    """The turns of an answer, then those of its judges."""
    return answer.turns + (answer.judgement.said if answer.judgement else ())


ANSWER_TABLES = (
    Table("calls", CallRow, ScoredAnswers, _calls),
    Table("turns", TurnRow, ScoredAnswers, _turns),
    Table("answers", AnswerRow, ScoredAnswers, _answers),
    Table("actions", ActionRow, ScoredAnswers, _actions),
)
