"""Mutated replies: no crash, and nothing that a slow and obvious reader does not say as well."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from primum.agents.judges.schemas import parse_matching
from primum.agents.replies.menu import parse_choice, parse_grades
from primum.agents.replies.reader import Reader, ReplyError
from primum.agents.replies.thinking import separate_thinking
from primum.tests.agents.replies.mutated import slow_reader
from primum.tests.agents.replies.mutated.forms import NOISE
from primum.tests.agents.replies.mutated.written import (
    DRAFTS,
    MENU,
    Written,
    choices,
    grades,
    verdicts,
)

SHORT = 60  # replies of each kind in the ordinary suite, whole and damaged
MANY = 1250  # in the long one: 10,000 replies
Said = dict[int, str]


def grades_read(text: str, reader: Reader = Reader.TOLERANT, *, complete: bool = True) -> Said:
    """The grades of a reply; none if it is refused."""
    read = parse_grades(text, MENU, complete=complete, reader=reader)
    return {grade.option: grade.grade for grade in read.value}


def verdicts_read(text: str, reader: Reader = Reader.TOLERANT) -> Said:
    found: defaultdict[int, set[str]] = defaultdict(set)
    for finding in parse_matching(text, MENU, reader=reader).value.options:
        found[finding.option].add(finding.verdict)
    return {option: given.pop() for option, given in found.items() if len(given) == 1}


def choice_read(text: str, reader: Reader = Reader.TOLERANT) -> Said:
    return {0: str(parse_choice(text, DRAFTS, reader).value)}


def choice_said(text: str, noise: list[str]) -> Said:
    return {0: str(slow_reader.choice_said(text, noise))}


class Kind(NamedTuple):
    """What replies say, how they are read, and what they say to the slow reader."""

    written: Callable[..., st.SearchStrategy[Written]]
    read: Callable[[str, Reader], Said]
    said: Callable[[str, list[str]], Said]


# The same replies in every run: a reply that nobody has tried yet must not stop another change.
SAME = settings(derandomize=True, deadline=None, suppress_health_check=[*HealthCheck])
KINDS = {
    "grades": Kind(grades, grades_read, slow_reader.grades_said),
    "grades of a critic": Kind(
        grades,
        lambda text, reader: grades_read(text, reader, complete=False),
        slow_reader.grades_said,
    ),
    "verdicts": Kind(verdicts, verdicts_read, slow_reader.verdicts_said),
    "choices": Kind(choices, choice_read, choice_said),
}


def read_or_refused(kind: Kind, text: str, reader: Reader) -> Said | None:
    try:
        return kind.read(text, reader)
    except ReplyError:
        return None


def require_right(kind: Kind, examples: int) -> None:
    """Whole replies of any form are read as they were written, by both."""

    @settings(SAME, max_examples=examples)
    @given(kind.written(whole=True))
    def check(written: Written) -> None:
        text = separate_thinking(written.text).text
        assert kind.read(text, Reader.TOLERANT) == written.said
        assert kind.said(written.text, NOISE) == written.said

    check()


def require_nothing_invented(kind: Kind, examples: int, share: float) -> None:
    """Damaged replies are refused, or say what the slow reader says; a share of them is read."""
    seen: Counter[str] = Counter()

    @settings(SAME, max_examples=examples)
    @given(kind.written(whole=False))
    def check(written: Written) -> None:
        text = separate_thinking(written.text).text
        said = kind.said(written.text, NOISE)
        found = read_or_refused(kind, text, Reader.TOLERANT)
        strict = read_or_refused(kind, text, Reader.STRICT)
        seen.update(["read" if found else "refused"])
        assert (found or {}).items() <= said.items()
        assert not found or strict in (None, found)

    check()
    assert seen["read"] >= share * examples, seen


@pytest.mark.parametrize("name", KINDS)
def test_a_reply_in_any_form_is_read_right(name: str) -> None:
    require_right(KINDS[name], SHORT)


@pytest.mark.parametrize("name", KINDS)
def test_nothing_is_invented_in_a_damaged_reply(name: str) -> None:
    require_nothing_invented(KINDS[name], SHORT, share=0)


@pytest.mark.long
@pytest.mark.parametrize("name", KINDS)
def test_many_replies_in_any_form_are_read_right(name: str) -> None:
    require_right(KINDS[name], MANY)


@pytest.mark.long
@pytest.mark.parametrize("name", KINDS)
def test_nothing_is_invented_in_many_damaged_replies(name: str) -> None:
    require_nothing_invented(KINDS[name], MANY, share=0.15)


def last_array(text: str) -> Said:
    """A gullible reader: the last row of each option counts, thinking or not, cut off or not."""
    rows = re.findall(r'"Option": (\d+), "GradeAI": "(\w+)"', text)
    return {int(option): grade for option, grade in rows}


def test_the_slow_reader_finds_a_gullible_one_out() -> None:
    written = find(
        grades(whole=False),
        lambda written: (
            not last_array(written.text).items()
            <= slow_reader.grades_said(written.text, NOISE).items()
        ),
    )
    assert last_array(written.text)
