"""agents/turns/spoken.py: what a reply says once its thinking is taken out of it."""

import pytest

from primum.agents.models.client import Reply
from primum.agents.models.outcomes import Outcome
from primum.agents.replies.thinking import separate_thinking
from primum.agents.turns.spoken import spoken

HINT = "raise max_tokens or lower the thinking budget"


@pytest.mark.parametrize("text", ["", " ", "1. Order test A.", "[]", "a < b", "\n1. Rest \n"])
def test_a_reply_without_thinking_is_as_it_came(text: str) -> None:
    said = spoken(Reply(outcome=Outcome.REFUSAL, text=text, reason="so"))
    assert said == (text, 0, Outcome.REFUSAL, "so")


def test_thinking_in_the_text_and_apart_from_it_is_counted_and_gone() -> None:
    said = spoken(Reply(outcome=Outcome.OK, text="<think>abc</think>Rest.", thinking="12345"))
    assert (said.text, said.outcome, said.reason) == ("Rest.", Outcome.OK, "")
    assert said.thinking == len(separate_thinking("<think>abc</think>Rest.").thinking) + 5


@pytest.mark.parametrize("outcome", [Outcome.OK, Outcome.EMPTY, Outcome.TRUNCATED])
@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"text": "<think>abcd</think>\n "}, "characters are thinking"),
        ({"thinking": "a" * 4321}, "all 4,321 characters are thinking"),
        ({"reasoning_tokens": 4096}, "no text after 4,096 tokens of thinking"),
    ],
)
def test_a_reply_that_is_all_thinking_says_what_to_change(
    outcome: Outcome, fields: dict[str, object], why: str
) -> None:
    reason = "" if outcome is Outcome.OK else "as the client says"
    said = spoken(Reply.model_validate({"outcome": outcome, "reason": reason, **fields}))
    assert said.text == ""
    assert said.outcome is (Outcome.TRUNCATED if outcome is Outcome.TRUNCATED else Outcome.EMPTY)
    assert said.reason.startswith(f"{reason}: " if reason else "all" if "all" in why else "")
    assert said.reason.endswith(f"{why}; {HINT}")


def test_no_text_and_no_thinking_is_empty() -> None:
    assert spoken(Reply(outcome=Outcome.OK, text="  ")) == (
        *("", 0, Outcome.EMPTY),
        "the reply is empty",
    )


@pytest.mark.parametrize("outcome", [Outcome.TIMEOUT, Outcome.PROVIDER_ERROR, Outcome.FILTERED])
def test_what_a_provider_did_keeps_its_reason(outcome: Outcome) -> None:
    said = spoken(Reply(outcome=outcome, thinking="abc", reason="after 600 s"))
    assert (said.outcome, said.reason, said.thinking) == (outcome, "after 600 s", 3)
