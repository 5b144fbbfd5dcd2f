"""The fast metrics against the slow twin, and against numbers worked out by hand."""

import math
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from primum.agents.turns.transcript import Verdict
from primum.cases.model import Case
from primum.core.arrays import Floats
from primum.evaluation.metrics.july_2026 import JULY_2026
from primum.evaluation.metrics.june_2026 import JUNE_2026
from primum.evaluation.metrics.record import Findings
from primum.evaluation.metrics.registry import values_of
from primum.evaluation.scoring.answer_key import SEVERITIES, WEIGHTS, Key, Weights
from primum.evaluation.scoring.harms import find_harms
from primum.evaluation.scoring.verdict_batch import Action, Batch, match_actions, match_menu

Judged = tuple[dict[int, Verdict], list[Action], int]
AnyJudged = Callable[[Case], SearchStrategy[Judged]]
SlowOptions = Callable[[Case], list[Any]]


def batch_of(case: Case, answers: list[Judged], weights: Weights = WEIGHTS) -> Batch:
    verdicts, actions, characters = zip(*answers, strict=True)
    return match_actions(Key(case, weights), verdicts, actions, characters)


def row(metrics: dict[str, Floats], answer: int) -> dict[str, float]:
    return {name: float(values[answer]) for name, values in metrics.items()}


def harms_of(batch: Batch, answer: int) -> list[tuple[str, str, int | None]]:
    """Kind, severity and option of each harm: in option order, then in action order."""
    harms, found = find_harms(batch), list[tuple[str, str, int | None]]()
    for column, option in enumerate(batch.key.ids.tolist()):
        for kind, table in (("omission", harms.omission), ("commission", harms.commission)):
            if table[answer, column]:
                found.append((kind, SEVERITIES[table[answer, column]].capitalize(), option))
    for owner, severity in zip(batch.owner, harms.off_rubric, strict=True):
        if owner == answer and severity:
            found.append(("commission", SEVERITIES[severity].capitalize(), None))
    return found


def same(found: dict[str, float], wanted: Mapping[str, float]) -> None:
    assert found == pytest.approx(wanted, abs=1e-12, rel=0, nan_ok=True)


@settings(deadline=None, max_examples=120)
@given(data=st.data())
def test_july_metrics_and_harms_are_the_twins(
    data: st.DataObject,
    slow: ModuleType,
    slow_options: SlowOptions,
    any_case: SearchStrategy[Case],
    any_judged: AnyJudged,
) -> None:
    case = data.draw(any_case)
    answers = data.draw(st.lists(any_judged(case), min_size=1, max_size=4))
    batch, options = batch_of(case, answers), slow_options(case)
    metrics = values_of(JULY_2026, Findings(batch))
    for i, answer in enumerate(answers):
        same(row(metrics, i), slow.metrics(options, *answer))
        assert harms_of(batch, i) == slow.harms(options, *answer[:2])


@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_june_metrics_are_the_twins(
    data: st.DataObject,
    slow: ModuleType,
    slow_options: SlowOptions,
    any_case: SearchStrategy[Case],
    any_judged: AnyJudged,
) -> None:
    case = data.draw(any_case)
    answer = data.draw(any_judged(case))
    found = row(values_of(JUNE_2026, Findings(batch_of(case, [answer]))), 0)
    wanted = slow.metrics_june(slow_options(case), *answer)
    same(found, wanted)


@settings(deadline=None, max_examples=50)
@given(data=st.data())
def test_a_batch_gives_each_answer_what_it_gets_alone(
    data: st.DataObject, any_case: SearchStrategy[Case], any_judged: AnyJudged
) -> None:
    case = data.draw(any_case)
    answers = data.draw(st.lists(any_judged(case), min_size=2, max_size=6))
    together = batch_of(case, answers)
    july, june = values_of(JULY_2026, Findings(together)), values_of(JUNE_2026, Findings(together))
    for i, answer in enumerate(answers):
        alone = batch_of(case, [answer])
        same(row(july, i), row(values_of(JULY_2026, Findings(alone)), 0))
        same(row(june, i), row(values_of(JUNE_2026, Findings(alone)), 0))
        assert harms_of(together, i) == harms_of(alone, 0)


@settings(deadline=None, max_examples=50)
@given(data=st.data())
def test_a_menu_answer_is_one_full_match_an_option(
    data: st.DataObject, any_case: SearchStrategy[Case]
) -> None:
    case = data.draw(any_case)
    ids = st.sampled_from([option.id for option in case.options])
    answers = data.draw(st.lists(st.lists(ids, unique=True), min_size=1, max_size=4))
    menu = match_menu(Key(case), answers)
    spelled = batch_of(
        case, [(dict.fromkeys(ids, "full"), [Action((i,)) for i in ids], 0) for ids in answers]
    )
    for i in range(len(answers)):
        same(
            row(values_of(JULY_2026, Findings(menu)), i),
            row(values_of(JULY_2026, Findings(spelled)), i),
        )
        assert harms_of(menu, i) == harms_of(spelled, i)


NAN = math.nan
FULL: Verdict = "full"
PART: Verdict = "partial"

# Weights: 72 for a score of 9 or 1, 24 for 8 or 2, 3 for 7 or 3, 1 for 4 to 6.
GOLDEN: dict[str, tuple[dict[str, Any], Judged, Mapping[str, float], list[Any]]] = {
    # Units: G (due 72, its best score) and 4 (due 3). 2 covers G and earns its own 24 of G's 72:
    # recall 24 / 75. Actions: 24 right, 3 wrong: precision 24 / 27. F1 = 48 / (27 + 75) = 8/17.
    # Accuracy over G (right), 4 (left out), 5 (done; in part, so right where only full ones count);
    # G's harmful member 3 belongs to a unit and is not counted on its own.
    "a group of mixed scores, covered by its second best": (
        {"scores": {1: 9, 2: 8, 3: 2, 4: 7, 5: 3}, "groups": {"G": (1, 2, 3)}},
        ({2: FULL, 5: PART}, [Action((2,)), Action((5,))], 0),
        {
            "Recall_raw": 1 / 2,
            "Recall_binary": 24 / 75,
            "Recall_weighted": 24 / 75,
            "Precision_raw": 1 / 2,
            "Precision_binary": 24 / 27,
            "Precision_all": 24 / 27,
            "Precision_weighted": 24 / 27,
            "Precision_matched": 24 / 27,
            "F1_raw": 1 / 2,
            "F1_binary": 8 / 17,
            "F1_weighted": 8 / 17,
            "F1_weighted_len": 8 / 17,
            "Offrubric_rate": 0,
            "Accuracy": 1 / 3,
            "Accuracy_binary": 2 / 3,
            "Severe_rate": 0,
            "Moderate_rate": 0,
            "Mild_rate": 1,
        },
        [("omission", "Mild", 4), ("commission", "Mild", 5)],
    ),
    # Only G's harmful member 3 is matched: G is covered, so nothing is omitted, yet its unit has no
    # matched member that is due: recall 0 of 72. 3 itself is a commission. Accuracy: G wrong.
    "a group covered by its harmful member": (
        {"scores": {1: 9, 3: 2}, "groups": {"G": (1, 3)}},
        ({3: FULL}, [Action((3,))], 0),
        {
            "Recall_raw": 0,
            "Recall_weighted": 0,
            "Precision_weighted": 0,
            "F1_weighted": 0,
            "Accuracy": 0,
        }
        | {"Severe_rate": 0, "Moderate_rate": 1, "Mild_rate": 1},
        [("commission", "Moderate", 3)],
    ),
    # 2 and 3 hang on 1, which is left out: both are inapplicable. One unit, 1, left out: one severe harm.
    # Without an action every precision is undefined; F1_weighted is 0 all the same.
    "nothing said, so what hangs on it is inapplicable": (
        {"scores": {1: 9, 2: 8, 3: 7}, "needs": {2: (1,), 3: (2, 1)}},
        ({}, [], 0),
        {"Recall_raw": 0, "Recall_binary": 0, "Recall_weighted": 0, "Precision_raw": NAN}
        | {"Precision_binary": NAN, "Precision_weighted": NAN, "Precision_all": NAN, "F1_raw": NAN}
        | {"F1_binary": NAN, "F1_weighted": 0, "F1_weighted_len": 0, "Offrubric_rate": NAN}
        | {
            "Accuracy": 0,
            "Accuracy_binary": 0,
            "Severe_rate": 1,
            "Moderate_rate": 1,
            "Mild_rate": 1,
        },
        [("omission", "Severe", 1)],
    ),
    # 1 in full wakes 2 and 3: units due 72 + 24 + 3 = 99. 2 in part earns 24, or 12 by halves:
    # recall 96 / 99 and 84 / 99. Action (1, 2) counts as its best, 1, in full: 72 right. The
    # action off the rubric, of score 2, weighs 24 and is wrong: 72 / 96; among matched ones 72 / 72.
    # F1 = 2 x 84 / (99 + 84) = 56/61. 1,000 characters too many take 0.108 from recall. 2 in part is
    # still a moderate omission (8), 3 a mild one. Accuracy: 1 and 2 of 3 right; in full, 1.
    "what it hangs on is said, and one thing more in part": (
        {"scores": {1: 9, 2: 8, 3: 7, 4: 5}, "needs": {2: (1,), 3: (4, 1)}},
        ({1: FULL, 2: PART}, [Action((1, 2)), Action((), 2)], 2573),
        {"Recall_raw": 2 / 3, "Recall_binary": 96 / 99, "Recall_weighted": 84 / 99}
        | {"Precision_raw": 1 / 2, "Precision_binary": 3 / 4, "Precision_all": 3 / 4}
        | {
            "Precision_weighted": 1,
            "F1_raw": 4 / 7,
            "F1_weighted": 56 / 61,
            "Offrubric_rate": 1 / 2,
        }
        | {"F1_weighted_len": 2 * (84 / 99 - 0.108) / (1 + 84 / 99 - 0.108)}
        | {"Accuracy": 2 / 3, "Accuracy_binary": 1 / 3}
        | {"Severe_rate": 0, "Moderate_rate": 1, "Mild_rate": 1},
        [("omission", "Moderate", 2), ("omission", "Mild", 3), ("commission", "Moderate", None)],
    ),
    # G's best matched member, 1, is matched only in part: G earns 36 of 72 though 2 is matched in
    # full; 3 in part earns 36 of 72. Both actions have a best option in part: half credit each. G is
    # covered; 3 (score 9, in part, in no group) is a severe omission.
    "the best in part beats the second best in full": (
        {"scores": {1: 9, 2: 8, 3: 9}, "groups": {"G": (1, 2)}},
        ({1: PART, 2: FULL, 3: PART}, [Action((1, 2)), Action((3,))], 0),
        {"Recall_raw": 1, "Recall_binary": 1, "Recall_weighted": 1 / 2, "Precision_raw": 1}
        | {"Precision_binary": 1, "Precision_all": 1 / 2, "Precision_weighted": 1 / 2}
        | {
            "F1_raw": 1,
            "F1_binary": 1,
            "F1_weighted": 1 / 2,
            "Accuracy": 1,
            "Accuracy_binary": 1 / 2,
        }
        | {"Severe_rate": 1, "Moderate_rate": 1, "Mild_rate": 1},
        [("omission", "Severe", 3)],
    ),
    # An unknown id counts as score 5 (weight 1, matched); an action of score 0 weighs nothing but is
    # counted: raw 1 of 4, off the rubric 2 of 4. Weights 72 + 1 + 0 + 72 off the rubric, wrong.
    "an unknown id, no score, and a severe act off the rubric": (
        {"scores": {1: 9}},
        ({1: FULL}, [Action((1,)), Action((99,), 9), Action((), 0), Action((), 1)], 0),
        {"Precision_raw": 1 / 4, "Precision_binary": 72 / 145, "Precision_all": 72 / 145}
        | {"Precision_weighted": 72 / 73, "Offrubric_rate": 1 / 2, "Recall_weighted": 1}
        | {"F1_weighted": 144 / 145, "Severe_rate": 1},
        [("commission", "Severe", None)],
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_hand_made_cases_have_the_numbers_worked_out_by_hand(
    name: str, rubric: Callable[..., Case], slow: ModuleType, slow_options: SlowOptions
) -> None:
    build, answer, wanted, harms = GOLDEN[name]
    case = rubric(**build)
    batch = batch_of(case, [answer])
    found = row(values_of(JULY_2026, Findings(batch)), 0)
    same({metric: found[metric] for metric in wanted}, wanted)
    assert harms_of(batch, 0) == harms
    same(slow.metrics(slow_options(case), *answer), found)


# The fourth case above: excess 1,000 characters, R' = 84/99 - .108, P' = 3/4 - .05. The fifth has a
# severe harm, which sets the capped figures to 0; there R' = P' = 1/2 and P_matched = 1/2.
R = 84 / 99 - 0.108
P = 3 / 4 - 0.05
JUNE = {
    "what it hangs on is said, and one thing more in part": {
        "Recall_weighted": R,
        "Precision_weighted": P,
        "Precision_matched": 1,
        "F1_uncapped": 2 * P * R / (P + R),
        "F1_matched": 2 * R / (1 + R),
        "F1_capped": 2 * P * R / (P + R),
        "F1_weighted": 2 * R / (1 + R),
    },
    "the best in part beats the second best in full": {
        "Recall_weighted": 1 / 2,
        "Precision_weighted": 1 / 2,
        "Precision_matched": 1 / 2,
        "F1_uncapped": 1 / 2,
        "F1_matched": 1 / 2,
        "F1_capped": 0,
        "F1_weighted": 0,
    },
}


@pytest.mark.parametrize("name", JUNE)
def test_june_figures_of_hand_made_cases(name: str, rubric: Callable[..., Case]) -> None:
    build, answer, _, _ = GOLDEN[name]
    same(row(values_of(JUNE_2026, Findings(batch_of(rubric(**build), [answer]))), 0), JUNE[name])


@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_what_is_raw_is_the_same_under_any_weights(
    data: st.DataObject, any_case: SearchStrategy[Case], any_judged: AnyJudged
) -> None:
    case = data.draw(any_case)
    answers = data.draw(st.lists(any_judged(case), min_size=1, max_size=4))
    usual = values_of(JULY_2026, Findings(batch_of(case, answers)))
    other = values_of(JULY_2026, Findings(batch_of(case, answers, (72, 24, 0, 0))))
    for name in ("Recall_raw", "Precision_raw", "F1_raw"):
        np.testing.assert_array_equal(usual[name], other[name])
