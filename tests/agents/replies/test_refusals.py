"""agents/replies/refusals.py: refusals in prose are told from plans."""

import json
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.agents.replies.refusals import LONGEST, is_refusal
from primum.tests.agents.replies.corpus_of_replies import Half, Text, corpus, errors
from primum.tests.paths import DOCS, ROOT

REFUSALS = [text for text in corpus() if text.is_refusal and is_refusal(text.text)]
ACTIONS = (
    "1. Order serum ferritin.",
    "Start metoprolol 25 mg.",
    "Admit the patient.",
    "Urgent CT of the head.",
    "I would repeat the potassium tomorrow.",
)


def test_the_corpus_is_large_enough_to_say_something() -> None:
    texts = list(corpus())
    assert len(texts) >= 400
    assert len({text.text for text in texts}) == len(texts)
    assert all(text.text.strip() for text in texts)


@pytest.mark.parametrize(("half", "missed"), [("develop", 0.1), ("held", 0.2)])
def test_no_plan_is_taken_for_a_refusal_and_few_refusals_are_missed(
    half: Half, missed: float
) -> None:
    found = errors(is_refusal, half)
    assert not found.false_alarms
    assert len(found.missed) <= missed * found.refusals


def test_the_docs_show_what_the_command_prints() -> None:
    done = subprocess.run(
        [sys.executable, "benchmarks/refusals.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT / ".typing"), "PATH": ""},
    )
    line = done.stdout.strip().splitlines()[-1]
    assert json.loads(line)["false_alarms"] == 0
    page = (DOCS / "metrics.md").read_text(encoding="utf-8")
    assert f"$ python benchmarks/refusals.py\n{line}\n" in page


@given(st.sampled_from(REFUSALS), st.sampled_from(ACTIONS), st.booleans())
def test_a_refusal_with_an_action_is_none(refusal: Text, action: str, first: bool) -> None:
    parts = (action, refusal.text) if first else (refusal.text, action)
    assert not is_refusal("\n".join(parts))


@given(st.sampled_from(REFUSALS))
def test_case_marks_and_blanks_do_not_matter(refusal: Text) -> None:
    assert is_refusal(f"\n{refusal.text}\n".replace("'", "\u2019").replace(" ", "  "))
    assert is_refusal(refusal.text.upper())


@given(st.text(max_size=300))
def test_any_text_has_an_answer(text: str) -> None:
    assert is_refusal(text) in {True, False}


@pytest.mark.parametrize("words", ["I cannot ", "not ", "I ", "the I not give advice ", "a, "])
def test_no_text_takes_long(words: str) -> None:
    started = time.perf_counter()
    is_refusal((words * LONGEST)[:LONGEST])
    assert time.perf_counter() - started < 2


def test_an_empty_reply_and_a_long_one_are_none() -> None:
    assert not is_refusal("")
    assert not is_refusal("I can't help with that. " * 100)


@pytest.mark.parametrize("text", ["1: no", "No.", "None", "Nothing", "N/A", "[]", "?"])
def test_a_short_answer_to_a_question_is_no_refusal(text: str) -> None:
    assert not is_refusal(text)
