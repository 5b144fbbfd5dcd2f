"""Chat clients that extensions bring, by how the ids of their models begin."""

from collections.abc import Callable
from dataclasses import dataclass

from primum.agents.models.client import ChatClient
from primum.core.registry import Registry


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


def client_version(model: str) -> str:
    """What the client of a model adds to the keys of its calls; empty for Primum's own."""
    record = client_of(model)
    return f"{record.name}{record.version}" if record else ""
