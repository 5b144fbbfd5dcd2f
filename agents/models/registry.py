"""Which chat client answers for a model: an extension's, Primum's own, or LiteLLM."""

from collections.abc import Callable
from dataclasses import dataclass

from primum.agents.models.client import ChatClient
from primum.agents.specs.model import ModelSpec
from primum.core.registry import Registry

DIRECT, DIRECT_VERSION, LITELLM = "openai-compatible", "1", "litellm"
DIRECT_KEY = f"{DIRECT}/{DIRECT_VERSION}"  # in the keys of the direct client's calls


@dataclass(frozen=True)
class ClientRecord:
    """A chat client for the models whose ids begin with a prefix.

    Attributes:
        name: the prefix, such as "acme/".
        make: makes the client, once for a run.
        version: part of the key of every call that it makes: another version asks anew.
    """

    name: str
    make: Callable[[], ChatClient]
    version: str


CLIENTS: Registry[ClientRecord] = Registry("chat client", ())


def client_of(model: str) -> ClientRecord | None:
    """The client of the longest prefix that a model's id begins with, if there is one."""
    fitting = [record for record in CLIENTS if model.startswith(record.name)]
    return max(fitting, key=lambda record: len(record.name), default=None)


def client_name(model: ModelSpec) -> str:
    """Who asks a model: an extension's client by its prefix, DIRECT or LITELLM."""
    if model.client:
        return model.client
    if record := client_of(model.id):
        return record.name
    provider = model.id.partition("/")[0]
    own_endpoint = provider == "hosted_vllm" or (provider == "openai" and model.api_base)
    return DIRECT if own_endpoint else LITELLM


def client_version(model: ModelSpec) -> str:
    """What the client of a model adds to the keys of its calls; empty for LiteLLM."""
    name = client_name(model)
    if name == DIRECT:
        return DIRECT_KEY
    record = client_of(model.id)
    return f"{record.name}{record.version}" if record and record.name == name else ""
