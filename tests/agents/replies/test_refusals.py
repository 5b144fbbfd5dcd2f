"""Refusals in prose are told from plans."""

import pytest

from primum.agents.replies.refusals import is_refusal


@pytest.mark.parametrize(
    "text",
    [
        "I will not advise on this. See a clinician.",
        "I'm sorry, but I can\u2019t provide medical advice. Please consult a doctor.",
    ],
)
def test_a_refusal(text: str) -> None:
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "1. Order serum ferritin.",
        "I would not recommend antibiotics; observe and recheck in 48 hours.",
        "Cannot rule out PE: order CTPA",
        "No action is needed.",
        "Refer to emergency now.",
        "",
    ],
)
def test_a_plan(text: str) -> None:
    assert not is_refusal(text)
