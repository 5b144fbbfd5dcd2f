"""Panels from their files, and whether they can be called."""

import os
from importlib.resources import files
from pathlib import Path

from primum.agents.spec import ModelSpec, Panel
from primum.cases.errors import DataError
from primum.cases.reading import parse_yaml, read_text


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
    if not path.exists():
        raise DataError(
            f"{name}: no such panel; name a .yaml file or one of {', '.join(ready_panels())}"
        )
    return parse_yaml(Panel, read_text(path), path)


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
