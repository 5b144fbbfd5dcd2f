"""Loads a study's scores from the store into a score book."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from primum.agents.studies.study import Study
from primum.cases.model import Suite
from primum.cases.part import take
from primum.core.errors import DataError
from primum.evaluation.metrics.registry import column_names
from primum.evaluation.metrics.score_table import ScoreBook
from primum.evaluation.store.counts.outcome_counts import ANSWERED, JUDGED
from primum.evaluation.store.query import snapshot

OF = "where study = ? and list_contains(?, ensemble)"
SCORES = f"select ensemble, item, trial, definition, metric, value from scores {OF}"
ANSWERS_SCORED = f"""
select ensemble, item, trial from answers {OF} and {ANSWERED} and scored
"""
NOT_JUDGED = f"select count(*) from answers {OF} and {ANSWERED} and not {JUDGED}"
OUTCOMES = f"select outcome, count(*) from answers {OF} group by all order by 2 desc, 1"
VERDICTS = f"""
select ensemble, item, trial, option_id, verdict <> 'none' from verdicts {OF}
"""


def load_book(store: Path, study: Study, suite: Suite, names: Sequence[str]) -> ScoreBook:
    """A score book of some ensembles of a study.

    Args:
        store: the DuckDB file.
        study: the study.
        suite: its cases.
        names: of the ensembles.

    Raises:
        DataError: there is no store, or an ensemble has no scores in it; the message says why.
    """
    given = [study.id, list(names)]
    with snapshot(store) as connection:
        scores, answered, verdicts = (
            connection.execute(sql, given).fetchall() for sql in (SCORES, ANSWERS_SCORED, VERDICTS)
        )
    for name in names:
        if not any(row[0] == name for row in scores):
            raise DataError(f"{study.id}: {_why_none(store, study, name)}")
    book = ScoreBook(take(suite, study.part), tuple(names), study.trials, study.weights)
    ensembles = {name: row for row, name in enumerate(names)}
    items = {item.id: row for row, item in enumerate(book.items)}
    keys = [book.key(item.case) for item in book.items]

    def place(row: tuple[Any, ...]) -> tuple[int, int, int]:
        return ensembles[row[0]], items[row[1]], row[2] - 1

    column = {names: at for at, names in enumerate(column_names())}
    for row in scores:
        if (at_metric := column.get((row[3], row[4]))) is not None:
            book.cube[(*place(row), at_metric)] = row[5]
    for row in answered:
        book.answered[place(row)] = True
    for row in verdicts:
        at = place(row)
        key = keys[at[1]]
        if book.matched[at][0] < 0:
            book.matched[at][: len(key.ids)] = 0
        book.matched[(*at, key.index[row[3]])] = row[4]
    return book


def _why_none(store: Path, study: Study, name: str) -> str:
    given = [study.id, [name]]
    with snapshot(store) as connection:
        ((unjudged,),) = connection.execute(NOT_JUDGED, given).fetchall()
        outcomes = connection.execute(OUTCOMES, given).fetchall()
    if unjudged:
        command = f"primum rescore {study.id} --matcher NAME"
        return (
            f"none of {name}'s answers was judged, and none has a score; "
            f"`{command}` judges them again"
        )
    if outcomes:
        became = ", ".join(f"{number} {outcome}" for outcome, number in outcomes)
        return f"none of {name}'s answers has a score ({became}); there is no figure to compare"
    return f"no answer of {name} in {store}; `primum resume {study.id}` continues the study"
