"""One judge: a matcher reads what an answer commits to; a reviewer may change its verdicts."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from primum.agents.judges.schemas import Finding, Matching, parse_matching, parse_review
from primum.agents.judges.validation import accept, examine, merge
from primum.agents.models.client import Message
from primum.agents.models.outcomes import Outcome
from primum.agents.turns.exchange import Agent, Exchange, exchange, opening
from primum.agents.turns.transcript import (
    UNCERTAIN,
    Call,
    Caller,
    JudgedAction,
    Judgement,
    OptionVerdict,
    Turn,
)
from primum.cases.menu import render_menu
from primum.cases.model import Case, Item
from primum.prompts.render import inert, render, substitute, template

TRIAL = 1  # the same text is judged once
REPAIR_PROMPT = "repair.object"
WORDS = 25  # of an action that is made from evidence
T = TypeVar("T")


async def judge(
    label: str, matcher: Agent, reviewer: Agent | None, item: Item, text: str, call: Caller
) -> Judgement:
    """What a judge makes of an answer to an item. Whatever fails leaves the answer unjudged."""
    said, sheet = await match(matcher, item, text, call)
    turns: tuple[Turn, ...] = (said,)
    if sheet is None:
        return Judgement(label, said.outcome, f"judge {label}, match: {said.reason}", turns=turns)
    findings, _ = examine(sheet, _known(item), text)
    changed: dict[int, Finding] = {}
    if reviewer:
        said, changes = await review(reviewer, item, text, findings, call)
        turns = (*turns, said)
        if changes is None:
            reason = f"judge {label}, review: {said.reason}"
            return Judgement(label, said.outcome, reason, turns=turns)
        changed = changes
    verdicts = tuple(_verdict({**findings, **changed}[o.id]) for o in item.case.options)
    listed = (
        JudgedAction(a.number, a.action, a.category, a.matches, a.score, a.rationale)
        for a in sheet.actions
    )
    return Judgement(
        judge=label,
        outcome=Outcome.OK,
        verdicts=verdicts,
        actions=reconcile_actions(listed, verdicts, item),
        overridden=tuple(o.id for o in item.case.options if o.id in changed),
        turns=turns,
    )


async def match(agent: Agent, item: Item, text: str, call: Caller) -> tuple[Turn, Matching | None]:
    """A matcher's sheet, every option's verdict in it sound; None where there is no such sheet.

    Options that the first sheet gives no sound verdict for are asked again, once.
    """
    known = _known(item)
    prompt = render("judge.match", **_material(agent, item, text))
    parse = partial(parse_matching, known=known)
    found = await exchange(agent, opening(prompt), parse, call, TRIAL, REPAIR_PROMPT)
    if found.value is None:
        return _turn(agent, found, found.calls), None
    first = found.value
    _, troubles = examine(first, known, text)
    if not troubles:
        return _turn(agent, found, found.calls), first
    lines = [f"- option {option}: {trouble}" for option, trouble in troubles.items()]
    asking = substitute(template("judge.coverage"), {"troubles": "\n".join(lines)}).strip()
    messages = (*found.messages, Message(role="user", content=asking))
    parse = partial(parse_matching, known=known, before=first)
    more = await exchange(agent, messages, parse, call, TRIAL, REPAIR_PROMPT)
    calls = found.calls + more.calls
    if more.value is None:
        return _turn(agent, more, calls), None
    sheet = merge(first, more.value, troubles)
    _, troubles = examine(sheet, known, text)
    if troubles:
        reason = f"{_told(troubles)} (after a second request)"
        return _turn(agent, more, calls, Outcome.INVALID, reason), None
    return _turn(agent, more, calls), sheet


async def review(
    agent: Agent, item: Item, text: str, findings: Mapping[int, Finding], call: Caller
) -> tuple[Turn, dict[int, Finding] | None]:
    """The verdicts that a reviewer changes, by option; None where it gave no usable reply.

    Changes that do not stand have no effect; the turn's reason counts them and says why.
    """
    rows = [findings[option].model_dump() for option in sorted(findings)]
    prompt = render(
        "judge.review",
        **_material(agent, item, text),
        verdicts=inert("\n".join(json.dumps(row, ensure_ascii=False) for row in rows)),
        reference=inert(item.case.case.recommendations or "(none is given)"),
        guidance=inert(guidance(item.case)),
    )
    found = await exchange(agent, opening(prompt), parse_review, call, TRIAL, REPAIR_PROMPT)
    if found.value is None:
        return _turn(agent, found, found.calls), None
    changed, dropped = accept(found.value, findings, text)
    many = f"{len(dropped)} override{'s' * (len(dropped) > 1)} dropped: {'; '.join(dropped)}"
    return _turn(agent, found, found.calls, Outcome.OK, many if dropped else ""), changed


def guidance(case: Case) -> str:
    """How a case's options hang together, and their sources; no score and no reason is in it."""
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
    """Actions that agree with verdicts, numbered from 1.

    Matches of options that are not matched go; an action left without any counts as off-rubric, by
    its own score. A matched option that no action claims gets one, made of its evidence.
    """
    matched = {verdict.option: verdict for verdict in verdicts if verdict.verdict != "none"}
    kept = [(a, tuple(o for o in sorted(set(a.matches)) if o in matched)) for a in actions]
    claimed = {option for _, matches in kept for option in matches}
    categories = {option.id: option.category for option in item.case.options}
    made = [
        (JudgedAction(0, _words(matched[o].evidence), categories[o], (o,), UNCERTAIN), (o,))
        for o in sorted(matched)
        if o not in claimed
    ]
    return tuple(
        JudgedAction(number, a.action, a.category, matches, a.score, a.rationale)
        for number, (a, matches) in enumerate([*kept, *made], 1)
    )


def _material(agent: Agent, item: Item, text: str) -> dict[str, str]:
    """What both stages read; options by id, so that their order in a file changes nothing."""
    menu = sorted(item.public.menu, key=lambda option: option.number)
    return {
        "instructions": agent.spec.instructions,
        "presentation": inert(item.presentation),
        "options": inert(render_menu(menu)),
        "answer": inert(text),
    }


def _turn(
    agent: Agent,
    found: Exchange[T],
    calls: tuple[Call, ...],
    outcome: Outcome | None = None,
    reason: str = "",
) -> Turn:
    return Turn(
        seat=agent.seat,
        role=agent.role,
        model=agent.spec.model,
        outcome=outcome or found.outcome,
        reason=reason if outcome else found.reason,
        grades=(),
        calls=calls,
    )


def _known(item: Item) -> list[int]:
    return sorted(option.id for option in item.case.options)


def _verdict(finding: Finding) -> OptionVerdict:
    evidence = "" if finding.verdict == "none" else finding.evidence
    return OptionVerdict(finding.option, finding.verdict, evidence)


def _told(troubles: Mapping[int, str]) -> str:
    """Troubles in a line, the options of each kind together."""
    kinds: dict[str, list[int]] = {}
    for option, trouble in troubles.items():
        kinds.setdefault(trouble, []).append(option)
    return "; ".join(f"option {_listed(options)}: {kind}" for kind, options in kinds.items())


def _listed(options: Iterable[int]) -> str:
    return ", ".join(map(str, options))


def _words(evidence: str) -> str:
    return " ".join(evidence.split()[:WORDS])
