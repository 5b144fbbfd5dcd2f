"""Mutated replies: no crash, and no grade that a slow and obvious reader does not give."""

import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings

from primum.agents.replies.menu import parse_grades
from primum.agents.replies.reader import Reader, ReplyError
from primum.agents.replies.thinking import separate_thinking
from primum.tests.agents.replies.mutations import MENU, NOISE, Written, damaged, replies
from primum.tests.agents.replies.slow_reader import grades_said

Property = Callable[[Written], None]


def fast(text: str, *, complete: bool = True, reader: Reader = Reader.TOLERANT) -> dict[int, bool]:
    """The grades that are read; none if the reply is refused."""
    try:
        said = separate_thinking(text).text
        found = parse_grades(said, MENU, complete=complete, reader=reader).value
    except ReplyError:
        return {}
    return {grade.option: grade.appropriate for grade in found}


def is_read_right(written: Written) -> None:
    assert fast(written.text) == written.grades
    assert grades_said(written.text, NOISE) == written.grades


def has_no_grade_invented(written: Written) -> None:
    slow = grades_said(written.text, NOISE)
    for complete in (True, False):
        found = fast(written.text, complete=complete)
        assert found.items() <= slow.items()
        strict = fast(written.text, complete=complete, reader=Reader.STRICT)
        assert not found or strict in ({}, found)


@pytest.mark.parametrize(
    "examples", [200, pytest.param(5000, marks=pytest.mark.long)], ids="{}".format
)
class TestMutations:
    """The long ones are 10,000 replies together."""

    def test_a_reply_in_any_form_is_read_right(self, examples: int) -> None:
        check = settings(max_examples=examples, deadline=None, suppress_health_check=[*HealthCheck])
        check(given(replies())(is_read_right))()

    def test_no_grade_of_a_damaged_reply_is_invented(self, examples: int) -> None:
        check = settings(max_examples=examples, deadline=None, suppress_health_check=[*HealthCheck])
        check(given(damaged())(has_no_grade_invented))()


def test_many_damaged_replies_are_read() -> None:
    """Otherwise that none is misread would say little."""
    read: list[bool] = []
    look = given(damaged())(lambda written: read.append(bool(fast(written.text, complete=False))))
    settings(
        max_examples=300, derandomize=True, deadline=None, suppress_health_check=[*HealthCheck]
    )(look)()
    assert sum(read) > len(read) / 5


ENDLESS = [
    "[{",
    "}{",
    "[]",
    '"[{\\"',
    "a{ ",
    "<think>",
    "</think>",
    "<think></think>",
    "```json\n",
    "\n\n",
]


@pytest.mark.parametrize("piece", ENDLESS)
def test_a_reply_without_end_is_read_in_no_time(piece: str) -> None:
    """Quadratic time would be hours."""
    started = time.process_time()
    fast(piece * (300_000 // len(piece)))
    assert time.process_time() - started < 20
