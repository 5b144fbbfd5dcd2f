"""Checks of what a run needs: library versions, API keys, endpoints, workspace."""

import os
import platform
import tempfile
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from primum.agents.models.endpoints.request import served_name
from primum.agents.models.litellm_parameters import advice, unknown_parameters
from primum.agents.models.litellm_setup import RANGE, is_supported
from primum.agents.models.registry import DIRECT, LITELLM, client_name
from primum.agents.specs.model import ModelSpec
from primum.agents.specs.replies import REPLY_FORMS
from primum.agents.studies.panels import call_problems
from primum.agents.studies.reachability import proxy_settings, reach

LIBRARIES = (
    "primum",
    "aiohttp",
    "litellm",
    "langgraph",
    "langchain-core",
    "pydantic",
    "duckdb",
    "numpy",
)


class Check(NamedTuple):
    """The result of one check: what was checked, whether it is in order, and what was found."""

    ok: bool
    what: str
    found: str


def run_checks(models: Mapping[str, ModelSpec], workspace: Path) -> list[Check]:
    """All checks; connects only to endpoints that the models name, or to the proxy before them."""
    checks = [Check(True, "python", platform.python_version())]
    checks += [_library(name) for name in LIBRARIES]
    if proxies := proxy_settings():
        checks.append(Check(True, "proxies", ", ".join(proxies)))
    checks += [check for name, model in models.items() for check in _model(name, model)]
    return [*checks, _workspace(workspace)]


def _library(name: str) -> Check:
    installed = version(name)
    if name == "litellm" and not is_supported(installed):
        return Check(False, name, f"{installed}; needed is {RANGE}")
    return Check(True, name, installed)


def _model(name: str, model: ModelSpec) -> Iterator[Check]:
    if model.simulated:
        yield Check(True, f"model {name}", "simulated; needs no key")
        return
    for field, message in call_problems(model):
        if field != "key_env":
            yield Check(False, f"model {name}: {field}", message)
    yield Check(True, f"model {name}: client", _client(model))
    if client_name(model) == LITELLM and (unknown := unknown_parameters(model.id, model.params)):
        yield Check(True, f"model {name}: params", advice(unknown).removeprefix("params: "))
    if not (model.key_env or model.api_base):
        yield Check(True, f"model {name}", "names neither key nor endpoint: nothing to check")
    if REPLY_FORMS[model.replies].bound:
        found = f"{model.replies}: whether the endpoint takes a schema, its first call tells"
        yield Check(True, f"model {name}: replies", found)
    if model.key_env:
        there = bool(os.environ.get(model.key_env))
        found = "is set" if there else "is not set"
        yield Check(there, f"model {name}: key", f"{model.key_env} {found}")
    if model.api_base:
        reached = reach(model.api_base)
        yield Check(reached.ok, f"model {name}: endpoint", f"{model.api_base} {reached.found}")


def _client(model: ModelSpec) -> str:
    """Who asks a model, and by which name."""
    client = client_name(model)
    return f"{client}, asks for {served_name(model.id)}" if client == DIRECT else client


def _workspace(path: Path) -> Check:
    parent = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=parent):
            return Check(True, "workspace", f"{path} can be written")
    except OSError as error:
        return Check(False, "workspace", f"{path}: {error.strerror}")
