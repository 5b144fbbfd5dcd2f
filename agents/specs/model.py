"""Models and agents: what a panel file holds of them, as frozen records."""

import hashlib
import json
import re
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    field_validator,
    model_validator,
)

from primum.agents.specs.parameters import Params
from primum.agents.specs.replies import REPLY_FORMS, Replies, ReplyForm
from primum.core.field_errors import field_error

FAMILIES = frozenset(
    """amazon-nova apertus claude command deepseek doubao ernie gemini gemma glm gpt gpt-oss granite
    grok hunyuan inkling jamba kimi lisa llama mai medgemma mercury mimo minimax mistral muse
    nemotron o-series olmo openevidence phi qwen smollm sonar step sim-aspen sim-birch sim-cedar
    """.split()
)
Access = Literal["open", "proprietary", "rag"]
ClientName = Literal["litellm", "openai-compatible"]
ENDPOINT = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.~-]{0,79}$")]
TIMEOUT_SECONDS, LONGEST_TIMEOUT_SECONDS = 600.0, 3_600.0
Timeout = Annotated[float, Field(gt=0, le=LONGEST_TIMEOUT_SECONDS, allow_inf_nan=False)]
OTHER_FAMILY = re.compile(r"other:[A-Za-z0-9][A-Za-z0-9_.-]*")


class FrozenRecord(BaseModel):
    """A frozen record of a panel file: strict types, no unknown field."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Price(FrozenRecord):
    """US dollars for a million tokens."""

    input_per_million: Annotated[float, Field(ge=0)]
    output_per_million: Annotated[float, Field(ge=0)]

    def of(self, asked: int, said: int) -> float:
        """US dollars for so many tokens of a prompt and of a reply."""
        return (asked * self.input_per_million + said * self.output_per_million) / 1e6


class ModelSpec(FrozenRecord):
    """Something that answers a prompt.

    `id` is LiteLLM's; `client` is who asks it, if not the client that Primum takes for such an id;
    `key_env` names the environment variable that holds the key; `rpm` and `tpm` are calls and
    tokens a minute at most; `revision` is anything else that identifies what answers, such as a
    digest of local weights; `replies` says whether the endpoint binds replies that are JSON to a
    schema; `timeout` is how long a call may take, in seconds.
    """

    id: Annotated[str, Field(pattern=r"^[^/\s]+/\S+$|^[^/\s]+$")]
    family: str
    access: Access
    client: ClientName | None = None
    key_env: str | None = None
    api_base: str | None = None
    api_version: str | None = None
    params: Params = {}
    price: Price | None = None
    rpm: Annotated[float, Field(gt=0)] | None = None
    tpm: Annotated[float, Field(gt=0)] | None = None
    revision: str | None = None
    replies: Replies = "text"
    timeout: Timeout = TIMEOUT_SECONDS

    @property
    def simulated(self) -> bool:
        """Whether a simulated clinician answers in its place."""
        return self.id.startswith("sim/")

    @field_validator("api_base")
    @classmethod
    def _endpoint(cls, api_base: str | None) -> str | None:
        if api_base is not None and not ENDPOINT.fullmatch(api_base):
            raise ValueError(
                "an address such as https://host/v1, without key, name or question mark"
            )
        return api_base

    @field_validator("family")
    @classmethod
    def _known_family(cls, family: str) -> str:
        if family not in FAMILIES and not OTHER_FAMILY.fullmatch(family):
            known = ", ".join(sorted(FAMILIES))
            raise ValueError(f"unknown family; write other:NAME for one that is not of {known}")
        return family


class AgentSpec(FrozenRecord):
    """A model in a seat, with instructions of its own, and with parameters over the model's.

    `replies` is the model's where it is None. `timeout` is how long a call of this seat may take,
    in seconds; None is as long as the model's.
    """

    model: Name
    instructions: str = ""
    params: Params = {}
    replies: Replies | None = None
    timeout: Timeout | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"model": value} if isinstance(value, str) else value

    @field_validator("params")
    @classmethod
    def _no_profile(cls, params: dict[str, JsonValue]) -> dict[str, JsonValue]:
        if "simulation" in params:
            raise field_error("simulation", "a profile is the model's own, not a seat's")
        return params

    @property
    def label(self) -> str:
        """The model's name; with a digest where the seat changes how the model is asked."""
        given = (("i", self.instructions), ("p", self.params), ("r", self.replies))
        own = {k: v for k, v in given if v}
        return f"{self.model}~{digest(own)[:6]}" if own else self.model

    def reply_form(self, model: ModelSpec) -> ReplyForm:
        """How its replies are asked for; a simulated clinician's are text whatever is set."""
        return REPLY_FORMS["text" if model.simulated else self.replies or model.replies]


def digest(value: Any) -> str:
    """SHA-256 of a value's canonical JSON, in hex."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def canonical_json(value: Any) -> str:
    """A value as JSON with sorted keys and no spaces."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
