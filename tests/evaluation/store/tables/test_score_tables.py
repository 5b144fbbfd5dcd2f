"""The tables of verdicts, harms and scores: which rows scored answers have in them."""

from collections.abc import Sequence

import numpy as np

from primum.agents.models.outcomes import Outcome
from primum.agents.studies.study import Study
from primum.agents.turns.transcript import Answer
from primum.cases.model import Suite
from primum.evaluation.metrics.score_table import ScoreBook
from primum.evaluation.store.schema import batch_of
from primum.evaluation.store.tables.answer_tables import ScoredAnswers

OPTIONS = 7  # of each case of tiny_suite


def answer(
    item: str, recommended: Sequence[int] | None, outcome: Outcome = Outcome.OK, name: str = "a"
) -> Answer:
    given = None if recommended is None else tuple(recommended)
    return Answer(name, item, 1, outcome, "", given)


def test_rows_are_one_an_option_one_a_harm_and_one_a_defined_metric(
    tiny_suite: Suite, study: Study
) -> None:
    given = [
        answer("CardTiny1", ()),  # 2 and the group of 3 and 4 left out: each member is a row
        answer("CardTiny1-0", (1, 2, 3)),  # 1 done, 5 left out
        answer("EndoTiny1", None, Outcome.REFUSAL),  # as nothing
        answer("EndoTiny1", None, Outcome.TIMEOUT, name="b"),
    ]
    book = ScoreBook(tiny_suite, ("a", "b"), 1)
    rows = batch_of(ScoredAnswers(study, given, book.add(given)))
    assert len(rows["verdicts"]["verdict"]) == 3 * OPTIONS
    assert list(rows["verdicts"]["verdict"]).count("full") == 3
    harms = zip(
        *(rows["harms"][name] for name in ("item", "option_id", "kind", "severity")), strict=True
    )
    nothing = [(2, "omission", "severe"), (3, "omission", "moderate"), (4, "omission", "moderate")]
    assert sorted(harms) == [
        *(("CardTiny1", *harm) for harm in nothing),
        ("CardTiny1-0", 1, "commission", "severe"),
        ("CardTiny1-0", 5, "omission", "mild"),
        *(("EndoTiny1", *harm) for harm in nothing),
    ]
    assert len(rows["scores"]["value"]) == (~np.isnan(book.cube)).sum()
    assert not np.isnan(np.asarray(rows["scores"]["value"], dtype=float)).any()
    assert set(rows["scores"]["ensemble"]) == {"a"}


def test_rows_of_nothing_are_none(tiny_suite: Suite, study: Study) -> None:
    book = ScoreBook(tiny_suite, ("a",), 1)
    found = book.add([answer("EndoTiny1", None, Outcome.TIMEOUT)])
    assert all(
        not len(values)
        for table in batch_of(ScoredAnswers(study, (), found)).values()
        for values in table.values()
    )
