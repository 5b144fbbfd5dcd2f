"""Reads an exception of a call as a reply with its outcome."""

import asyncio
import json
import re
import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from primum.agents.models.client import Reply
from primum.agents.models.outcomes import Outcome

REASON_LENGTH = 300
REDIRECTED, FAILED, TOO_MANY = 300, 400, 429
LONGEST_WAIT_SECONDS = 3600.0  # a longer Retry-After is not waited for
SAME_WORDS = 4  # so many words in a row from the prompt are cut from a reason
WORD = re.compile(r"\w+")
OBJECT = re.compile(r"\s*<[^<>]* object at 0x[0-9a-f]+>")
FILTER_CODES = {"content_filter", "content_policy_violation"}
FILTERED = re.compile(rf"\"code\":\s*\"({'|'.join(sorted(FILTER_CODES))})\"")


def read_error(error: Exception, secret: str = "", prompt: Sequence[str] = ()) -> Reply:
    """The reply for an exception of a call; its reason contains neither the key nor the prompt."""
    kind = type(error).__name__
    if isinstance(error, asyncio.TimeoutError) or kind == "Timeout":
        return Reply(
            outcome=Outcome.TIMEOUT,
            reason="no answer within the time limit",
            retry_after=0.0 if is_transient(error) else None,
        )
    filtered = getattr(error, "code", None) in FILTER_CODES or FILTERED.search(str(error))
    if kind == "ContentPolicyViolationError" or filtered:
        return Reply(outcome=Outcome.FILTERED, reason="content policy of the provider")
    status = getattr(error, "status_code", None)
    message = " ".join(OBJECT.sub("", redacted(str(error), secret, prompt)).split())
    wait = retry_after_seconds(error)
    if wait > LONGEST_WAIT_SECONDS:
        message = f"asks to be left alone for {wait:,.0f} seconds. {message}"
    return Reply(
        outcome=Outcome.PROVIDER_ERROR,
        reason=f"{kind}{f' {status}' if status else ''}: {message}"[:REASON_LENGTH],
        retry_after=wait if is_transient(error) and wait <= LONGEST_WAIT_SECONDS else None,
        rate_limited=status == TOO_MANY,
        status=status if isinstance(status, int) else None,
    )


def redacted(text: str, secret: str, prompt: Sequence[str]) -> str:
    """A text without the key, plain or encoded, and without runs of words from the prompt."""
    if secret:
        for form in {secret, json.dumps(secret)[1:-1], quote(secret), quote(secret, safe="")}:
            text = text.replace(form, "[key]")
    asked = [word.group() for word in WORD.finditer(" ".join(prompt))]
    known = {tuple(asked[i : i + SAME_WORDS]) for i in range(len(asked) - SAME_WORDS + 1)}
    text = re.sub(r"\\[nrt]", " ", text)  # as JSON writes them
    words = list(WORD.finditer(text))
    repeats = [
        tuple(word.group() for word in words[i : i + SAME_WORDS]) in known
        for i in range(len(words))
    ]
    parts, end = [], 0
    for i, repeated in enumerate(repeats):
        if repeated:
            if words[i].start() >= end:
                parts += [text[end : words[i].start()], "[prompt]"]
            end = words[min(i + SAME_WORDS, len(words)) - 1].end()
    return "".join([*parts, text[end:]])


def is_transient(error: BaseException) -> bool:
    """Whether the same call may succeed later: rate limits, overload, broken connections."""
    status = getattr(error, "status_code", None)
    if "Invalid response object" in str(error):  # it answered, in an unknown form
        return False
    if isinstance(status, int) and REDIRECTED <= status < FAILED:
        return False
    if type(error).__name__ in {"APIConnectionError", "InternalServerError", "Timeout"}:
        return True
    return status in {408, 409, 429, 500, 502, 503, 504}


def retry_after_seconds(error: BaseException) -> float:
    """The seconds of Retry-After (RFC 9110); 0 where there is none."""
    response = getattr(error, "response", None)
    # LiteLLM's own response is a stand-in; the provider's headers are beside it.
    for headers in (
        getattr(error, "litellm_response_headers", None),
        getattr(response, "headers", None),
    ):
        seconds = _seconds(headers or {})
        if seconds is not None:
            return seconds
    return 0.0


def _seconds(headers: Mapping[str, str]) -> float | None:
    """Seconds by a header in milliseconds, in seconds or as a date; None where there is none."""
    for name, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        try:
            seconds = unit * float(headers[name])
        except (KeyError, ValueError, TypeError):
            continue
        return max(0.0, seconds) if seconds == seconds else None  # not NaN  # noqa: PLR0124
    try:
        return max(0.0, parsedate_to_datetime(headers["retry-after"]).timestamp() - time.time())
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
