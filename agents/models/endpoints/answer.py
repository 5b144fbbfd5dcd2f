"""An answer of an endpoint, of any status and form, as a reply with its outcome."""

import re
from collections.abc import Mapping
from html import unescape
from typing import NamedTuple

from primum.agents.models.client import Reply
from primum.agents.models.endpoints.bodies import BodyError, parse_body
from primum.agents.models.endpoints.completion import Params, read_completion
from primum.agents.models.endpoints.failure import (
    FAILED,
    NOT_FOUND,
    REDIRECTED,
    Failure,
    failed_reply,
    failure_of,
    is_success,
)
from primum.agents.models.endpoints.redaction import REASON_LENGTH, Redact
from primum.agents.models.outcomes import Outcome

TITLE = re.compile(r"<title[^>]*>([^<]{1,200})</title>", re.IGNORECASE)
READ = 10_000  # bytes of an error that is no JSON


class Answer(NamedTuple):
    """What came over HTTP: status, headers (found in any case) and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def read_answer(answer: Answer, params: Params, redact: Redact) -> Reply:
    """The reply for an answer.

    Args:
        answer: what came.
        params: of the call.
        redact: takes key and prompt out of an error's words.
    """
    if not is_success(answer.status):
        return failed_reply(_failure(answer), redact, answer.headers)
    try:
        body = parse_body(answer.body, answer.headers.get("content-type"))
    except BodyError as error:
        return Reply(
            outcome=Outcome.PROVIDER_ERROR,
            reason=str(error)[:REASON_LENGTH],
            retry_after=0.0 if error.is_transient else None,
        )
    return read_completion(body, params, redact)


def _failure(answer: Answer) -> Failure:
    """The error that an answer states, in JSON, HTML or any text."""
    if REDIRECTED <= answer.status < FAILED:
        return Failure(
            answer.status, "the endpoint redirects, and no prompt follows: correct api_base"
        )
    try:
        document = parse_body(answer.body, answer.headers.get("content-type"))
    except BodyError:
        text = answer.body[:READ].decode("utf-8", "replace").strip()
        title = TITLE.search(text)
        if text.startswith("<"):
            text = f"a page of HTML{f': {unescape(title[1])}' if title else ''}"
        if answer.status == NOT_FOUND:
            text = f"nothing is at api_base, which often ends in /v1. {text}"
        return Failure(answer.status, text)
    return failure_of(document, answer.status)
