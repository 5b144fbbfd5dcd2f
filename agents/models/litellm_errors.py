"""Reads an exception of LiteLLM's as a reply, where what the provider answered is not known."""

import re
from collections.abc import Mapping

from primum.agents.models.client import Reply
from primum.agents.models.endpoints.failure import Failure, failed_reply
from primum.agents.models.endpoints.redaction import Redact
from primum.agents.models.outcomes import Outcome

OBJECT = re.compile(r"\s*<[^<>]* object at 0x[0-9a-f]+>")
BROKEN_CONNECTIONS = {"APIConnectionError", "InternalServerError"}
# In LiteLLM's words: it answered, in an unknown form; a package that the provider needs is missing.
LASTING = re.compile(r"Invalid response object|No module named|pip install")


def read_error(error: Exception, redact: Redact) -> Reply:
    """The reply for an exception of a call."""
    kind, status = type(error).__name__, getattr(error, "status_code", None)
    if isinstance(error, TimeoutError) or kind == "Timeout":
        return Reply(outcome=Outcome.TIMEOUT, reason="no answer in time", retry_after=0.0)
    status = status if isinstance(status, int) else None
    message = OBJECT.sub("", str(error))
    codes = f"{kind} {getattr(error, 'code', None) or ''}"
    may_pass = status is not None or kind in BROKEN_CONNECTIONS
    failure = Failure(status, message, codes, kind, not may_pass or bool(LASTING.search(message)))
    return failed_reply(failure, redact, headers_of(error))


def headers_of(error: BaseException) -> dict[str, str]:
    """The headers of the answer to a call; empty where they are not known.

    LiteLLM's own response is a stand-in; the provider's headers are beside it and go before.
    """
    response = getattr(error, "response", None)
    found = (getattr(response, "headers", None), getattr(error, "litellm_response_headers", None))
    known = [headers for headers in found if isinstance(headers, Mapping)]
    return {name.lower(): value for headers in known for name, value in headers.items()}
