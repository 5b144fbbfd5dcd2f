"""Extensions found and made known: those that are installed, and those that are named."""

from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import EntryPoint
from traceback import extract_tb
from typing import TypeVar

from primum.agents.models.registry import CLIENTS
from primum.agents.protocols.registry import PROTOCOLS
from primum.agents.roles.registry import ROLES
from primum.agents.studies.extensions import LOADED, ExtensionUse, LoadedExtension
from primum.agents.topologies.registry import GRAPHS
from primum.core.errors import DataError, PrimumError
from primum.core.registry import Registry
from primum.evaluation.matching.registry import MATCHERS
from primum.evaluation.metrics.registry import METRICS
from primum.extend.checks import require_prompt_files, require_sound
from primum.extend.record import Extension
from primum.prompts.render import add_templates, folder_digest

RECORD = "EXTENSION"
R = TypeVar("R")


def load_extensions(installed: Iterable[EntryPoint], modules: Iterable[str]) -> None:
    """Load the extensions that are installed, then those that are named; each once.

    Args:
        installed: the entry points of the installed ones.
        modules: what `--extension` names.

    Raises:
        DataError: an extension cannot be imported, or does not fit: which, and why.
    """
    for point in installed:
        _load(point.module, _installed(point))
    for module in modules:
        _load(module, f"--extension {module}")


def _installed(point: EntryPoint) -> str:
    return f"the installed extension {point.name} ({point.value})"


def _load(module: str, named: str) -> None:
    if any(loaded.use.module == module for loaded in LOADED):
        return
    try:
        register(_record_of(module), module)
    except PrimumError as error:
        raise DataError(f"{named}: {error}") from error
    except (Exception, SystemExit) as error:
        raise DataError(
            f"{named} cannot be imported: {type(error).__name__}: {error}{_place_of(error)}"
        ) from error


def _record_of(module: str) -> Extension:
    found = getattr(import_module(module), RECORD, None)
    if not isinstance(found, Extension):
        missing = "it has no" if found is None else "it has a wrong"
        raise DataError(f"{missing} {RECORD}; set {RECORD} = primum.extend.Extension(...)")
    return found


def _place_of(error: BaseException) -> str:
    """Where an error was raised, in parentheses; nothing where no file of a user's is to blame."""
    frames = extract_tb(error.__traceback__)
    if isinstance(error, ModuleNotFoundError) and len(frames) <= 2:  # noqa: PLR2004
        return ""
    return f" ({frames[-1].filename}:{frames[-1].lineno})"


def register(extension: Extension, module: str) -> None:
    """Make an extension's records known.

    Raises:
        DataError: a name of it is taken, or one of its parts cannot be used.
    """
    require_sound(extension)
    prompts = ""
    if extension.prompts:
        add_templates(extension.prompts)
        prompts = folder_digest(extension.prompts)
    _add(GRAPHS, extension.graphs)
    _add(ROLES, extension.roles)
    _add(PROTOCOLS, extension.protocols)
    _add(METRICS, extension.metrics)
    _add(MATCHERS, extension.matchers)
    _add(CLIENTS, extension.clients)
    if extension.prompts:
        require_prompt_files(extension.prompts)
    LOADED.add(
        LoadedExtension(
            ExtensionUse(
                name=extension.name, version=extension.version, module=module, prompts=prompts
            ),
            graphs=frozenset(graph.graph_name() for graph in extension.graphs),
            roles=frozenset(role.name for role in extension.roles),
            protocols=frozenset(protocol.name for protocol in extension.protocols),
            matchers=frozenset(matcher.label for matcher in extension.matchers),
            clients=tuple(client.name for client in extension.clients),
            metrics=frozenset(metric.key for metric in extension.metrics),
        )
    )


def _add(registry: Registry[R], records: Iterable[R]) -> None:
    for record in records:
        registry.add(record)
