"""An error that an endpoint states, by HTTP status or in the body of a 200, as a reply."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from primum.agents.models.client import Reply
from primum.agents.models.endpoints.blocked import blocked_by
from primum.agents.models.endpoints.redaction import REASON_LENGTH, Redact
from primum.agents.models.endpoints.retry_after import (
    LONGEST_WAIT_SECONDS,
    longest_stated_seconds,
    stated_seconds,
)
from primum.agents.models.outcomes import Outcome

SUCCESS, REDIRECTED, FAILED, BROKEN, NO_STATUS = 200, 300, 400, 500, 600
NOT_FOUND, TOO_MANY = 404, 429
PASSING = {408, 409, 425, TOO_MANY}
LASTING = {501, 505}  # of the 5xx, which otherwise pass: 520 and 529 mean overload
# Codes, types and classes by which providers and gateways name a content filter.
FILTER = re.compile(
    r"""content_?filter|content_?policy|responsibleaipolicyviolation|content_?moderation|
    moderation_?blocked|data_?inspection_?failed|guardrail|flagged_?input|
    prompt_?(blocked|flagged)|(?<!\S)invalid_prompt(?!\S)""",
    re.IGNORECASE | re.VERBOSE,
)
FILTER_IN_MESSAGE = re.compile(
    r"""ContentPolicyViolation|ResponsibleAIPolicyViolation|content\ management\ policy|
    ["']content_filter["']|data_?inspection_?failed""",
    re.IGNORECASE | re.VERBOSE,
)
IN_BODY = "an error in place of a reply"
NEVER_FILTERED = {401, 402, NOT_FOUND, TOO_MANY}
# What a code in words would be as a status; the first that fits.
STATUSES = (
    (re.compile(r"rate_?limit|too_?many|throttl|resource_?exhausted", re.IGNORECASE), TOO_MANY),
    (re.compile(r"quota|credit|billing|payment|balance", re.IGNORECASE), 402),
    (re.compile(r"overload|unavailable|busy|capacity", re.IGNORECASE), 503),
    (re.compile(r"invalid|bad_?request|unsupported|context_length|too_large", re.IGNORECASE), 400),
    (re.compile(r"auth|permission|forbidden|denied", re.IGNORECASE), 401),
    (re.compile(r"not_?found|no_such", re.IGNORECASE), NOT_FOUND),
)


class Failure(NamedTuple):
    """An error as an endpoint states it.

    Attributes:
        status: of HTTP, or what the error's code would be as one; None if it does not say.
        message: its own words.
        codes: its codes and types, joined.
        kind: what it is, in words or as a class.
        lasting: whether the same call cannot succeed, whatever the status.
    """

    status: int | None
    message: str
    codes: str = ""
    kind: str = "HTTP"
    lasting: bool = False

    @property
    def is_transient(self) -> bool:
        """Whether the same call may succeed later."""
        if self.lasting:
            return False
        return self.status is None or is_transient_status(self.status)

    @property
    def is_filtered(self) -> bool:
        """Whether it is a content filter that withheld the prompt or the reply."""
        status = self.status or FAILED
        if status in NEVER_FILTERED or status >= BROKEN:
            return False
        return bool(FILTER.search(self.codes) or FILTER_IN_MESSAGE.search(self.message))


def is_success(status: int) -> bool:
    """Whether HTTP calls an answer a success."""
    return SUCCESS <= status < REDIRECTED


def is_transient_status(status: int) -> bool:
    """Whether the same call may succeed later, by a status of HTTP."""
    return status in PASSING or (status >= BROKEN and status not in LASTING)


def failure_of(document: Any, status: int | None = None) -> Failure:
    """The error in a JSON document, of an answer with an HTTP status or, without, of a 200."""
    while isinstance(document, list) and document:  # Google's
        document = document[0]
    error = document.get("error") or document if isinstance(document, dict) else document
    if not isinstance(error, dict):
        error = {"message": error}
    inner = error.get("innererror") or error.get("metadata") or {}
    inner = inner if isinstance(inner, dict) else {}
    codes = [error.get("code"), error.get("type"), error.get("status"), inner.get("code")]
    codes += [inner.get("error_type"), *(name for name in inner if name == "flagged_input")]
    codes += [name for detail in _dicts(error.get("details")) for name in _quotas(detail)]
    named = " ".join(str(code) for code in codes if code is not None)
    words = next((error[k] for k in ("message", "msg", "detail", "error") if error.get(k)), "")
    message = words if isinstance(words, str) else str(words)
    if status is None:
        return Failure(_as_status(codes, named), message, named, IN_BODY)
    return Failure(status, message, named)


def _quotas(detail: dict[str, Any]) -> list[Any]:
    """The names of the quotas that a detail of Google's says are used up."""
    return [one.get("quotaId") for one in _dicts(detail.get("violations"))]


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _as_status(codes: list[Any], named: str) -> int | None:
    for code in codes:
        if str(code).isdecimal() and FAILED <= int(code) < NO_STATUS:
            return int(code)
    return next((status for pattern, status in STATUSES if pattern.search(named)), None)


def failed_reply(
    failure: Failure, redact: Redact, headers: Mapping[str, str] | None = None
) -> Reply:
    """The reply for an error.

    Args:
        failure: the error.
        redact: takes key and prompt out of its words.
        headers: of the answer, which may say how long the endpoint asks to be left alone.
    """
    headers = headers or {}
    wait = stated_seconds(headers) or 0.0
    if failure.is_filtered:
        return Reply(
            outcome=Outcome.FILTERED,
            reason="content policy of the provider",
            status=failure.status,
        )
    message = redact(failure.message) or redact(failure.codes)
    if wait > LONGEST_WAIT_SECONDS:
        message = f"asks to be left alone for {wait:,.0f} seconds. {message}"
    status = f" {failure.status}" if failure.status else ""
    until = longest_stated_seconds(headers) if failure.status == TOO_MANY else wait
    blocked = blocked_by(failure.status, failure.codes, failure.message, until)
    pause = failure.is_transient and blocked is None
    return Reply(
        outcome=Outcome.PROVIDER_ERROR,
        reason=f"{failure.kind}{status}: {message}".removesuffix(": ")[:REASON_LENGTH],
        status=failure.status,
        retry_after=wait if pause else None,
        rate_limited=failure.status == TOO_MANY,
        blocked=blocked,
    )
