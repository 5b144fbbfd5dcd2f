"""graphs/baselines/controls.py: recommendations that no model gave."""

import pytest

from primum.cases.load import load_suite
from primum.cases.model import Case, Suite
from primum.graphs.baselines.controls import CONTROLS


@pytest.mark.parametrize(
    ("control", "recommended"),
    [
        ("control:nothing", ()),
        ("control:everything", (1, 2, 3, 4, 5, 6, 7)),
        ("control:inaction", (1,)),
        ("control:key", (2, 3, 4, 5)),
    ],
)
def test_a_fixed_control_recommends_by_the_key(
    control: str, recommended: tuple[int, ...], tiny_suite: Suite
) -> None:
    for case in tiny_suite.cases:
        assert CONTROLS[control](case, "any toss") == recommended
        assert CONTROLS[control](case, "another") == recommended


def test_these_are_all_controls() -> None:
    assert list(CONTROLS) == [
        f"control:{name}" for name in ("nothing", "everything", "coin", "inaction", "key")
    ]


def tosses(case: Case, number: int) -> list[tuple[int, ...]]:
    return [CONTROLS["control:coin"](case, f"0|{case.id}|{trial}") for trial in range(number)]


def test_a_coin_falls_the_same_under_the_same_name_and_otherwise_under_others() -> None:
    case = load_suite("demo").cases[0]
    assert tosses(case, 50) == tosses(case, 50)
    assert len(set(tosses(case, 50))) == 50


def test_a_coin_takes_half_of_the_options_each_as_often_as_any(tiny_suite: Suite) -> None:
    case, number = tiny_suite.cases[0], 4000
    taken = [option for toss in tosses(case, number) for option in toss]
    for option in case.options:
        # five standard deviations of a fair coin
        assert abs(taken.count(option.id) - number / 2) < 5 * (number / 4) ** 0.5


def test_a_coin_tosses_for_each_option_by_itself(tiny_suite: Suite) -> None:
    found = tosses(tiny_suite.cases[0], 4000)
    both = sum(1 in toss and 2 in toss for toss in found)
    assert abs(both - 1000) < 5 * (4000 * 3 / 16) ** 0.5
