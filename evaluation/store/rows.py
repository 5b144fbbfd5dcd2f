"""Records into the columns of the store's tables."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from primum.agents.roles.transcript import VERDICTS, Answer, Call, Turn
from primum.agents.specs.ensemble import EnsembleSpec
from primum.agents.studies.study import Study
from primum.cases.model import Suite
from primum.evaluation.analysis.analyse import Figures
from primum.evaluation.analysis.attribution.attribution import Attribution
from primum.evaluation.judge_validation.leave_one_out import judge_rows
from primum.evaluation.scoring.answer_key import SEVERITIES
from primum.evaluation.scoring.score_table import COLUMNS, Scored, is_scored
from primum.evaluation.statistics.estimates import Estimate
from primum.evaluation.statistics.paired_differences import Comparison
from primum.evaluation.store.analysis_tables import ANALYSIS_TABLES
from primum.evaluation.store.database import Batch, Columns
from primum.evaluation.store.schema import TABLES

JUDGING = frozenset({"matcher", "reviewer"})
FIGURES = tuple(table for table in ANALYSIS_TABLES if table != "attributions")


def manifest_rows(study: Study, suite: Suite, started: datetime, *, complete: bool) -> Batch:
    """studies, items, options, ensembles and agents of a study; `started` is in UTC."""
    edits = {variant.id: variant.metadata.category for variant in suite.variants}
    return {
        "studies": columns("studies", [study_row(study, started, complete=complete)]),
        "items": columns(
            "items",
            [
                (t.id, t.case.id, t.case.specialty, edits.get(t.id), t.presentation)
                for t in suite.items()
            ],
        ),
        "options": columns(
            "options",
            [
                (c.id, o.id, o.text, o.category, o.score, o.alternative, o.reason, o.guideline)
                for c in suite.cases
                for o in c.options
            ],
        ),
        "ensembles": columns(
            "ensembles",
            [
                (
                    *(e.name, e.graph, list(e.members), study.rests_on_simulation(e)),
                    list(study.judged_by_own_family(e)),
                )
                for e in study.ensembles
            ],
        ),
        "agents": columns("agents", [row for e in study.ensembles for row in _agents(study, e)]),
    }


def study_row(study: Study, started: datetime, *, complete: bool) -> tuple[Any, ...]:
    """The row of a study, whose latest run started when `started` says (UTC)."""
    return (
        study.suite.name,
        study.protocol.name,
        study.protocol.form,
        study.matcher,
        list(study.weights),
        study.trials,
        study.seed,
        study.simulated,
        study.suite.synthetic,
        study.suite.warning,
        study.suite.licence,
        study.suite.citation,
        complete,
        started.replace(tzinfo=None),
        study.version,
        json.dumps(study.model_dump(mode="json")),
    )


def answer_rows(study: Study, answers: Sequence[Answer], found: Sequence[Scored]) -> Batch:
    """Everything about some answers; a call that several rest on is there once."""
    simulated = study.simulated_names
    turns = [(answer, turn) for answer in answers for turn in _turns(answer)]
    calls = {call.key: (call, turn.role in JUDGING) for _, turn in turns for call in turn.calls}
    return {
        "calls": columns(
            "calls", [_call(study, call, judging=judging) for call, judging in calls.values()]
        ),
        "turns": columns(
            "turns",
            [
                (
                    *(a.ensemble, a.item, a.trial, t.seat, t.role, t.about, t.round),
                    *(t.outcome, t.reason),
                    [call.key for call in t.calls],
                    *(t.text, a.ensemble in simulated),
                )
                for a, t in turns
            ],
        ),
        "answers": columns(
            "answers",
            [
                (
                    *(a.ensemble, a.item, a.trial, a.outcome, a.reason, a.degraded, a.seconds),
                    is_scored(a),
                    a.judgement.reason if a.judgement and a.unjudged else None,
                    None if a.recommended is None else list(a.recommended),
                    a.text or None,
                    a.ensemble in simulated,
                )
                for a in answers
            ],
        ),
        "actions": columns("actions", [row for a in answers for row in _actions(a, simulated)]),
        **scored_rows(found, simulated),
        "judge_scores": columns(
            "judge_scores", [(*row, row[0] in simulated) for row in judge_rows(found)]
        ),
    }


def scored_rows(found: Sequence[Scored], simulated: frozenset[str]) -> Batch:
    """verdicts, harms and scores of scored batches, as arrays."""
    parts: dict[str, list[tuple[Any, ...]]] = {"verdicts": [], "harms": [], "scores": []}
    for scored in found:
        ids = scored.batch.key.ids
        row, column = np.indices(scored.batch.verdicts.shape).reshape(2, -1)
        verdicts = np.array(VERDICTS, dtype=object)[scored.batch.verdicts.ravel()]
        evidence = _evidence(scored).ravel()
        parts["verdicts"].append(
            (*_of(scored, row), ids[column], verdicts, evidence, _marks(scored, row, simulated))
        )
        for kind, table in (
            ("omission", scored.harms.omission),
            ("commission", scored.harms.commission),
        ):
            row, column = np.nonzero(table)
            severity = np.array(SEVERITIES, dtype=object)[table[row, column]]
            kinds = np.full(len(row), kind, dtype=object)
            nothing = np.full(len(row), None, dtype=object)
            marks = _marks(scored, row, simulated)
            parts["harms"].append((*_of(scored, row), ids[column], nothing, kinds, severity, marks))
        parts["harms"].append(_off_rubric(scored, simulated))
        row, column = np.nonzero(~np.isnan(scored.values))
        names = np.array(COLUMNS, dtype=object)[column]
        parts["scores"].append(
            (
                *(*_of(scored, row), names[:, 0], names[:, 1], scored.values[row, column]),
                _marks(scored, row, simulated),
            )
        )
    return {
        table: named(table, [np.concatenate(pieces) for pieces in zip(*given, strict=True)])
        for table, given in parts.items()
    }


def attribution_rows(study: Study, found: Iterable[Attribution]) -> Columns:
    """Attributions of some answers."""
    simulated = study.simulated_names
    return columns(
        "attributions",
        [
            tuple(
                list(v) if isinstance(v, tuple) else v
                for v in (*astuple(a), a.ensemble in simulated)
            )
            for a in found
        ],
    )


def figure_rows(
    study: Study,
    estimates: Iterable[Estimate],
    comparisons: Iterable[Comparison],
    figures: Figures,
    cautions: Sequence[str] = (),
) -> Batch:
    """Summaries, comparisons, analyses and what is to be said of them.

    What is not of one ensemble alone rests on simulation where any of the study's does.
    """
    simulated = study.simulated_names
    whole = study.simulated
    return {
        "cautions": columns("cautions", [(caution,) for caution in cautions]),
        **{
            table: columns(
                table,
                [
                    (*astuple(r), r.ensemble in simulated if hasattr(r, "ensemble") else whole)
                    for r in records
                ],
            )
            for table, records in figures.items()
        },
        "summaries": columns(
            "summaries", [(*astuple(e), e.ensemble in simulated) for e in estimates]
        ),
        "comparisons": columns(
            "comparisons",
            [
                (*astuple(c), bool({c.ensemble, *c.other.split(", ")} & simulated))
                for c in comparisons
            ],
        ),
    }


def columns(table: str, rows: Sequence[tuple[Any, ...]]) -> Columns:
    """Rows as the named columns of a table."""
    return named(table, list(zip(*rows, strict=True)))


def named(table: str, values: Sequence[Any]) -> Columns:
    """Columns of a table by name; nothing where there are no rows."""
    names = [column.name for column in TABLES[table].columns[1:]]
    return dict(zip(names, values, strict=True)) if values else {}


def _turns(answer: Answer) -> tuple[Turn, ...]:
    return answer.turns + (answer.judgement.said if answer.judgement else ())


def _actions(answer: Answer, simulated: frozenset[str]) -> Iterable[tuple[Any, ...]]:
    for number, action in enumerate(answer.judgement.actions if answer.judgement else (), 1):
        yield (
            *(answer.ensemble, answer.item, answer.trial, number, action.action, action.category),
            *(list(action.matches), action.score, answer.ensemble in simulated),
        )


def _evidence(scored: Scored) -> NDArray[np.object_]:
    """The words that each verdict rests on, shape (answers, options); None for menus."""
    found = np.full(scored.batch.verdicts.shape, None, dtype=object)
    index = scored.batch.key.index
    for row, answer in enumerate(scored.answers):
        for verdict in answer.judgement.verdicts if answer.judgement else ():
            found[row, index[verdict.option]] = verdict.evidence
    return found


def _off_rubric(scored: Scored, simulated: frozenset[str]) -> tuple[Any, ...]:
    """The harms that actions off the rubric do, as columns of the table of harms."""
    owner = scored.batch.owner
    (at,) = np.nonzero(scored.harms.off_rubric)
    row = owner[at]
    number = at - np.searchsorted(owner, row) + 1  # actions stand answer by answer
    severity = np.array(SEVERITIES, dtype=object)[scored.harms.off_rubric[at]]
    kind = np.full(len(at), "commission", dtype=object)
    nothing = np.full(len(at), None, dtype=object)
    marks = _marks(scored, row, simulated)
    return (*_of(scored, row), nothing, number.astype(object), kind, severity, marks)


def _of(scored: Scored, row: Any) -> tuple[Any, Any, Any]:
    answers = scored.answers
    return (
        np.array([a.ensemble for a in answers], dtype=object)[row],
        np.array([a.item for a in answers], dtype=object)[row],
        np.array([a.trial for a in answers])[row],
    )


def _marks(scored: Scored, row: Any, simulated: frozenset[str]) -> Any:
    return np.array([answer.ensemble in simulated for answer in scored.answers])[row]


def _agents(study: Study, ensemble: EnsembleSpec) -> Iterable[tuple[Any, ...]]:
    for seat, role, agent in ensemble.seats:
        model = study.models[agent.model]
        yield (
            *(ensemble.name, seat, role, agent.model, model.id),
            *(model.family, model.access, model.simulated),
        )


def _call(study: Study, call: Call, *, judging: bool) -> tuple[Any, ...]:
    reply = call.reply
    return (
        *(call.key, call.model, reply.returned_model, reply.outcome),
        *(reply.input_tokens, reply.output_tokens, reply.cost, reply.seconds, reply.attempts),
        not judging and study.models[call.model].simulated,
    )
