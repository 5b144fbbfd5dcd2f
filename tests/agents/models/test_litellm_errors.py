"""agents/models/litellm_errors.py: what is said of an error, and when the same call may be made again."""

import json
import time
from email.utils import formatdate
from typing import Any
from urllib.parse import quote

import pytest

from primum.agents.models.endpoints.redaction import redacted, redactor
from primum.agents.models.endpoints.retry_after import LONGEST_WAIT_SECONDS
from primum.agents.models.litellm_errors import read_error

SHOWN = redactor("", [])


class TurnedAwayError(Exception):
    """As LiteLLM raises it: a status, and headers beside a stand-in for the response."""

    def __init__(self, said: str = "", status: int = 429, **headers: Any) -> None:
        super().__init__(said)
        self.status_code = status
        self.litellm_response_headers = {k.replace("_", "-"): v for k, v in headers.items()}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7),
        ({"retry_after": "0.5"}, 0.5),
        ({"retry_after_ms": "1500", "retry_after": "9"}, 1.5),
        ({"retry_after": "-3"}, 0),
        ({"retry_after": "nan"}, 0),
        ({"retry_after": "soon"}, 0),
        ({"retry_after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({}, 0),
    ],
)
def test_the_time_to_wait_is_read_as_it_is_written(headers: dict[str, Any], seconds: float) -> None:
    assert read_error(TurnedAwayError(**headers), SHOWN).retry_after == seconds


def test_a_time_to_come_back_at_is_waited_for() -> None:
    error = TurnedAwayError(retry_after=formatdate(time.time() + 90, usegmt=True))
    assert 60 < (read_error(error, SHOWN).retry_after or 0) <= 90


@pytest.mark.parametrize("wait", ["1e9", "inf", str(LONGEST_WAIT_SECONDS + 1)])
def test_who_asks_to_be_left_alone_for_hours_is_not_asked_again(wait: str) -> None:
    reply = read_error(TurnedAwayError("quota", retry_after=wait), SHOWN)
    assert reply.retry_after is None
    assert "asks to be left alone for" in reply.reason
    assert read_error(TurnedAwayError(retry_after=str(LONGEST_WAIT_SECONDS)), SHOWN).retry_after


def test_what_was_answered_or_sent_elsewhere_is_not_asked_again() -> None:
    kind: Any = type("APIConnectionError", (TurnedAwayError,), {})
    assert read_error(kind("broken", status=500), SHOWN).retry_after == 0
    assert read_error(kind("Invalid response object: {...}", status=500), SHOWN).retry_after is None
    assert read_error(kind("Redirect response '307'", status=307), SHOWN).retry_after is None
    assert read_error(kind("No module named 'google.auth'", status=500), SHOWN).retry_after is None


@pytest.mark.parametrize(
    "key", ["sk-plain-1", "sk-very  secret123", 'sk"quoted\\secret', "sk/a+b=="]
)
@pytest.mark.parametrize("form", ["{}", "json", "url"])
def test_a_key_is_masked_in_every_form(key: str, form: str) -> None:
    shown = {"{}": key, "json": json.dumps(key)[1:-1], "url": quote(key, safe="")}[form]
    reason = read_error(TurnedAwayError(f"bad key '{shown}' given"), redactor(key, [])).reason
    assert "[key]" in reason
    assert shown not in reason
    assert " ".join(shown.split()) not in reason


PROMPT = "Role: generator.\n<case>\nJane Doe, 41, has a tiny heart case and takes 5 mg of\u00a0bisoprolol.\n</case>"


@pytest.mark.parametrize(
    "echo",
    [
        PROMPT,
        PROMPT.replace("\n", "\\n"),
        "Jane Doe, 41, has a tiny heart",
        PROMPT[20:60],
    ],
)
def test_what_an_error_repeats_of_a_prompt_is_not_kept(echo: str) -> None:
    said = redacted(f"Invalid request: cannot process {echo} (code 17)", "", [PROMPT])
    assert said.startswith("Invalid request: cannot process ")
    assert said.endswith(" (code 17)")
    assert "[prompt]" in said
    assert not any(word in said for word in ("Jane", "Doe", "tiny", "heart"))


def test_a_repeated_prompt_that_breaks_off_within_a_word_is_not_kept() -> None:
    said = redacted(f"cannot process {PROMPT[:47]}", "", [PROMPT])
    assert PROMPT[:47].endswith("has a tin")
    assert said.endswith("[prompt]")


def test_an_errors_own_words_stay() -> None:
    said = "The model `x` does not exist or you do not have access to it."
    assert redacted(said, "", [PROMPT]) == said
    assert redacted("", "", []) == ""


STACK = 'Traceback (most recent call last):\n  File "/home/me/x.py", line 3, in f\n    g()\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"No module named 'x'\n{STACK}ModuleNotFoundError: 'x'", "No module named 'x' ModuleNotFoundError: 'x'"),
        (f"broken {STACK}", "broken "),
        (f"{STACK}ValueError: no", " ValueError: no"),
        (json.dumps(f"{STACK}ValueError: no"), '" '),
    ],
)  # fmt: skip
def test_of_a_stack_of_calls_the_last_line_is_said_at_most(text: str, said: str) -> None:
    assert redacted(text, "", []) == said
