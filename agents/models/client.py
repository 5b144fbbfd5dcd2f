"""The seam to models: a request, a reply with its outcome, and the one method between them."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Protocol, Self

from pydantic import Field, JsonValue, field_validator

from primum.agents.models.outcomes import Outcome
from primum.agents.specs.model import FrozenRecord, Price, digest

CLIENT_VERSION = 1


class Message(FrozenRecord):
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


class Request(FrozenRecord):
    """One call. Its key covers everything that can change the answer; credentials are not of it.

    `sample` tells apart the seats of one ensemble that ask the very same thing.
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

    @cached_property
    def key(self) -> str:
        """SHA-256 of the canonical JSON of every field."""
        return digest(self.model_dump(mode="json"))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with some fields changed, and a key of its own."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("key", None)
        return copied


class Reply(FrozenRecord):
    """What came back: raw text and outcome, tokens, cost in US dollars (None: unknown), seconds.

    `estimated` says that the cost is from a price list that may be out of date, and not from the
    panel. `again` is not kept: seconds after which the same call may go through (0: unsaid), None
    where asking again is no use; `rate_limited`, whether that is because too much was asked (429).
    """

    outcome: Outcome
    text: str = ""
    reason: str = ""
    finish_reason: str | None = None
    returned_model: str | None = None
    fingerprint: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: float | None = None
    estimated: bool = False
    seconds: float = 0.0
    attempts: int = 1
    retry_after: Annotated[float | None, Field(exclude=True)] = None
    rate_limited: Annotated[bool, Field(exclude=True)] = False

    @field_validator("text", "reason", "finish_reason", "returned_model", "fingerprint")
    @classmethod
    def _encodable(cls, text: str | None) -> str | None:
        """Half a surrogate pair, which no file takes, becomes a question mark."""
        return text and text.encode("utf-8", "replace").decode()


class Credentials(FrozenRecord):
    """What a call needs and no record keeps: the key's place, prices, calls and tokens a minute."""

    key_env: str | None = None
    price: Price | None = None
    rpm: float | None = None
    tpm: float | None = None


class ChatClient(Protocol):
    """Anything that answers requests. It returns outcomes; it does not raise or try again."""

    async def complete(self, request: Request, credentials: Credentials) -> Reply:
        """The reply to one request, which was made once."""
        ...
