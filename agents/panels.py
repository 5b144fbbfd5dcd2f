"""Panels from their files, and whether they can be called."""

import os
import re
from importlib.resources import files
from pathlib import Path

from primum.agents.profiles import with_profile
from primum.agents.spec import ModelSpec, Panel
from primum.cases.errors import DataError
from primum.cases.reading import is_there, line_of, parse_yaml, read_text


def ready_panels() -> dict[str, Path]:
    """The panels that the package ships, by name."""
    folder = Path(str(files("primum.panels")))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def load_panel(name: str) -> Panel:
    """A ready panel by name, or one from a YAML file.

    Raises:
        DataError: it is not there, or not a valid panel: file, line and field are named.
    """
    path = ready_panels().get(name, Path(name))
    if not is_there(path):
        raise DataError(
            f"{name}: no such panel; name a .yaml file or one of {', '.join(ready_panels())}"
        )
    text = read_text(path)
    panel = parse_yaml(Panel, text, path)
    for model_name, model in panel.models.items():
        if model.simulated:
            try:
                with_profile(model_name, model, "")
            except DataError as error:
                at = line_of(text, ("models", model_name))
                raise DataError(f"{path}:{at}: {error}") from None
    return panel


def require_callable(models: dict[str, ModelSpec]) -> None:
    """Refuse models that cannot be called as the record will say, before anything is asked.

    Raises:
        DataError: a variable that redirects a model, or a key that is not there.
    """
    require_endpoints(models)
    require_keys(models)


def require_endpoints(models: dict[str, ModelSpec]) -> None:
    """Refuse variables of the environment that would redirect a model behind the record's back.

    Raises:
        DataError: the first model without an endpoint of its own for which there is one.
    """
    for name, model in models.items():
        provider = re.split(r"[/-]", model.id)[0].upper()
        makers = {"GPT": "OPENAI", "CLAUDE": "ANTHROPIC"}.get(provider, provider)
        for what in ("API_BASE", "BASE_URL", "API_VERSION"):
            variable = f"{makers}_{what}"
            if os.environ.get(variable) and not model.api_base:
                raise DataError(
                    f"model {name} ({model.id}): {variable} in the environment would redirect it; "
                    "unset it, or name the endpoint in the panel as api_base"
                )


def require_keys(models: dict[str, ModelSpec]) -> None:
    """Refuse models whose key is not in the environment, before anything is asked.

    Raises:
        DataError: the first model without its key.
    """
    for name, model in models.items():
        if model.key_env and not os.environ.get(model.key_env):
            raise DataError(
                f"model {name} ({model.id}): no API key; set {model.key_env} in the environment"
            )
