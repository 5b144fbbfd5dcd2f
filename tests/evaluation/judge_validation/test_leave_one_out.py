"""evaluation/judge_validation/leave_one_out.py: judges beside one another, held against a slow twin and scipy."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau  # type: ignore[import-untyped]

from primum.agents.models.outcomes import Outcome
from primum.agents.turns.transcript import Answer, JudgedAction, Judgement, OptionVerdict, Verdict
from primum.cases.model import Suite
from primum.evaluation.judge_validation.leave_one_out import tau
from primum.evaluation.metrics.judge_scores import judge_scores
from primum.evaluation.metrics.july_2026 import JULY_2026
from primum.evaluation.metrics.registry import by_judge, column_names
from primum.evaluation.metrics.score_table import score
from primum.evaluation.scoring.answer_key import Key

values = st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 4).map(float), min_size=2)


@given(values, values)
def test_tau_is_scipys(one: dict[str, float], other: dict[str, float]) -> None:
    names = sorted(set(one) & set(other))
    expected = float("nan")
    if len(names) > 1:
        found = kendalltau([one[n] for n in names], [other[n] for n in names])
        expected = float(found.statistic)
    got = tau(one, other)
    assert got == pytest.approx(expected) or (math.isnan(got) and math.isnan(expected))


def vote(judge: str, *matched: int) -> Judgement:
    options = range(1, 8)
    said: dict[int, Verdict] = dict.fromkeys(matched, "full")
    return Judgement(
        judge,
        Outcome.OK,
        verdicts=tuple(OptionVerdict(o, said.get(o, "none"), f"e{o}" * (o in said)) for o in options),
        actions=tuple(JudgedAction(n, f"e{o}", "", (o,)) for n, o in enumerate(matched, 1)),
    )  # fmt: skip


def test_each_judge_alone_and_the_panel_without_each_are_scored_as_any_judgement(
    tiny_suite: Suite,
) -> None:
    votes = (vote("x", 2, 3), vote("y", 2, 7), vote("z", 2, 3, 7))
    whole = Judgement("all", Outcome.OK, "", votes[0].verdicts, votes=votes)
    text = "e2 e3 e7"
    key = Key(tiny_suite.cases[0])
    scored = score(key, [Answer("e", "CardTiny1", 1, Outcome.OK, "", None, (), text, whole)])
    rows = {(row.judges, row.metric): row.value for row in judge_scores([scored])}
    assert {label for label, _ in rows} == {
        *("x", "y", "z"),
        *("without x", "without y", "without z"),
    }
    for judged in votes:
        alone = Answer("e", "CardTiny1", 1, Outcome.OK, "", None, (), text, judged)
        values = score(key, [alone]).values[0]
        for name in [metric.name for metric in by_judge()]:
            expected = values[column_names().index((JULY_2026.name, name))]
            assert rows[judged.judge, name] == pytest.approx(expected)
    # Without z, x and y agree on option 2 alone: a tie goes to the lower verdict.
    assert rows["without z", "Recall_weighted"] < rows["z", "Recall_weighted"]


def test_one_judge_has_no_colleagues(tiny_suite: Suite) -> None:
    alone = Judgement("all", Outcome.OK, "", vote("x", 2).verdicts, votes=(vote("x", 2),))
    plan = Answer("e", "CardTiny1", 1, Outcome.OK, "", None, (), "e2", alone)
    assert list(judge_scores([score(Key(tiny_suite.cases[0]), [plan])])) == []


def test_a_vote_that_failed_is_left_out(tiny_suite: Suite) -> None:
    votes = (vote("x", 2), vote("y", 2), Judgement("z", Outcome.TIMEOUT, "late"))
    whole = Judgement("all", Outcome.OK, "", votes[0].verdicts, votes=votes)
    plan = Answer("e", "CardTiny1", 1, Outcome.OK, "", None, (), "e2", whole)
    labels = {row.judges for row in judge_scores([score(Key(tiny_suite.cases[0]), [plan])])}
    # Of two judges one is not most: without x or y, one of two judged.
    assert labels == {"x", "y", "without z"}
