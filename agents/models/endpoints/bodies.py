"""The body of an answer as a JSON object, however servers and gateways wrap it."""

import json
import re
from email.message import Message
from typing import Any

from pydantic_core import from_json

from primum.agents.models.endpoints.event_stream import completion_of_stream

MOST_BYTES = 32_000_000  # of a body: more than any model writes
BOM = "\ufeff"
SKIPPED = re.compile(r"\A(\s*(:[^\r\n]*)?[\r\n]+)+")  # blank lines and comments before it


class BodyError(Exception):
    """A body that is no completion.

    Attributes:
        is_transient: whether the same call may succeed later.
    """

    def __init__(self, reason: str, *, is_transient: bool) -> None:
        super().__init__(reason)
        self.is_transient = is_transient


def parse_body(raw: bytes, content_type: str | None = None) -> dict[str, Any]:
    """The JSON object of a body, or of the event stream that it is.

    Blank lines, comment lines and a byte order mark are skipped. UTF-8 is assumed first, as RFC
    8259 demands, then the character set that the header Content-Type names.

    Raises:
        BodyError: it holds none.
    """
    try:
        document = from_json(raw)
    except ValueError:
        document = _parse_text(_decoded(raw, content_type))
    while isinstance(document, list) and len(document) == 1:  # Google's errors
        (document,) = document
    if isinstance(document, dict):
        return document
    raise BodyError(f"the body is JSON, but no object: {_described(document)}", is_transient=False)


def _decoded(raw: bytes, content_type: str | None) -> str:
    header = Message()
    header["content-type"] = content_type or ""
    for name in ("utf-8", header.get_content_charset("ascii")):
        try:
            return raw.decode(name).lstrip(BOM)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode("utf-8", "replace").lstrip(BOM)


def _parse_text(text: str) -> Any:
    text = SKIPPED.sub("", text).strip()
    if not text:
        raise BodyError("the endpoint sent an empty body", is_transient=True)
    if text.startswith(("data:", "event:", "id:", "retry:")):
        whole = completion_of_stream(text)
        if whole is None:
            raise BodyError("the event stream ended too early", is_transient=True)
        return whole
    if text.startswith("<"):
        reason = "a page of HTML in place of a reply: check api_base, and who signs in to it"
        raise BodyError(reason, is_transient=False)
    try:
        return json.JSONDecoder().raw_decode(text)[0]  # anything may follow
    except (ValueError, RecursionError) as error:
        if text[0] in "{[":
            reason = "the body is JSON that breaks off or has an error"
            raise BodyError(reason, is_transient=True) from error
        reason = "the body is no JSON: check that api_base is an OpenAI-compatible endpoint"
        raise BodyError(reason, is_transient=False) from error


def _described(document: object) -> str:
    return f"{type(document).__name__} {str(document)[:20]!r}"
