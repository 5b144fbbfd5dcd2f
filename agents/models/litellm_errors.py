"""Why a provider did not answer, as a reply with its outcome."""

import asyncio
import json
import re
import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from primum.agents.models.client import Reply
from primum.agents.models.outcomes import Outcome
from primum.agents.simulation.clinician import UnknownCaseError

REASON_LENGTH = 300
REDIRECTED, FAILED, TOO_MANY = 300, 400, 429
LONGEST_WAIT_SECONDS = 3600.0  # that a provider may ask for; who asks for more is not asked again
SAME_WORDS = 4  # in a row that an error has from the prompt are not said again
WORD = re.compile(r"\w+")
OBJECT = re.compile(r"\s*<[^<>]* object at 0x[0-9a-f]+>")
FILTER_CODES = {"content_filter", "content_policy_violation"}
FILTERED = re.compile(rf"\"code\":\s*\"({'|'.join(sorted(FILTER_CODES))})\"")


def read_error(error: Exception, secret: str = "", prompt: Sequence[str] = ()) -> Reply:
    """An exception of a call as an outcome; neither key nor prompt stands in the reason."""
    kind = type(error).__name__
    if isinstance(error, asyncio.TimeoutError) or kind == "Timeout":
        again = 0.0 if may_pass(error) else None
        return Reply(
            outcome=Outcome.TIMEOUT, reason="no answer within the time limit", retry_after=again
        )
    filtered = getattr(error, "code", None) in FILTER_CODES or FILTERED.search(str(error))
    if kind == "ContentPolicyViolationError" or filtered:
        return Reply(outcome=Outcome.FILTERED, reason="content policy of the provider")
    cause = error.__cause__ or error.__context__
    if isinstance(cause, UnknownCaseError) or UnknownCaseError.__name__ in str(error):
        return Reply(outcome=Outcome.PROVIDER_ERROR, reason=str(cause))
    status = getattr(error, "status_code", None)
    said = " ".join(OBJECT.sub("", without(str(error), secret, prompt)).split())
    wait = wait_of(error)
    if wait > LONGEST_WAIT_SECONDS:
        said = f"asks to be left alone for {wait:,.0f} seconds. {said}"
    return Reply(
        outcome=Outcome.PROVIDER_ERROR,
        reason=f"{kind}{f' {status}' if status else ''}: {said}"[:REASON_LENGTH],
        retry_after=wait if may_pass(error) and wait <= LONGEST_WAIT_SECONDS else None,
        rate_limited=status == TOO_MANY,
    )


def without(text: str, secret: str, prompt: Sequence[str]) -> str:
    """Words without a key, as it is or encoded, and without what they repeat of a prompt."""
    if secret:
        for form in {secret, json.dumps(secret)[1:-1], quote(secret), quote(secret, safe="")}:
            text = text.replace(form, "[key]")
    asked = [word.group() for word in WORD.finditer(" ".join(prompt))]
    known = {tuple(asked[i : i + SAME_WORDS]) for i in range(len(asked) - SAME_WORDS + 1)}
    text = re.sub(r"\\[nrt]", " ", text)  # as JSON writes them
    words = list(WORD.finditer(text))
    told = [
        tuple(word.group() for word in words[i : i + SAME_WORDS]) in known
        for i in range(len(words))
    ]
    parts, end = [], 0
    for i, repeated in enumerate(told):
        if repeated:
            if words[i].start() >= end:
                parts += [text[end : words[i].start()], "[prompt]"]
            end = words[min(i + SAME_WORDS, len(words)) - 1].end()
    return "".join([*parts, text[end:]])


def may_pass(error: BaseException) -> bool:
    """Whether the same call may go through later: rate limits, overload, broken connections."""
    status = getattr(error, "status_code", None)
    if "Invalid response object" in str(error):  # it was answered, in a form that nobody knows
        return False
    if isinstance(status, int) and REDIRECTED <= status < FAILED:
        return False
    if type(error).__name__ in {"APIConnectionError", "InternalServerError", "Timeout"}:
        return not isinstance(error.__context__, UnknownCaseError)
    return status in {408, 409, 429, 500, 502, 503, 504}


def wait_of(error: BaseException) -> float:
    """The seconds that a provider asks to be left alone; 0 where it says nothing (RFC 9110)."""
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
    """In milliseconds, in seconds, or as the time to come back at."""
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
