"""Prompt templates: single-pass, strict substitution of `{{name}}`; a system and a user part."""

import hashlib
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from primum.core.errors import DataError

TAG = re.compile(
    r"<(?=\s*/?\s*(case|menu|draft|critique|answer|options|reference|guidance|verdicts)\b)",
    re.IGNORECASE,
)
NAME = re.compile(r"\{\{(\w+)\}\}")
SEPARATOR = "\n=====\n"


class Prompt(NamedTuple):
    """The system message and the user message."""

    system: str
    user: str


OWN = Path(str(files("primum.prompts")))
FOLDERS = [OWN]
"""The folders of templates: the package's own, then those of extensions."""


@cache
def template(name: str) -> str:
    """The text of a template, such as "generator.menu".

    Raises:
        DataError: no folder has it.
    """
    for folder in FOLDERS:
        path = folder / f"{name}.md"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise DataError(f"there is no prompt file {name}.md in {', '.join(map(str, FOLDERS))}")


def add_templates(folder: Path) -> None:
    """Add an extension's folder of templates.

    Raises:
        DataError: no such folder, or a template's name is in use.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no folder of prompt files")
    for name in _names(folder):
        if any(name in _names(known) for known in FOLDERS):
            raise DataError(f"{folder / name}.md: there is a prompt of that name already")
    FOLDERS.append(folder)


@cache
def templates_digest() -> str:
    """One SHA-256 over the names and texts of the package's own templates."""
    return folder_digest(OWN)


def folder_digest(folder: Path) -> str:
    """One SHA-256 over the names and texts of a folder's templates."""
    found = hashlib.sha256()
    for name in _names(folder):
        text = (folder / f"{name}.md").read_text(encoding="utf-8")
        found.update(f"{name}\0{text}\0".encode())
    return found.hexdigest()


def _names(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.md"))


def substitute(text: str, values: dict[str, str]) -> str:
    """Replace each `{{name}}` by its value, once: `{{name}}` in a value is never expanded.

    Raises:
        KeyError: a name of the text without a value, or a value without its name in the text.
    """
    wanted = set(NAME.findall(text))
    if wanted != set(values):
        raise KeyError(f"the template names {sorted(wanted)}, values are for {sorted(values)}")
    return NAME.sub(lambda match: values[match[1]], text)


def placeholders(text: str) -> frozenset[str]:
    """The names of a template's placeholders."""
    return frozenset(NAME.findall(text))


def inert(text: str) -> str:
    """A text with the tags of the prompts escaped: `</case>` becomes `&lt;/case>`."""
    return TAG.sub("&lt;", text)


def render(name: str, **values: str) -> Prompt:
    """The prompt of a template with its values.

    Raises:
        KeyError: a name without a value, or a value without a name.
    """
    return render_text(template(name), **values)


def render_text(text: str, /, **values: str) -> Prompt:
    """The prompt of a template's text with its values.

    Raises:
        KeyError: a name without a value, or a value without a name.
    """
    # The separator is looked for in the template, never in a value.
    system, user = text.split(SEPARATOR)
    of_system = {key: values[key] for key in values if key in NAME.findall(system)}
    of_user = {
        key: values[key] for key in values if key not in of_system or key in NAME.findall(user)
    }
    return Prompt(substitute(system, of_system).strip(), substitute(user, of_user).strip())
