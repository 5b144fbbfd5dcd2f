"""Steadiness over variants: against the slow twin, and against numbers worked out by hand."""

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from hypothesis.strategies import SearchStrategy
from numpy.typing import NDArray

from primum.cases.model import Case, Suite
from primum.core.arrays import Floats
from primum.evaluation.metrics.across_variants import f1_floor, resilience
from primum.evaluation.scoring.answer_key import Key

TABLE = npst.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12)
F1 = npst.arrays(float, TABLE, elements=st.floats(0, 1) | st.just(math.nan))


@settings(deadline=None, max_examples=50)
@given(f1=F1)
def test_the_floor_is_the_twins(f1: Floats, slow: ModuleType) -> None:
    wanted = [slow.f1_floor(row) for row in f1.tolist()]
    assert f1_floor(f1).tolist() == pytest.approx(wanted, nan_ok=True)


@pytest.mark.parametrize(
    ("f1", "floor"),
    [([0.8, 0.3, 0.5], 0.3), ([0.7], 0.7), ([0.0, 1.0], 0), ([0.9, math.nan], math.nan)],
)
def test_the_floor_is_the_worst_variant(f1: list[float], floor: float) -> None:
    assert f1_floor(np.array(f1)) == pytest.approx(floor, nan_ok=True)


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_resilience_is_the_twins(
    data: st.DataObject,
    slow: ModuleType,
    slow_options: Callable[[Case], list[Any]],
    any_case: SearchStrategy[Case],
) -> None:
    case = data.draw(any_case)
    width = len(case.options)
    shape = data.draw(st.tuples(st.integers(1, 3), st.integers(1, 11), st.just(width)))
    matched = data.draw(npst.arrays(np.int8, shape, elements=st.integers(0, 1)))
    padded = np.pad(matched, ((0, 0), (0, 0), (0, 2)), constant_values=-1)  # of a wider case
    groups = {option.id: option.abstraction for option in case.options}
    for table, found in zip(matched, resilience(Key(case), padded), strict=True):
        verdicts = [
            {o.id: "full" for o, hit in zip(case.options, row, strict=True) if hit} for row in table
        ]
        wanted = slow.resilience(slow_options(case), verdicts, groups)
        assert found == pytest.approx(wanted, abs=1e-12, rel=0, nan_ok=True)


def marked(case: Case, *variants: set[int]) -> NDArray[np.int8]:
    return np.array([[option.id in hits for option in case.options] for hits in variants], np.int8)


# tiny_suite: v is 3 for 1 and 2, 2 for the group of 3 and 4 (one unit) and for 7, 1 for 5, 0 for
# the uncertain 6: 11 in all. H(1/2) = 1 bit, H(1/4) = 2 - 3/4 log2 3 = 0.8112781.
@pytest.mark.parametrize(
    ("variants", "wanted"),
    [
        ([{2, 3}, {2, 3}], 1),
        ([{2}, set[int]()], 1 - 3 / 11),
        ([{3}, {4}], 1),  # either of the group is the same decision
        ([{3}, set[int]()], 1 - 2 / 11),
        ([{6}, set[int]()], 1),  # an uncertain option does not count
        ([{1, 2, 3, 5, 7}, set[int]()], 0),
        ([{2, 5}, {5}, {5}, {5}], 1 - 3 * 0.8112781244591328 / 11),
        ([{2}], 1),
    ],
)
def test_resilience_of_hand_made_answers(
    variants: list[set[int]], wanted: float, tiny_suite: Suite
) -> None:
    case = tiny_suite.cases[0]
    assert resilience(Key(case), marked(case, *variants)) == pytest.approx(wanted)


def test_options_that_share_a_harm_are_one_decision_too(rubric: Callable[..., Case]) -> None:
    case = rubric({1: 9, 2: 2, 3: 7})
    shared = [
        o.model_copy(update={"abstraction": "H", "abstraction_type": "harm"})
        for o in case.options[:2]
    ]
    case = case.model_copy(update={"options": (*shared, case.options[2])})
    # H weighs 3, its highest, and is matched in both; 3 weighs 1 and is matched in one of two.
    assert resilience(Key(case), marked(case, {1, 3}, {2})) == pytest.approx(1 - 1 / 4)


def test_a_variant_without_a_score_leaves_no_resilience(tiny_suite: Suite) -> None:
    case = tiny_suite.cases[0]
    table = marked(case, {2}, {2})
    table[1] = -1
    assert math.isnan(resilience(Key(case), table))


def test_a_case_of_uncertain_options_has_no_resilience(rubric: Callable[..., Case]) -> None:
    case = rubric({1: 5, 2: 4})
    assert math.isnan(resilience(Key(case), marked(case, {1}, {2})))
