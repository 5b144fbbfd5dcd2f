"""What is sent to an OpenAI-compatible endpoint."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from primum.agents.models.client import Request

PATH = "/chat/completions"
# They tell LiteLLM what to do and are no part of what it sends.
FOR_LITELLM = frozenset("additional_drop_params allowed_openai_params drop_params".split())
# OpenAI's models that think, behind whatever gateway: they take max_completion_tokens alone.
REASONING = re.compile(r"(.*/)?(o[1-9]|gpt-[5-9])(?!\S*-chat)\b")
# Of those, the ones that cannot be told not to think take no temperature but 1.
FIXED_TEMPERATURE = re.compile(r"(.*/)?(o[1-9]\b|gpt-5(?![.\d])(?!\S*-chat))")


class UnsendableError(Exception):
    """A request that cannot be sent, or that the model is known to refuse; says what to change."""

    is_transient = False


def served_name(model: str) -> str:
    """The name by which an endpoint knows a model: its id without LiteLLM's provider."""
    return model.partition("/")[2] or model


def request_body(request: Request) -> dict[str, Any]:
    """The JSON of a call.

    Raises:
        UnsendableError: the model is known to refuse it.
    """
    name = served_name(request.model)
    params = _flat(request.params)
    if REASONING.match(name) and "max_tokens" in params:
        params.setdefault("max_completion_tokens", params.pop("max_tokens"))
    temperature = params.get("temperature", 1)
    if FIXED_TEMPERATURE.match(name) and temperature != 1:
        raise UnsendableError(f"{name} takes no temperature but 1: leave it out of params")
    messages = [{"role": m.role, "content": m.content} for m in request.messages]
    return {**params, "model": name, "messages": messages}


def _flat(params: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Parameters as LiteLLM sends them: what is in `extra_body` stands beside the others."""
    extra = params.get("extra_body")
    kept = {k: v for k, v in params.items() if k not in FOR_LITELLM and k != "extra_body"}
    return {**kept, **(extra if isinstance(extra, dict) else {})}


def address_of(request: Request) -> str:
    """Where a request's endpoint is asked for chat completions.

    Raises:
        UnsendableError: it names no endpoint.
    """
    if not request.api_base:
        raise UnsendableError(f"{request.model} names no endpoint: add api_base")
    base = request.api_base.rstrip("/")
    return base if base.endswith(PATH) else base + PATH
