"""What a provider sent, or why it did not, as a reply with its outcome."""

import asyncio
import re
from typing import Any

from primum.agents.client import Outcome, Reply
from primum.agents.simulated import UnknownCaseError

REASON_LENGTH = 300
TOO_MANY = 429
OBJECT = re.compile(r"\s*<[^<>]* object at 0x[0-9a-f]+>")
FILTER_CODES = {"content_filter", "content_policy_violation"}
FILTERED = re.compile(rf"\"code\":\s*\"({'|'.join(sorted(FILTER_CODES))})\"")


def read_response(response: Any) -> Reply:
    """A provider's response with its outcome."""
    usage = getattr(response, "usage", None)
    common: dict[str, Any] = {
        "returned_model": getattr(response, "model", None),
        "fingerprint": getattr(response, "system_fingerprint", None),
        "input_tokens": getattr(usage, "prompt_tokens", None),
        "output_tokens": getattr(usage, "completion_tokens", None),
    }
    if not response.choices:
        return Reply(outcome=Outcome.PROVIDER_ERROR, reason="the response has no choices", **common)
    choice = response.choices[0]
    common["finish_reason"] = choice.finish_reason
    text = choice.message.content or ""
    refusal = getattr(choice.message, "refusal", None) or (
        choice.message.provider_specific_fields or {}
    ).get("refusal")
    if refusal:
        return Reply(
            outcome=Outcome.REFUSAL, text=str(refusal), reason="the model refused", **common
        )
    if choice.finish_reason == "content_filter":
        return Reply(outcome=Outcome.FILTERED, text=text, reason="content filter", **common)
    if choice.finish_reason == "length":
        return Reply(
            outcome=Outcome.TRUNCATED, text=text, reason="cut off at its token limit", **common
        )
    if not text.strip():
        return Reply(outcome=Outcome.EMPTY, reason="the reply is empty", **common)
    return Reply(outcome=Outcome.OK, text=text, **common)


def read_error(error: Exception, secret: str = "") -> Reply:
    """An exception of a call as an outcome; a key never stands in the reason."""
    kind = type(error).__name__
    if isinstance(error, asyncio.TimeoutError) or kind == "Timeout":
        again = 0.0 if may_pass(error) else None
        return Reply(outcome=Outcome.TIMEOUT, reason="no answer within the time limit", again=again)
    filtered = getattr(error, "code", None) in FILTER_CODES or FILTERED.search(str(error))
    if kind == "ContentPolicyViolationError" or filtered:
        return Reply(outcome=Outcome.FILTERED, reason="content policy of the provider")
    cause = error.__cause__ or error.__context__
    if isinstance(cause, UnknownCaseError) or UnknownCaseError.__name__ in str(error):
        return Reply(outcome=Outcome.PROVIDER_ERROR, reason=str(cause))
    status = getattr(error, "status_code", None)
    said = " ".join(str(error).split())
    said = OBJECT.sub("", said)
    if secret:
        said = said.replace(secret, "[key]")
    reason = f"{kind}{f' {status}' if status else ''}: {said}"
    return Reply(
        outcome=Outcome.PROVIDER_ERROR,
        reason=reason[:REASON_LENGTH],
        again=retry_after(error) if may_pass(error) else None,
        turned_away=status == TOO_MANY,
    )


def may_pass(error: BaseException) -> bool:
    """Whether the same call may go through later: rate limits, overload, broken connections."""
    status = getattr(error, "status_code", None)
    if type(error).__name__ in {"APIConnectionError", "InternalServerError", "Timeout"}:
        return not isinstance(error.__context__, UnknownCaseError)
    return status in {408, 409, 429, 500, 502, 503, 504}


def retry_after(error: BaseException) -> float:
    """The seconds that a provider asks to be left alone; 0 where it says nothing."""
    response = getattr(error, "response", None)
    # LiteLLM's own response is a stand-in; the provider's headers are beside it.
    for headers in (
        getattr(error, "litellm_response_headers", None),
        getattr(response, "headers", None),
    ):
        try:
            return max(0.0, float((headers or {})["retry-after"]))
        except (KeyError, ValueError, TypeError):
            continue
    return 0.0
