"""Models, agents, ensembles and panels: what a panel file holds, as frozen records."""

import hashlib
import json
import re
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

FAMILIES = frozenset(
    """amazon-nova claude command deepseek gemini gemma glm gpt gpt-oss granite grok kimi lisa llama
    medgemma minimax mistral o-series olmo openevidence phi qwen sonar sim-aspen sim-birch sim-cedar
    """.split()
)
Access = Literal["open", "proprietary", "rag"]
Role = Literal["generator", "critic", "guardian", "aggregator", "matcher", "reviewer"]
NOT_PARAMETERS = frozenset(
    """api_base api_key api_type api_version base_url client context_window_fallbacks
    custom_llm_provider default_headers extra_headers fallbacks headers logger_fn max_retries
    messages metadata mock_response model n num_retries organization revision sample stream timeout
    trial""".split()
)

SECRET = re.compile(r"secret|password|credential|access_?key|_key$|token(?!s)", re.IGNORECASE)


def misfit(field: str, message: str) -> PydanticCustomError:
    """Parts of a record that do not fit, with the dotted path of the one to change."""
    return PydanticCustomError("misfit", "{message}", {"message": message, "field": field})


def _parameters(params: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """What goes to the model with each prompt; keys, endpoints and retries have other places.

    Raises:
        PydanticCustomError: a name that would change who is asked, or be kept though secret.
    """
    for name in params:
        if name.lower() in NOT_PARAMETERS or SECRET.search(name):
            raise misfit(name, f"{name} is no parameter of a model; key_env, api_base are fields")
    return params


Params = Annotated[dict[str, JsonValue], AfterValidator(_parameters)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.~-]{0,79}$")]
EnsembleName = Annotated[str, Field(pattern=r"^(control:)?[A-Za-z0-9][A-Za-z0-9_.~-]{0,89}$")]
OTHER_FAMILY = re.compile(r"other:[A-Za-z0-9][A-Za-z0-9_.-]*")


class Spec(BaseModel):
    """A frozen record of a panel file: strict types, no unknown field."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Price(Spec):
    """US dollars for a million tokens."""

    input_per_million: Annotated[float, Field(ge=0)]
    output_per_million: Annotated[float, Field(ge=0)]


class ModelSpec(Spec):
    """Something that answers a prompt.

    `id` is LiteLLM's; `key_env` names the environment variable that holds the key; `rpm` and `tpm`
    are calls and tokens a minute at most; `revision` is anything else that identifies what answers,
    such as a digest of local weights.
    """

    id: Annotated[str, Field(pattern=r"^[^/\s]+/\S+$|^[^/\s]+$")]
    family: str
    access: Access
    key_env: str | None = None
    api_base: str | None = None
    api_version: str | None = None
    params: Params = {}
    price: Price | None = None
    rpm: Annotated[float, Field(gt=0)] | None = None
    tpm: Annotated[float, Field(gt=0)] | None = None
    revision: str | None = None

    @property
    def simulated(self) -> bool:
        """Whether a simulated clinician answers in its place."""
        return self.id.startswith("sim/")

    @field_validator("family")
    @classmethod
    def _known_family(cls, family: str) -> str:
        if family not in FAMILIES and not OTHER_FAMILY.fullmatch(family):
            known = ", ".join(sorted(FAMILIES))
            raise ValueError(f"unknown family; write other:NAME for one that is not of {known}")
        return family


class AgentSpec(Spec):
    """A model in a seat, with instructions of its own and parameters over the model's."""

    model: Name
    instructions: str = ""
    params: Params = {}

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"model": value} if isinstance(value, str) else value

    @field_validator("params")
    @classmethod
    def _no_profile(cls, params: dict[str, JsonValue]) -> dict[str, JsonValue]:
        if "simulation" in params:
            raise misfit("simulation", "a profile is the model's own, not a seat's")
        return params

    @property
    def label(self) -> str:
        """The model's name; with a digest where the seat changes how the model is asked."""
        own = {k: v for k, v in (("i", self.instructions), ("p", self.params)) if v}
        return f"{self.model}~{digest(own)[:6]}" if own else self.model


class EnsembleSpec(Spec):
    """Agents joined by a graph. The seats are its fields; a solo is one generator.

    Guardians rewrite a relay's draft one after the other. A control and an imported file of
    answers have no seat: they ask no model.
    """

    name: EnsembleName
    graph: Literal["solo", "panel", "relay", "control", "imported"]
    generators: tuple[AgentSpec, ...] = ()
    critics: tuple[AgentSpec, ...] = ()
    guardians: tuple[AgentSpec, ...] = ()
    aggregator: AgentSpec | None = None

    @model_validator(mode="after")
    def _seats_fit_graph(self) -> Self:
        drafts, guarded = len(self.generators), bool(self.guardians)
        checks = bool(self.critics or self.aggregator)
        seats = bool(drafts or checks or guarded)
        if self.graph == "solo" and (drafts != 1 or checks or guarded):
            raise ValueError(f"{self.name}: a solo has one generator and no other seat")
        if self.graph == "panel" and (guarded or not (drafts and self.aggregator)):
            raise ValueError(f"{self.name}: a panel has generators, an aggregator, perhaps critics")
        if self.graph == "relay" and (drafts != 1 or checks or not guarded):
            raise ValueError(f"{self.name}: a relay has one generator, then guardians")
        if self.name.startswith("control:") != (self.graph == "control") or (
            self.graph == "control" and seats
        ):
            raise ValueError(f"{self.name}: controls are built in (control:nothing, ...)")
        if self.graph == "imported" and seats:
            raise ValueError(f"{self.name}: imported answers have no seats")
        return self

    @property
    def seats(self) -> tuple[tuple[str, Role, AgentSpec], ...]:
        """Every agent with its seat's name and role."""
        found: list[tuple[str, Role, AgentSpec]] = []
        found += [(f"generator-{n}", "generator", a) for n, a in enumerate(self.generators, 1)]
        found += [(f"critic-{n}", "critic", a) for n, a in enumerate(self.critics, 1)]
        found += [(f"guardian-{n}", "guardian", a) for n, a in enumerate(self.guardians, 1)]
        if self.aggregator:
            found.append(("aggregator", "aggregator", self.aggregator))
        return tuple(found)

    @property
    def members(self) -> tuple[str, ...]:
        """The names of the solos it is compared with: its generators, then its other models."""
        drafting = [agent.label for agent in self.generators]
        drafted = {agent.model for agent in self.generators}
        others = [agent.model for _, _, agent in self.seats if agent.model not in drafted]
        return tuple(dict.fromkeys(drafting + others))


class Panel(Spec):
    """A ready-made set of models and the ensembles they form."""

    name: Name
    note: str = ""
    cost: str = ""
    models: Annotated[dict[Name, ModelSpec], Field(min_length=1)]
    ensembles: Annotated[tuple[EnsembleSpec, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        seen = set(self.models)
        for index, ensemble in enumerate(self.ensembles):
            at = f"ensembles.{index}"
            if ensemble.graph in {"control", "imported"}:
                raise misfit(f"{at}.name", f"{ensemble.name}: {ensemble.graph} is not for panels")
            if ensemble.name in seen:
                raise misfit(f"{at}.name", f"{ensemble.name} is used twice; names are unique")
            seen.add(ensemble.name)
            for seat, role, agent in ensemble.seats:
                if agent.model not in self.models:
                    known = ", ".join(self.models)
                    message = f"{ensemble.name}: {seat} is {agent.model}, not one of {known}"
                    raise misfit(f"{at}.{_field(seat, role)}", message)
        return self

    def solos(self) -> tuple[EnsembleSpec, ...]:
        """Each member of each ensemble alone, once, asked as in the ensemble."""
        agents: dict[str, AgentSpec] = {}
        for ensemble in self.ensembles:
            seated = {agent.label: agent for agent in ensemble.generators}
            for member in ensemble.members:
                agents.setdefault(member, seated.get(member) or AgentSpec(model=member))
        return tuple(
            EnsembleSpec(name=name, graph="solo", generators=(agent,))
            for name, agent in agents.items()
        )


def _field(seat: str, role: Role) -> str:
    """Where a panel file names a seat: generator-2 is generators.1."""
    return role if role == "aggregator" else f"{role}s.{int(seat.rpartition('-')[2]) - 1}"


def digest(value: Any) -> str:
    """SHA-256 of a value's canonical JSON (sorted keys, no spaces), in hex."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return hashlib.sha256(text.encode()).hexdigest()
