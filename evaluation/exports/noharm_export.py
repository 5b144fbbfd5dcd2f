"""Exports a stored study as files of the NOHARM kit: answers and judged records."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from primum.agents.models.outcomes import Outcome
from primum.agents.studies.study import Study
from primum.agents.topologies.ensemble import Kind
from primum.cases.model import Suite
from primum.core.errors import UsageError
from primum.evaluation.exports.noharm_kit import (
    SIMULATED_JUDGED,
    Judged,
    JudgedOption,
    PublishedAnswer,
    ResponseAction,
    rescore,
    usage_of,
)
from primum.evaluation.scoring.answer_key import SEVERITIES, SEVERITY
from primum.evaluation.store.query import snapshot

AnswerId = tuple[str, int]


def answers_of(store: Path, study: Study, suite: Suite, ensemble: str) -> list[PublishedAnswer]:
    """The texts of an ensemble's usable answers, in the suite's order."""
    sql = """select item, trial, coalesce(text, ''), degraded from answers
             where study = ? and ensemble = ?
             and (outcome = ? and text is not null or outcome = ? and ?)"""
    from_file = any(spec.kind is Kind.IMPORTED for spec in study.ensembles)
    rows = _rows(store, sql, study, ensemble, Outcome.OK, Outcome.EMPTY, from_file)
    found = _ordered({(t, n): (text, degraded) for t, n, text, degraded in rows}, suite)
    simulated = ensemble in study.simulated_names
    answers = []
    for (item, trial), (text, degraded) in found:
        answer = PublishedAnswer(id=item, trial=trial, response=text)
        usage = usage_of(simulated=simulated, degraded=degraded)
        answers.append(answer.model_copy(update={"usage": usage}) if usage else answer)
    return answers


def judged_of(store: Path, study: Study, suite: Suite, ensemble: str) -> list[Judged]:
    """The judged records of an ensemble's answers that have verdicts."""
    verdicts: dict[AnswerId, list[JudgedOption]] = defaultdict(list)
    sql = """select item, trial, option_id, verdict, evidence from verdicts
             where study = ? and ensemble = ?"""
    for item, trial, option, verdict, evidence in _rows(store, sql, study, ensemble):
        matched, partial = verdict != "none", verdict == "partial"
        judged = JudgedOption(id=option, matched=matched, partial=partial, evidence=evidence or "")
        verdicts[item, trial].append(judged)
    actions, harms = _actions(store, study, ensemble), _harms(store, study, ensemble)
    sql = """select item, trial, options, text, degraded from answers
             where study = ? and ensemble = ?"""
    given = {(t, n): rest for t, n, *rest in _rows(store, sql, study, ensemble)}
    items = {item.id: item for item in suite.items()}
    records = []
    for answer, judged in _ordered(verdicts, suite):
        options, text, degraded = given[answer]
        order = [option.id for option in items[answer[0]].case.options]
        drawn = actions[answer] or _graded(options or (), items[answer[0]].case.options)
        off = [action.score for action in drawn if not action.match]
        record = Judged(
            id=answer[0],
            trial=answer[1],
            judge=study.matcher + (SIMULATED_JUDGED if ensemble in study.simulated_names else ""),
            options=tuple(sorted(judged, key=lambda option: order.index(option.id))),
            response_actions=tuple(drawn),
            harm=harms[answer],
            nonrubric_harms=[{"score": s, "severity": _severity(s)} for s in off],
            response_len=len(text or "") if options is None else 0,
        )
        metrics = rescore([record], suite)[0].metrics
        named: dict[str, Any] = {k: None if v != v else v for k, v in metrics.items()}  # noqa: PLR0124
        named["response_len"] = record.response_len
        if degraded:
            named["degraded"] = degraded
        records.append(record.model_copy(update={"metrics": named}))
    return records


def require_ensemble(study: Study, name: str | None) -> list[str]:
    """The names of the ensembles to export: the given one, or all but the controls.

    Raises:
        UsageError: no ensemble of the study has that name.
    """
    names = [spec.name for spec in study.ensembles]
    if name is None:
        return [spec.name for spec in study.ensembles if spec.kind is not Kind.CONTROL]
    if name not in names:
        raise UsageError(f"--ensemble {name}: no such ensemble; there are {', '.join(names)}")
    return [name]


def _rows(
    store: Path, sql: str, study: Study, ensemble: str, *more: object
) -> Iterator[tuple[Any, ...]]:
    with snapshot(store) as connection:
        yield from connection.execute(sql, [study.id, ensemble, *more]).fetchall()


def _actions(store: Path, study: Study, ensemble: str) -> dict[AnswerId, list[ResponseAction]]:
    sql = """select item, trial, number, action, category, matches, score from actions
             where study = ? and ensemble = ? order by all"""
    found: dict[AnswerId, list[ResponseAction]] = defaultdict(list)
    for item, trial, number, action, category, matches, score in _rows(store, sql, study, ensemble):
        found[item, trial].append(
            ResponseAction(
                number=number,
                action=action,
                category=category,
                match=",".join(str(option) for option in matches),
                score=0 if matches else score,  # as published: its options score it
            )
        )
    return found


def _graded(recommended: Any, options: Any) -> list[ResponseAction]:
    """The recommended options of a menu as actions."""
    return [
        ResponseAction(
            number=number,
            action=option.text,
            category=option.category,
            match=f"{option.id}",
            score=0,
        )
        for number, option in enumerate((o for o in options if o.id in set(recommended)), 1)
    ]


def _harms(store: Path, study: Study, ensemble: str) -> dict[AnswerId, list[Any]]:
    sql = """select item, trial, option_id, kind, severity from harms
             where study = ? and ensemble = ? and option_id is not null order by all"""
    found: dict[AnswerId, list[Any]] = defaultdict(list)
    for item, trial, option, kind, severity in _rows(store, sql, study, ensemble):
        found[item, trial].append({"id": option, "type": kind, "severity": severity.capitalize()})
    return found


def _severity(score: int | None) -> str:
    name = SEVERITIES[SEVERITY[score or 0]]
    return "Uncertain" if name == "none" else name.capitalize()


def _ordered(found: dict[AnswerId, Any], suite: Suite) -> list[tuple[AnswerId, Any]]:
    order = {item.id: place for place, item in enumerate(suite.items())}
    return sorted(found.items(), key=lambda item: (order[item[0][0]], item[0][1]))
