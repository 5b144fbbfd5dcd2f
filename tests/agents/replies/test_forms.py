"""agents/replies/forms.py: what a reply looks like, in words that quote nothing of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.agents.replies.forms import FORMS, form_of


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("", "no text"),
        ("\n \t", "no text"),
        ("Order test A.", "prose without JSON"),
        ("1. Order test A.\n2. Rest.", "a list without JSON"),
        ("Here:\n- Order test A", "a list without JSON"),
        ("| Option | Grade |\n|---|---|\n| 1 | yes |", "a table without JSON"),
        (' [{"Option": 1', "a JSON array"),
        ('{"grades": []}', "a JSON object"),
        ('Sure:\n```json\n[{"Option": 1}]\n```', "a fenced block"),
        ('Sure: [{"Option": 1}] and that is it', "prose with brackets in it"),
        ("<!DOCTYPE html><html><body>502</body></html>", "an HTML page"),
        ('<tool_call>{"name": "grade"}</tool_call>', "a tool call"),
    ],
)
def test_a_form_in_words(text: str, form: str) -> None:
    assert form_of(text) == form


@given(st.text())
def test_every_text_has_a_form(text: str) -> None:
    assert form_of(text) in FORMS.values()
