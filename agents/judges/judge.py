"""One judge: a matcher says which options an answer includes; a reviewer may correct it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple, TypeVar

from primum.agents.judges.bound_forms import matching_form, review_form
from primum.agents.judges.schemas import (
    Finding,
    Matching,
    parse_matching,
    parse_review,
)
from primum.agents.judges.validation import accepted_overrides, complete_matching, valid_findings
from primum.agents.models.client import Message
from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.record import ReplyParser
from primum.agents.replies.reader import Reader
from primum.agents.turns.exchange import Agent, Exchange, exchange, opening
from primum.agents.turns.transcript import (
    UNCERTAIN,
    Caller,
    JudgedAction,
    Judgement,
    OptionVerdict,
    Turn,
)
from primum.cases.menu import render_menu
from primum.cases.model import Case, Item
from primum.prompts.render import inert, render, substitute, template

TRIAL = 1  # an answer is judged once
REPAIR_PROMPT = "repair.object"
EVIDENCE_WORDS = 25  # of the text of an action that is made from evidence
T = TypeVar("T")


class Judge(NamedTuple):
    """The agents of a judge, ready to be asked, and how their replies are read."""

    label: str
    matcher: Agent
    reviewer: Agent | None
    reader: Reader = Reader.TOLERANT


async def judge_alone(judge: Judge, item: Item, text: str, call: Caller) -> Judgement:
    """The judgement of an answer to an item by one judge.

    If one of its agents gives no usable reply, the answer is unjudged.

    Args:
        judge: who judges.
        item: what was asked.
        text: the answer.
        call: sends a request to a model.
    """
    label = judge.label
    turn, matching = await match(judge, item, text, call)
    turns: tuple[Turn, ...] = (turn,)
    if matching is None:
        return Judgement(label, turn.outcome, f"judge {label}, match: {turn.reason}", turns=turns)
    findings, _ = valid_findings(matching, _option_ids(item), text)
    changed: dict[int, Finding] = {}
    if judge.reviewer:
        turn, changes = await review(
            judge.reviewer, Findings(item, text, findings), judge.reader, call
        )
        turns = (*turns, turn)
        if changes is None:
            reason = f"judge {label}, review: {turn.reason}"
            return Judgement(label, turn.outcome, reason, turns=turns)
        changed = changes
    verdicts = tuple(_verdict({**findings, **changed}[o.id]) for o in item.case.options)
    listed = (
        JudgedAction(a.number, a.action, a.category, a.matches, a.score, a.rationale)
        for a in matching.actions
    )
    return Judgement(
        judge=label,
        outcome=Outcome.OK,
        verdicts=verdicts,
        actions=reconcile_actions(listed, verdicts, item),
        overridden=tuple(o.id for o in item.case.options if o.id in changed),
        turns=turns,
    )


async def match(judge: Judge, item: Item, text: str, call: Caller) -> tuple[Turn, Matching | None]:
    """Ask a judge's matcher which options an answer includes.

    Options without a valid verdict in the first reply are asked again, once. Returns the turn, and
    a matching with a valid verdict on every option, or None if there is none.
    """
    agent, known = judge.matcher, _option_ids(item)
    prompt = render("judge.match", **_prompt_values(agent, item, text))
    parse = partial(parse_matching, known=known, reader=judge.reader)
    parser = ReplyParser(parse, REPAIR_PROMPT, matching_form(known))
    found = await exchange(agent, opening(prompt), parser, call, TRIAL)
    if found.value is None:
        return _turn(agent, found), None
    first = found.value
    _, problems = valid_findings(first, known, text)
    if not problems:
        return _turn(agent, found), first
    lines = [f"- option {option}: {problem}" for option, problem in problems.items()]
    request = substitute(template("judge.coverage"), {"troubles": "\n".join(lines)}).strip()
    messages = (*found.messages, Message(role="user", content=request))
    parse = partial(parse_matching, known=known, before=first, reader=judge.reader)
    parser = ReplyParser(parse, REPAIR_PROMPT, matching_form(problems))
    more = await exchange(agent, messages, parser, call, TRIAL)
    both = _joined(found, more)
    if more.value is None:
        return _turn(agent, both), None
    matching = complete_matching(first, more.value, problems)
    _, problems = valid_findings(matching, known, text)
    if problems:
        reason = f"{_described(problems)} (after a second request)"
        return _turn(agent, both, Outcome.INVALID, reason), None
    return _turn(agent, both), matching


class Findings(NamedTuple):
    """An answer to an item, and a matcher's findings on it by option."""

    item: Item
    text: str
    findings: Mapping[int, Finding]


async def review(
    agent: Agent, found: Findings, reader: Reader, call: Caller
) -> tuple[Turn, dict[int, Finding] | None]:
    """Ask a reviewer which of a matcher's verdicts it changes.

    Overrides that are not accepted have no effect; the reason of the turn counts and explains them.
    Returns the turn, and the changed findings by option, or None if there is no usable reply.
    """
    item, text, findings = found
    rows = [findings[option].model_dump() for option in sorted(findings)]
    prompt = render(
        "judge.review",
        **_prompt_values(agent, item, text),
        verdicts=inert("\n".join(json.dumps(row, ensure_ascii=False) for row in rows)),
        reference=inert(item.case.case.recommendations or "(none is given)"),
        guidance=inert(guidance(item.case)),
    )
    parse = partial(parse_review, reader=reader)
    parser = ReplyParser(parse, REPAIR_PROMPT, review_form(findings))
    said = await exchange(agent, opening(prompt), parser, call, TRIAL)
    if said.value is None:
        return _turn(agent, said), None
    changed, dropped = accepted_overrides(said.value, findings, text)
    reason = f"{len(dropped)} override{'s' * (len(dropped) > 1)} dropped: {'; '.join(dropped)}"
    return _turn(agent, said, Outcome.OK, reason if dropped else ""), changed


def guidance(case: Case) -> str:
    """How a case's options depend on each other, and their sources, without scores or reasons."""
    options = sorted(case.options, key=lambda option: option.id)
    groups: dict[str, list[int]] = {}
    for option in options:
        if option.alternative:
            groups.setdefault(option.alternative, []).append(option.id)
    lines = [
        f"Options {_listed(members)} are alternatives of each other."
        for members in groups.values()
        if len(members) > 1
    ]
    lines += [
        f"Option {option.id} depends on option {' or '.join(map(str, sorted(option.depends_on)))}."
        for option in options
        if option.depends_on
    ]
    for consult in case.specialist_consult.consults if case.specialist_consult else ():
        which = f" (option {consult.option_id})" if consult.option_id is not None else ""
        urgency = f", urgency {consult.urgency}" if consult.urgency else ""
        lines.append(f"A consult is due: {consult.specialty or 'specialist'}{urgency}{which}.")
    lines += [f"Source on option {o.id}: {o.guideline}" for o in options if o.guideline]
    return "\n".join(lines) or "(none is given)"


def reconcile_actions(
    actions: Iterable[JudgedAction], verdicts: Sequence[OptionVerdict], item: Item
) -> tuple[JudgedAction, ...]:
    """Actions that agree with the verdicts, numbered from 1.

    Matches of options with the verdict none are removed; an action that has no other match then
    counts by its own score, as an action that is not among the options. For an included option that
    no action matches, an action is made from the first words of the verdict's evidence.
    """
    included = {verdict.option: verdict for verdict in verdicts if verdict.verdict != "none"}
    given = [(a, tuple(o for o in sorted(set(a.matches)) if o in included)) for a in actions]
    matched = {option for _, matches in given for option in matches}
    categories = {option.id: option.category for option in item.case.options}
    made = [
        (JudgedAction(0, _first_words(included[o].evidence), categories[o], (o,), UNCERTAIN), (o,))
        for o in sorted(included)
        if o not in matched
    ]
    return tuple(
        JudgedAction(number, a.action, a.category, matches, a.score, a.rationale)
        for number, (a, matches) in enumerate([*given, *made], 1)
    )


def _prompt_values(agent: Agent, item: Item, text: str) -> dict[str, str]:
    """The values that both prompts share; options by id, whatever their order in the suite."""
    menu = sorted(item.public.menu, key=lambda option: option.number)
    return {
        "instructions": agent.spec.instructions,
        "presentation": inert(item.presentation),
        "options": inert(render_menu(menu)),
        "answer": inert(text),
    }


def _joined(first: Exchange[T], second: Exchange[T]) -> Exchange[T]:
    """The second exchange, with the calls of both and what was normalised in either."""
    changes = tuple(sorted({*first.changes, *second.changes}))
    return replace(second, calls=first.calls + second.calls, changes=changes)


def _turn(
    agent: Agent, found: Exchange[T], outcome: Outcome | None = None, reason: str = ""
) -> Turn:
    return Turn(
        seat=agent.seat,
        role=agent.role,
        model=agent.spec.model,
        outcome=outcome or found.outcome,
        reason=reason if outcome else found.reason,
        grades=(),
        calls=found.calls,
        changes=found.changes,
    )


def _option_ids(item: Item) -> list[int]:
    return sorted(option.id for option in item.case.options)


def _verdict(finding: Finding) -> OptionVerdict:
    evidence = "" if finding.verdict == "none" else finding.evidence
    return OptionVerdict(finding.option, finding.verdict, evidence)


def _described(problems: Mapping[int, str]) -> str:
    """Problems on one line, the options of each kind together."""
    kinds: dict[str, list[int]] = {}
    for option, problem in problems.items():
        kinds.setdefault(problem, []).append(option)
    return "; ".join(f"option {_listed(options)}: {kind}" for kind, options in kinds.items())


def _listed(options: Iterable[int]) -> str:
    return ", ".join(map(str, options))


def _first_words(evidence: str) -> str:
    return " ".join(evidence.split()[:EVIDENCE_WORDS])
