"""Recognises that an endpoint rejects the schema of a reply (`response_format`)."""

import re
from enum import StrEnum

from primum.agents.models.client import Reply, Request
from primum.agents.models.outcomes import Outcome

BAD_REQUEST, UNPROCESSABLE, NOT_FOUND, NOT_ALLOWED = 400, 422, 404, 405
UNSUPPORTED_MEDIA, SERVER_ERROR, NOT_IMPLEMENTED = 415, 500, 501
PERHAPS = frozenset({BAD_REQUEST, UNPROCESSABLE})
IF_NAMED = PERHAPS | {NOT_FOUND, NOT_ALLOWED, UNSUPPORTED_MEDIA, SERVER_ERROR, NOT_IMPLEMENTED}
NAMES = re.compile(
    r"response[_ ]?format|json[_ ]?schema|response[_ ]?schema|output[_ ]?(?:format|config)"
    r"|guided[_ ]|structured[_ ]output|\bgrammar\b|requested[_ ]parameters",
    re.IGNORECASE,
)


class Rejection(StrEnum):
    """How sure it is that an endpoint rejected a schema: the error names it, or may mean it."""

    NAMED = "named"
    PERHAPS = "perhaps"


def rejection_of(reply: Reply) -> Rejection | None:
    """Whether a reply to a call with a schema rejects the schema; None if it does not.

    HTTP 400 and 422 may, whatever their reason; other errors do only where they name the schema.
    """
    if reply.outcome is not Outcome.PROVIDER_ERROR:
        return None
    if reply.status in IF_NAMED and NAMES.search(reply.reason):
        return Rejection.NAMED
    return Rejection.PERHAPS if reply.status in PERHAPS else None


def without_retry(request: Request, reply: Reply) -> Reply:
    """A reply that is not asked for again if it surely rejects the schema of the call."""
    if request.bound and rejection_of(reply) is Rejection.NAMED:
        return reply.model_copy(update={"retry_after": None})
    return reply


def with_advice(request: Request, reply: Reply) -> Reply:
    """A reply whose reason says which setting to change where the schema was, or may be, rejected.

    Only calls whose schema is required have such a reply.
    """
    rejection = rejection_of(reply) if request.bound else None
    if rejection is None:
        return reply
    which = "rejects" if rejection is Rejection.NAMED else "may reject"
    advice = f"the endpoint {which} the schema of replies; write `replies: auto` or `text`"
    return reply.model_copy(update={"reason": f"{advice} ({reply.reason})"})
