"""The interface to models: a request, a reply with its outcome, and a client's one method."""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Protocol, Self

from pydantic import Field, JsonValue, field_validator

from primum.agents.models.endpoints.blocked import Blocked
from primum.agents.models.outcomes import Outcome
from primum.agents.specs.model import (
    TIMEOUT_SECONDS,
    FrozenRecord,
    ModelSpec,
    Price,
    canonical_json,
)

CLIENT_VERSION = 1
RESPONSE_FORMAT = "response_format"  # the parameter, as OpenAI names it


class Message(FrozenRecord):
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


class Request(FrozenRecord):
    """One call. Its key covers everything that can change the answer, and no credentials.

    Attributes:
        model: LiteLLM's id of the model.
        messages: the conversation.
        params: parameters of the model, such as `temperature`.
        api_base: the endpoint, where it is not the provider's own.
        api_version: of the endpoint's interface.
        revision: of the model, where the id does not tell.
        trial: the repeat, from 1.
        sample: distinguishes seats of one ensemble that send identical requests.
        client_version: changes when clients send requests differently.
        client: that of an extension, with its version; empty for Primum's own.
        schema_optional: whether it is sent without its schema (`response_format`) where the
            endpoint rejects that; no part of the key.
    """

    model: str
    messages: tuple[Message, ...]
    params: dict[str, JsonValue] = Field(default_factory=dict)
    api_base: str | None = None
    api_version: str | None = None
    revision: str | None = None
    trial: int = 1
    sample: int = 1
    client_version: int = CLIENT_VERSION
    client: str = ""
    schema_optional: Annotated[bool, Field(exclude=True)] = False

    @cached_property
    def canonical(self) -> str:
        """The canonical JSON of every field."""
        return canonical_json(self.model_dump(mode="json"))

    @cached_property
    def key(self) -> str:
        """SHA-256 of the canonical JSON, in hex."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    @property
    def bound(self) -> bool:
        """Whether the endpoint is asked to bind the reply to a schema."""
        return RESPONSE_FORMAT in self.params

    def without_schema(self) -> Self:
        """The same call for a reply as text."""
        params = {name: value for name, value in self.params.items() if name != RESPONSE_FORMAT}
        return self.model_copy(update={"params": params, "schema_optional": False})

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with some fields changed, and a key of its own."""
        copied = super().model_copy(update=update, deep=deep)
        for name in ("key", "canonical"):
            copied.__dict__.pop(name, None)
        return copied


class Reply(FrozenRecord):
    """What came of a call. All fields but the last five are recorded.

    Attributes:
        outcome: whether there is an answer, or why not.
        text: the reply's text as it came, which may hold thinking of its own.
        thinking: what the provider sent as thinking, apart from the text.
        reason: why the outcome is not OK.
        finish_reason: as the provider reports it, before any mapping of a library's.
        returned_model: the model that answered, as the provider reports it.
        fingerprint: of the provider's configuration.
        input_tokens: as reported; None if unknown.
        output_tokens: as reported; None if unknown.
        reasoning_tokens: those of the output tokens that were thinking; None if unknown.
        cost: in US dollars; None if unknown.
        estimated: whether the cost is from LiteLLM's price list, which may be out of date, and not
            from the panel.
        seconds: from the first attempt to the end of the last.
        attempts: how often the call was sent; 0 if not at all.
        status: of HTTP, where the provider reported an error.
        blocked: why the endpoint answers no call to this model for long, if it says so. Such a
            reply is asked again whenever the study is run.
        retry_after: seconds to wait before the call is sent again (0: not said); None where a retry
            is no use.
        rate_limited: whether the endpoint refused the call because of too many (HTTP 429).
        given_up: whether the endpoint was given up for this model, by this reply or before it.
        cached_tokens: those of the prompt that came out of a cache, as reported; some providers
            count them among the `input_tokens`.
        without_schema: whether it is the reply to the call without its schema.
    """

    outcome: Outcome
    text: str = ""
    thinking: str = ""
    reason: str = ""
    finish_reason: str | None = None
    returned_model: str | None = None
    fingerprint: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost: float | None = None
    estimated: bool = False
    seconds: float = 0.0
    attempts: int = 1
    status: int | None = None
    blocked: Blocked | None = None
    retry_after: Annotated[float | None, Field(exclude=True)] = None
    rate_limited: Annotated[bool, Field(exclude=True)] = False
    given_up: Annotated[bool, Field(exclude=True)] = False
    cached_tokens: Annotated[int | None, Field(exclude=True)] = None
    without_schema: Annotated[bool, Field(exclude=True)] = False

    @field_validator("text", "thinking", "reason", "finish_reason", "returned_model", "fingerprint")
    @classmethod
    def _encodable(cls, text: str | None) -> str | None:
        """Replace lone surrogates, which UTF-8 cannot encode, by question marks."""
        return text and text.encode("utf-8", "replace").decode()


class Credentials(FrozenRecord):
    """What a call needs and no record keeps.

    Attributes:
        key_env: the environment variable that holds the key.
        price: of the panel.
        rpm: calls a minute.
        tpm: tokens a minute.
        timeout: seconds that one attempt may take, streamed or not.
    """

    key_env: str | None = None
    price: Price | None = None
    rpm: float | None = None
    tpm: float | None = None
    timeout: float = TIMEOUT_SECONDS

    def cost(self, reply: Reply) -> float | None:
        """US dollars of a reply by the panel's price; None without one, or without its tokens."""
        if self.price is None:
            return None
        if reply.input_tokens is None or reply.output_tokens is None:
            return None if self.price.of(1, 1) else 0.0  # a free model is free
        return self.price.of(reply.input_tokens, reply.output_tokens)


def credentials_of(model: ModelSpec, timeout: float | None = None) -> Credentials:
    """The credentials of a model's calls; `timeout` is that of the seat, if it has its own."""
    return Credentials(
        key_env=model.key_env,
        price=model.price,
        rpm=model.rpm,
        tpm=model.tpm,
        timeout=timeout or model.timeout,
    )


class ChatClient(Protocol):
    """Anything that answers requests. It returns outcomes; it neither raises nor retries."""

    async def complete(self, request: Request, credentials: Credentials) -> Reply:
        """The reply to one attempt at a request."""
        ...
