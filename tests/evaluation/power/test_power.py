"""evaluation/power: lists of numbers, read strictly."""

import pytest

from primum.core.errors import UsageError
from primum.evaluation.power.power import parse_designs, parse_numbers


def test_a_list_of_numbers() -> None:
    assert parse_numbers("--cases", "20,5,100", 3, 200) == (20, 5, 100)


@pytest.mark.parametrize(
    "text",
    ["", ",", "20,", "20,,50", " 20", "20, 50", "-5", "+5", "1e2", "5.0", "²0", "20,20", "2"],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--cases"):
        parse_numbers("--cases", text, 3, 200)


def test_more_answers_than_can_be_simulated_are_refused() -> None:
    assert parse_designs("200,20", "1,100", 500) == ((200, 20), (1, 100))
    with pytest.raises(UsageError, match="10,000,000 answers"):
        parse_designs("200,20", "1,100", 501)
