"""Majorities of independent drafts, against every outcome counted one by one."""

from collections.abc import Callable
from itertools import product
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.agents.models.outcomes import Outcome
from primum.agents.turns.transcript import Answer, Judgement, OptionVerdict
from primum.cases.model import Suite, SuiteInfo
from primum.evaluation.analysis.attribution.possible_harms import PossibleHarms
from primum.evaluation.analysis.diversity.independent_majority import (
    TIERS,
    harm_chances,
    independent_majorities,
    more_than_half,
    tiers,
)
from primum.evaluation.metrics.score_table import ScoreBook
from primum.evaluation.scoring.answer_key import Key
from primum.evaluation.scoring.harms import find_harms
from primum.evaluation.scoring.verdict_batch import match_menu

Make = Callable[..., Any]


@given(rates=st.lists(st.floats(0, 1), min_size=1, max_size=6), ties=st.booleans())
def test_a_majority_is_that_of_every_outcome(rates: list[float], *, ties: bool) -> None:
    chance = 0.0
    for outcome in product((0, 1), repeat=len(rates)):
        votes = 2 * sum(outcome)
        if votes > len(rates) or (ties and votes == len(rates)):
            parts = (r if yes else 1 - r for r, yes in zip(rates, outcome, strict=True))
            chance += prod(parts)
    found = more_than_half(np.array(rates)[:, None], ties=ties)
    assert found[0] == pytest.approx(chance)


def test_chances_of_harm_are_those_of_every_answer(rubric: Make) -> None:
    # 4 depends on 6, which is no possible_harm of its own: all options stay independent of one another.
    scores = {1: 1, 2: 9, 3: 8, 4: 8, 5: 7, 6: 5, 7: 2, 8: 8}
    key = Key(rubric(scores, groups={"B or C": (3, 8)}, needs={4: (6,)}))
    taken = np.random.default_rng(3).random((2, TIERS))
    wanted = np.zeros((2, 3))
    for outcome in product((False, True), repeat=len(scores)):
        rates = taken[:, tiers(key)]
        chance = np.where(outcome, rates, 1 - rates).prod(axis=1)
        batch = match_menu(key, [[n for n, yes in zip(scores, outcome, strict=True) if yes]])
        worst = find_harms(batch).worst(batch)[0]
        wanted += chance[:, None] * (worst >= np.array([3, 2, 1]))
    assert harm_chances(PossibleHarms(key), taken) == pytest.approx(wanted)


def test_rates_are_those_of_the_solos_by_score(rubric: Make, team: Make) -> None:
    case = rubric({1: 9, 2: 1}, name="Card1")
    suite = Suite(info=SuiteInfo(name="made"), cases=(case,))
    book = ScoreBook(suite, ("ann", "ben", "cat"), 4)
    # ann leaves 1 out once in four and does 2 twice; ben half and once; cat has no score.
    sheets = {"ann": [(1,), (1, 2), (1, 2), ()], "ben": [(1,), (1,), (), (2,)]}
    for name, sheet in sheets.items():
        for trial, chosen in enumerate(sheet, 1):
            book.add([Answer(name, "Card1", trial, Outcome.OK, "", chosen)])
    three = team("vote", "ann ann ben", rule="majority")
    duo = team("vote", "ann ben", rule={"name": "majority", "tie": "include"})
    relay = team("relay", "ann", guardians="ben")
    silent = team("vote", "ann cat", rule="majority")
    teams = [
        spec.model_copy(update={"name": name})
        for name, spec in (("three", three), ("duo", duo), ("relay", relay), ("silent", silent))
    ]
    found = independent_majorities(book, teams)
    assert set(found) == {"three", "duo"}

    def two_of_three(a: float, b: float) -> float:  # two of ann, ann and ben
        return a * a + 2 * a * (1 - a) * b

    has = two_of_three(3 / 4, 1 / 2), two_of_three(1 / 2, 1 / 4)
    severe = 1 - has[0] * (1 - has[1])
    assert found["three"] == pytest.approx(np.full((1, 3), severe))
    either = 1 - (1 / 4) * (1 / 2), 1 - (1 / 2) * (3 / 4)  # a tie is in: one of two is enough
    assert found["duo"] == pytest.approx(np.full((1, 3), 1 - either[0] * (1 - either[1])))


def test_a_part_is_not_enough_where_a_part_is_a_harm(rubric: Make, team: Make) -> None:
    cases = (rubric({1: 9, 2: 7}, name="Card1"),)
    book = ScoreBook(Suite(info=SuiteInfo(name="made"), cases=cases), ("ann", "ben"), 1)
    halves = tuple(OptionVerdict(n, "partial", "x") for n in (1, 2))
    judged = Judgement("judge:made", Outcome.OK, verdicts=halves)
    for name in ("ann", "ben"):
        book.add([Answer(name, "Card1", 1, Outcome.OK, "", None, (), "x", judged)])
    duo = team("vote", "ann ben", rule="majority")
    # 1 scores 9: met in part it is a severe omission, always; 2 scores 7: a part is enough.
    assert independent_majorities(book, [duo])["team"].tolist() == [[1, 1, 1]]
