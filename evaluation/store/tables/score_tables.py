"""The tables of scored answers: verdicts, harms and scores."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from primum.agents.turns.transcript import VERDICTS
from primum.evaluation.columns import (
    KEY,
    DefinitionName,
    EnsembleName,
    ItemId,
    Kind,
    MetricName,
    OptionId,
    Severity,
    Simulated,
    Trial,
)
from primum.evaluation.metrics.judge_scores import judge_scores
from primum.evaluation.metrics.registry import column_names
from primum.evaluation.metrics.score_table import Scored
from primum.evaluation.scoring.answer_key import SEVERITIES
from primum.evaluation.store.tables.answer_tables import ScoredAnswers
from primum.evaluation.store.tables.table import Columns, Row, Table

Arrays = dict[str, NDArray[Any]]


class VerdictRow(TypedDict):
    """One option of one scored answer."""

    ensemble: Annotated[EnsembleName, KEY]
    item: Annotated[ItemId, KEY]
    trial: Annotated[Trial, KEY]
    option_id: Annotated[OptionId, KEY]
    verdict: Annotated[str, "full, partial or none"]
    evidence: Annotated[str | None, "the passage of the plan behind it; null for menus"]
    simulated: Simulated


class HarmRow(TypedDict):
    """One harm of one scored answer."""

    ensemble: Annotated[EnsembleName, KEY]
    item: Annotated[ItemId, KEY]
    trial: Annotated[Trial, KEY]
    option_id: Annotated[int | None, KEY, "the option's number; null for an action off the rubric"]
    action: Annotated[int | None, KEY, "the number of a harmful action off the rubric; else null"]
    kind: Kind
    severity: Severity
    simulated: Simulated


class ScoreRow(TypedDict):
    """One metric of one scored answer; undefined values have no row."""

    ensemble: Annotated[EnsembleName, KEY]
    item: Annotated[ItemId, KEY]
    trial: Annotated[Trial, KEY]
    definition: Annotated[DefinitionName, KEY]
    metric: Annotated[MetricName, KEY]
    value: Annotated[float, "value of the metric"]
    simulated: Simulated


class JudgeScoreRow(TypedDict):
    """One metric of one plan by a single judge of a panel, or by the panel without one."""

    ensemble: Annotated[EnsembleName, KEY]
    item: Annotated[ItemId, KEY]
    trial: Annotated[Trial, KEY]
    judges: Annotated[str, KEY, "a judge's label, or 'without' and the label of the excluded judge"]
    metric: Annotated[MetricName, KEY]
    value: Annotated[float, "value of the metric (July 2026)"]
    simulated: Simulated


def _verdicts(source: ScoredAnswers) -> Columns:
    def of(scored: Scored) -> Arrays:
        row, column = np.indices(scored.batch.verdicts.shape).reshape(2, -1)
        return {
            **_answer(source, scored, row),
            "option_id": scored.batch.key.ids[column],
            "verdict": np.array(VERDICTS, dtype=object)[scored.batch.verdicts.ravel()],
            "evidence": _evidence(scored).ravel(),
        }

    return _joined([of(scored) for scored in source.scored])


def _harms(source: ScoredAnswers) -> Columns:
    return _joined([part for scored in source.scored for part in _harms_of(source, scored)])


def _harms_of(source: ScoredAnswers, scored: Scored) -> Iterator[Arrays]:
    harms, ids = scored.harms, scored.batch.key.ids
    for kind, table in (("omission", harms.omission), ("commission", harms.commission)):
        row, column = np.nonzero(table)
        yield {
            **_answer(source, scored, row),
            "option_id": ids[column],
            "action": _all(None, len(row)),
            "kind": _all(kind, len(row)),
            "severity": np.array(SEVERITIES, dtype=object)[table[row, column]],
        }
    owner = scored.batch.owner
    (at,) = np.nonzero(harms.off_rubric)
    row = owner[at]
    yield {
        **_answer(source, scored, row),
        "option_id": _all(None, len(at)),
        # actions stand answer by answer
        "action": (at - np.searchsorted(owner, row) + 1).astype(object),
        "kind": _all("commission", len(at)),
        "severity": np.array(SEVERITIES, dtype=object)[harms.off_rubric[at]],
    }


def _scores(source: ScoredAnswers) -> Columns:
    def of(scored: Scored) -> Arrays:
        row, column = np.nonzero(~np.isnan(scored.values))
        names = np.array(column_names(), dtype=object)[column]
        return {
            **_answer(source, scored, row),
            "definition": names[:, 0],
            "metric": names[:, 1],
            "value": scored.values[row, column],
        }

    return _joined([of(scored) for scored in source.scored])


def _judge_scores(source: ScoredAnswers) -> Iterator[Row]:
    simulated = source.study.simulated_names
    for row in judge_scores(source.scored):
        yield {**row._asdict(), "simulated": row.ensemble in simulated}


def _answer(source: ScoredAnswers, scored: Scored, row: NDArray[Any]) -> Arrays:
    """The columns that identify the answer of each row, and whether it is simulated."""
    answers, simulated = scored.answers, source.study.simulated_names
    return {
        "ensemble": np.array([a.ensemble for a in answers], dtype=object)[row],
        "item": np.array([a.item for a in answers], dtype=object)[row],
        "trial": np.array([a.trial for a in answers])[row],
        "simulated": np.array([a.ensemble in simulated for a in answers])[row],
    }


def _evidence(scored: Scored) -> NDArray[np.object_]:
    """The evidence of each verdict, shape (answers, options); None for menus."""
    found = np.full(scored.batch.verdicts.shape, None, dtype=object)
    index = scored.batch.key.index
    for row, answer in enumerate(scored.answers):
        for verdict in answer.judgement.verdicts if answer.judgement else ():
            found[row, index[verdict.option]] = verdict.evidence
    return found


def _all(value: str | None, number: int) -> NDArray[Any]:
    return np.full(number, value, dtype=object)


def _joined(parts: Sequence[Arrays]) -> Columns:
    """Arrays of the same columns, one after the other."""
    names = list(parts[0]) if parts else []
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


SCORE_TABLES = (
    Table("verdicts", VerdictRow, ScoredAnswers, _verdicts),
    Table("harms", HarmRow, ScoredAnswers, _harms),
    Table("scores", ScoreRow, ScoredAnswers, _scores),
    Table("judge_scores", JudgeScoreRow, ScoredAnswers, _judge_scores),
)
