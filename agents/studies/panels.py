"""Panels from their files, and whether they can be called."""

import os
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from primum.agents.simulation.profiles import with_profile
from primum.agents.specs.model import ModelSpec
from primum.agents.studies.panel import Panel
from primum.agents.studies.prompts import read_prompts
from primum.core.documents import is_there, line_of, parse_yaml, read_text
from primum.core.errors import DataError

REDIRECTS = re.compile(r"([A-Z_]+?)(?:_AI)?_(?:API_BASE|BASE_URL|API_URL|API_VERSION)")
MAKERS = frozenset(
    """ANTHROPIC AZURE COHERE DEEPINFRA DEEPSEEK FIREWORKS GEMINI GOOGLE GROQ HOSTED_VLLM
    HUGGINGFACE LITELLM MISTRAL OLLAMA OPENAI OPENROUTER PERPLEXITY PERPLEXITYAI TOGETHERAI TOGETHER
    VERCEL VERTEX XAI""".split()
)


def ready_panels() -> dict[str, Path]:
    """The panels that the package ships, by name."""
    folder = Path(str(files("primum.panels")))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def load_panel(name: str) -> Panel:
    """A ready panel by name, or one from a YAML file.

    Raises:
        DataError: it is not there, or not a valid panel: file, line and field are named.
    """
    path = panel_path(name)
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
    if panel.prompts is None:
        return panel
    folder = path.parent / panel.prompts
    if not folder.is_dir():
        raise DataError(f"{path}:{line_of(text, ('prompts',))}: prompts: {folder}: no such folder")
    return panel.model_copy(update={"prompt_texts": read_prompts(folder)})


def panel_path(name: str) -> Path:
    """Where a panel is: a ready one by name, or a file."""
    return ready_panels().get(name, Path(name))


def require_callable(models: dict[str, ModelSpec], path: Path | None = None) -> None:
    """Refuse models that cannot be called as the record will say, before anything is asked.

    Args:
        models: those that will be called.
        path: the file that they come from, if it is known.

    Raises:
        DataError: the first obstacle, with its place in that file.
    """
    for name, model in models.items():
        for field, message in obstacles(model):
            if path is None:
                raise DataError(f"{name}: {message}")
            at = line_of(read_text(path), ("models", name, field))
            raise DataError(f"{path}:{at}: models.{name}.{field}: {message}")


def obstacles(model: ModelSpec) -> Iterator[tuple[str, str]]:
    """What stands between a model and its calls: the field that it concerns, and what to do."""
    if model.simulated:
        return
    if not model.api_base:
        makers = {*MAKERS, model.id.split("/")[0].upper()}
        for variable, value in os.environ.items():
            found = REDIRECTS.fullmatch(variable)
            if value and found and found[1] in makers:
                yield "api_base", f"{variable} redirects {model.id}: unset it, or name the endpoint"
    if model.key_env and not os.environ.get(model.key_env):
        yield "key_env", f"no API key for {model.id}; set {model.key_env} in the environment"
