"""Loading panels, and checking that their models can be called."""

import os
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from primum.agents.models.registry import DIRECT, client_name, client_of
from primum.agents.simulation.profiles import with_profile
from primum.agents.specs.model import ModelSpec
from primum.agents.studies.panel import Panel
from primum.agents.studies.prompts import read_prompts
from primum.core.documents import is_there, line_of, parse_yaml, read_text
from primum.core.errors import DataError

REDIRECTS = re.compile(r"([A-Z_]+?)(?:_AI)?_(?:API_BASE|BASE_URL|API_URL|API_VERSION)")
PROVIDERS = frozenset(
    """ANTHROPIC AZURE COHERE DEEPINFRA DEEPSEEK FIREWORKS GEMINI GOOGLE GROQ HOSTED_VLLM
    HUGGINGFACE LITELLM MISTRAL OLLAMA OPENAI OPENROUTER PERPLEXITY PERPLEXITYAI TOGETHERAI TOGETHER
    VERCEL VERTEX XAI""".split()
)


def builtin_panels() -> dict[str, Path]:
    """The files of the built-in panels, by name."""
    folder = Path(str(files("primum.panels")))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def load_panel(name: str) -> Panel:
    """A built-in panel by name, or one from a YAML file.

    Raises:
        DataError: no such file, or not a valid panel; names file, line and field.
    """
    path = panel_path(name)
    if not is_there(path):
        raise DataError(
            f"{name}: no such panel; name a .yaml file or one of {', '.join(builtin_panels())}"
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
    """The path of a panel: of a built-in one by its name, or a file."""
    return builtin_panels().get(name, Path(name))


def require_callable(models: dict[str, ModelSpec], path: Path | None = None) -> None:
    """Check, before any call, that models can be called as the manifest will describe them.

    Args:
        models: the models that will be called.
        path: the panel's file, for line numbers in messages.

    Raises:
        DataError: the first problem, with its place in the file.
    """
    for name, model in models.items():
        for field, message in call_problems(model):
            if path is None:
                raise DataError(f"{name}: {message}")
            at = line_of(read_text(path), ("models", name, field))
            raise DataError(f"{path}:{at}: models.{name}.{field}: {message}")


def call_problems(model: ModelSpec) -> Iterator[tuple[str, str]]:
    """Why a model cannot be called: the field concerned, and a message that says what to do."""
    if model.simulated:
        return
    yield from _client_problems(model)
    if not model.api_base:
        providers = {*PROVIDERS, model.id.split("/")[0].upper()}
        for variable, value in os.environ.items():
            found = REDIRECTS.fullmatch(variable)
            if value and found and found[1] in providers:
                yield "api_base", f"{variable} redirects {model.id}: unset it, or name the endpoint"
    if model.key_env and not os.environ.get(model.key_env):
        yield "key_env", f"no API key for {model.id}; set {model.key_env} in the environment"


def _client_problems(model: ModelSpec) -> Iterator[tuple[str, str]]:
    """Why the client that is to ask a model cannot."""
    record = client_of(model.id)
    if record and model.client:
        yield "client", f"the extension's client {record.name} asks {model.id}: leave client out"
    if client_name(model) != DIRECT:
        return
    if not model.api_base:
        yield "api_base", f"{model.id} names no endpoint: add api_base, for the client {DIRECT}"
    if model.api_version:
        yield "api_version", f"the client {DIRECT} sends none: leave it out, or say client: litellm"
