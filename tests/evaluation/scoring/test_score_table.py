"""The score book: which answers count, where their figures go, and how many rows they make."""

from collections.abc import Sequence

import numpy as np
import pytest

from primum.agents.models.outcomes import Outcome
from primum.agents.turns.transcript import Answer
from primum.cases.model import Suite
from primum.evaluation.metrics.july_2026 import JULY_2026
from primum.evaluation.metrics.june_2026 import JUNE_2026
from primum.evaluation.metrics.record import Findings
from primum.evaluation.metrics.registry import column_names, values_of
from primum.evaluation.metrics.score_table import ScoreBook, is_scored
from primum.evaluation.metrics.version_1 import VERSION_1
from primum.evaluation.scoring.answer_key import Key
from primum.evaluation.scoring.verdict_batch import match_menu

OPTIONS = 7  # of each case of tiny_suite
IS_SCORED = {
    Outcome.OK: True,
    Outcome.REFUSAL: True,
    Outcome.EMPTY: True,
    Outcome.INVALID: True,
    Outcome.FILTERED: False,
    Outcome.TRUNCATED: False,
    Outcome.PROMPT_TRUNCATED: False,
    Outcome.TIMEOUT: False,
    Outcome.PROVIDER_ERROR: False,
}


def answer(
    item: str,
    recommended: Sequence[int] | None,
    outcome: Outcome = Outcome.OK,
    name: str = "a",
    trial: int = 1,
) -> Answer:
    given = None if recommended is None else tuple(recommended)
    return Answer(name, item, trial, outcome, "", given)


@pytest.mark.parametrize("outcome", Outcome)
def test_answers_and_own_doing_are_scored_and_no_other_failure_is(
    outcome: Outcome, tiny_suite: Suite
) -> None:
    given = answer("CardTiny1", (2,) if outcome is Outcome.OK else None, outcome)
    assert is_scored(given) == IS_SCORED[outcome]
    book = ScoreBook(tiny_suite, ("a",), 1)
    assert len(book.add([given])) == IS_SCORED[outcome]
    assert np.isnan(book.cube[0, 0, 0]).all() != IS_SCORED[outcome]
    assert book.answered[0, 0, 0] == (outcome is Outcome.OK)
    wanted = [-1] * OPTIONS
    if IS_SCORED[outcome]:
        wanted = [0, int(outcome is Outcome.OK), 0, 0, 0, 0, 0]
    assert book.matched[0, 0, 0].tolist() == wanted


@pytest.mark.parametrize("outcome", [o for o in Outcome if IS_SCORED[o] and o is not Outcome.OK])
def test_own_doing_has_the_scores_of_recommending_nothing(
    outcome: Outcome, tiny_suite: Suite
) -> None:
    book = ScoreBook(tiny_suite, ("a", "b"), 1)
    book.add([answer("EndoTiny1", None, outcome), answer("EndoTiny1", (), name="b")])
    np.testing.assert_array_equal(book.cube[0], book.cube[1])
    severe = column_names().index((JULY_2026.name, "Severe_rate"))
    assert book.cube[0, 2, 0, severe] == 1


def test_an_answers_figures_are_those_of_the_three_definitions(tiny_suite: Suite) -> None:
    recommended = (2, 3, 6, 7)
    book = ScoreBook(tiny_suite, ("a",), 1)
    book.add([answer("CardTiny1-0", recommended)])
    batch = match_menu(Key(tiny_suite.cases[0]), [recommended])
    wanted = {
        JULY_2026.name: values_of(JULY_2026, Findings(batch)),
        VERSION_1.name: values_of(VERSION_1, Findings(batch)),
        JUNE_2026.name: values_of(JUNE_2026, Findings(batch)),
    }
    assert {(d, name) for d in wanted for name in wanted[d]} == set(column_names())
    assert len(set(column_names())) == len(column_names())
    for (definition, name), value in zip(column_names(), book.cube[0, 1, 0], strict=True):
        assert value == pytest.approx(wanted[definition][name][0], nan_ok=True), name


def test_each_answer_has_a_place_of_its_own_however_it_comes_in(tiny_suite: Suite) -> None:
    items = [item.id for item in tiny_suite.items()]
    assert items == ["CardTiny1", "CardTiny1-0", "EndoTiny1"]
    given = [
        answer(item, [n + 1 for n in range(OPTIONS) if (place >> n) & 1], name=name, trial=trial)
        for place, (name, item, trial) in enumerate(
            (name, item, trial) for name in "ab" for item in items for trial in (1, 2)
        )
    ]
    together, apart = (ScoreBook(tiny_suite, ("a", "b"), 2) for _ in range(2))
    assert len(together.add(given)) == 2  # a batch for each case, the variant with its base case
    for one in reversed(given):
        apart.add([one])
    np.testing.assert_array_equal(together.cube, apart.cube)
    places = (together.matched @ (1 << np.arange(OPTIONS))).ravel()
    assert places.tolist() == list(range(len(given)))
    assert together.answered.all()


def test_a_narrow_case_leaves_the_columns_of_a_wide_one_unmarked(tiny_suite: Suite) -> None:
    wide, case = tiny_suite.cases
    narrow = case.model_copy(update={"options": case.options[:2]})
    book = ScoreBook(tiny_suite.model_copy(update={"cases": (wide, narrow)}), ("a",), 1)
    book.add([answer("EndoTiny1", (2,))])
    assert book.matched[0, 2, 0].tolist() == [0, 1, -1, -1, -1, -1, -1]
