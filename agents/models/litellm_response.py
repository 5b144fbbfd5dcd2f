"""LiteLLM's response, and what the provider answered, as a reply with its outcome."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from primum.agents.models.client import Reply
from primum.agents.models.endpoints.answer import Answer, read_answer
from primum.agents.models.endpoints.bodies import BodyError, parse_body
from primum.agents.models.endpoints.completion import Params, read_completion
from primum.agents.models.endpoints.failure import is_success
from primum.agents.models.endpoints.redaction import Redact
from primum.agents.models.finish_reasons import finish_reason_in


def read_response(
    response: Any, answers: Sequence[Answer], params: Params, redact: Redact
) -> Reply:
    """The reply for a response of LiteLLM's.

    Args:
        response: as LiteLLM made it.
        answers: what the provider answered, if that was captured. A chat completion is read from
            it as any endpoint's; of others, the finish reason is.
        params: of the call.
        redact: takes key and prompt out of an error's words.
    """
    raw = _json(answers)
    if isinstance(raw.get("choices"), list):
        return read_completion(raw, params, redact)
    body = _as_completion(response)
    for choice in body["choices"][:1]:
        choice["native_finish_reason"] = finish_reason_in(raw) or choice["native_finish_reason"]
    return read_completion(body, params, redact)


def read_rejected(answers: Sequence[Answer], params: Params, redact: Redact) -> Reply | None:
    """The reply for what the provider answered where LiteLLM raised an error.

    None if nothing was captured, or a success in a form that only LiteLLM knows.
    """
    if not answers:
        return None
    if is_success(answers[-1].status):
        raw = _json(answers)
        stated = any(isinstance(raw.get(name), str) for name in ("message", "detail", "msg"))
        if raw and not (stated or "choices" in raw or "error" in raw):
            return None
    return read_answer(answers[-1], params, redact)


def _json(answers: Sequence[Answer]) -> dict[str, Any]:
    """The JSON that was captured; empty without any."""
    try:
        return parse_body(answers[-1].body) if answers else {}
    except BodyError:
        return {}


def _as_completion(response: Any) -> dict[str, Any]:
    """LiteLLM's response as the JSON of a chat completion."""
    return {
        "model": getattr(response, "model", None),
        "system_fingerprint": getattr(response, "system_fingerprint", None),
        "usage": _plain(getattr(response, "usage", None)),
        "choices": [_choice(choice) for choice in response.choices or ()],
    }


def _choice(choice: Any) -> dict[str, Any]:
    fields = getattr(choice, "provider_specific_fields", None) or {}
    message = _plain(choice.message) or {}
    beside = message.pop("provider_specific_fields", None) or {}
    return {
        "finish_reason": choice.finish_reason,
        "native_finish_reason": fields.get("native_finish_reason"),
        "error": fields.get("error"),
        "message": {**beside, **{name: value for name, value in message.items() if value}},
    }


def _plain(value: Any) -> Any:
    return value.model_dump(exclude_none=True) if isinstance(value, BaseModel) else value
