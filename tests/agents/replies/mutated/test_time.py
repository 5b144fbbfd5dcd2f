"""A reply of a megabyte takes as long as its length, whatever it is made of."""

import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from primum.agents.judges.schemas import parse_matching, parse_review
from primum.agents.replies.menu import parse_choice, parse_grades
from primum.agents.replies.reader import Reader, ReplyError
from primum.agents.replies.thinking import separate_thinking

MEGABYTE = 1_000_000
TIMES = 8  # a reply so many times as long
SLOWEST = 3 * TIMES  # so many times the time; quadratic time is 64 times as much
SHORTEST = 0.02  # seconds; what takes less is not compared
ROW = '{"Option": 1, "GradeAI": "Appropriate", "option": 1, "verdict": "none", "Draft": 2}'
PIECES = [
    "[{", "}{", '"[{\\"', "<think>", "</think>", "```json\n", "\\", ROW, '"a": "', "{#\n",
]  # fmt: skip
MORE_PIECES = [
    "[]", "a{ ", "<think></think>", "\n", "[", "{", "]", "}", '"', "'", "\u201c", "\u2018", '\\"', '[{"', '{"a":',
    '{"a":[', '["', "//", "/*", "#", "[//\n", "[/* ", "[ ", "{ ", "~~~", "`", "<|channel|>analysis<|message|>",
    "assistantfinal", "assistantanalysis", "analysis", "<details type=", "<details type=reasoning>", "</details>",
    "&quot;", "[&quot;", "{&quot;a", "&lt;think&gt;", "<", "<think ", "{a ", "{a-b ", "{1 ", "1 ", "[1,", f"{ROW},",
    f"[{ROW}]", f'"{ROW}" ', '{"Option": 1, ', "\u200b", "[\u200b", "\ufeff{", "{'a': 'b' c", '[{"Rationale": "',
    '{"1": "', "{} ", "[{}]", "'[{\\'", '"{\\"', "\\u", "\\ud800", "<answer>", "</answer>", '": "', '}": "', '"}',
    '{"actions": [], "options": []}', '{"overrides": []}', "Here is my response:",
]  # fmt: skip
READERS: dict[str, Callable[[str], object]] = {
    "thinking": separate_thinking,
    "grades": lambda text: parse_grades(text, (1, 2), complete=True, reader=Reader.TOLERANT),
    "critique": lambda text: parse_grades(text, (1, 2), complete=False, reader=Reader.TOLERANT),
    "choice": lambda text: parse_choice(text, 3, Reader.TOLERANT),
    "matching": lambda text: parse_matching(text, [1, 2], reader=Reader.TOLERANT),
    "review": lambda text: parse_review(text, Reader.TOLERANT),
}
FORMS = ["{}", 'So: [{"a": "{}']


def seconds(read: Callable[[str], object], text: str) -> float:
    started = time.process_time()
    with suppress(ReplyError):
        read(text)
    return time.process_time() - started


def require_linear_time(name: str, piece: str, longest: int) -> None:
    read = READERS[name]
    for form in FORMS:
        short, long = (
            form.replace("{}", piece * (length // len(piece)))
            for length in (longest // TIMES, longest)
        )
        limit = SLOWEST * max(SHORTEST, seconds(read, short))
        assert seconds(read, long) < limit, form


@pytest.mark.parametrize("name", ["thinking", "grades"])
@pytest.mark.parametrize("piece", PIECES)
def test_a_long_reply_takes_time_by_its_length(name: str, piece: str) -> None:
    require_linear_time(name, piece, MEGABYTE // 10)


@pytest.mark.long
@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("piece", PIECES)
def test_a_long_reply_of_any_kind_takes_time_by_its_length(name: str, piece: str) -> None:
    require_linear_time(name, piece, MEGABYTE // 4)


@pytest.mark.long
@pytest.mark.parametrize("name", ["thinking", "grades", "matching"])
@pytest.mark.parametrize("piece", [*PIECES, *MORE_PIECES])
def test_a_megabyte_takes_time_by_its_length(name: str, piece: str) -> None:
    require_linear_time(name, piece, MEGABYTE)
