"""Prompt templates: strict, single-pass substitution of `{{name}}`, a system and a user part."""

import hashlib
import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

from primum.core.errors import DataError

TAG = re.compile(
    r"<(?=\s*/?\s*(case|menu|draft|critique|answer|options|reference|guidance|verdicts)\b)",
    re.IGNORECASE,
)
NAME = re.compile(r"\{\{(\w+)\}\}")
SEPARATOR = "\n=====\n"


class Prompt(NamedTuple):
    """What is sent: the system message and the user message."""

    system: str
    user: str


_FOLDERS: list[Traversable] = [files("primum.prompts")]


def add_prompts(folder: Traversable) -> None:
    """Make the templates of an extension known: each `NAME.md` of a folder, by its name.

    Raises:
        DataError: there is a template of such a name already.
    """
    known = {path.name for place in _FOLDERS for path in _templates(place)}
    for path in _templates(folder):
        if path.name in known:
            raise DataError(f"{path}: there is a prompt {path.name} already; choose another name")
    _FOLDERS.append(folder)
    templates_digest.cache_clear()


@cache
def template(name: str) -> str:
    """The text of a template that the package or an extension ships, such as "generator.menu".

    Raises:
        DataError: there is none of that name.
    """
    for folder in _FOLDERS:
        path = folder / f"{name}.md"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise DataError(f"there is no prompt {name}.md")


@cache
def templates_digest() -> str:
    """One SHA-256 over the names and texts of all templates."""
    found = hashlib.sha256()
    paths = [path for folder in _FOLDERS for path in _templates(folder)]
    for name in sorted(path.name.removesuffix(".md") for path in paths):
        found.update(f"{name}\0{template(name)}\0".encode())
    return found.hexdigest()


def _templates(folder: Traversable) -> list[Traversable]:
    return [path for path in folder.iterdir() if path.name.endswith(".md")]


def substitute(text: str, values: dict[str, str]) -> str:
    """Put values in place of `{{name}}`, once: a value that holds `{{name}}` is never expanded.

    Raises:
        KeyError: a name of the text without a value, or a value without its name in the text.
    """
    wanted = set(NAME.findall(text))
    if wanted != set(values):
        raise KeyError(f"the template names {sorted(wanted)}, values are for {sorted(values)}")
    return NAME.sub(lambda match: values[match[1]], text)


def inert(text: str) -> str:
    """A text in which no tag of ours opens or closes: `</case>` becomes `&lt;/case>`."""
    return TAG.sub("&lt;", text)


def render(name: str, **values: str) -> Prompt:
    """A template's two parts with values put in.

    Raises:
        KeyError: a name without a value, or a value without a name.
    """
    text = template(name)
    # The separator is looked for in the template, never in a value.
    system, user = text.split(SEPARATOR)
    of_system = {key: values[key] for key in values if key in NAME.findall(system)}
    of_user = {
        key: values[key] for key in values if key not in of_system or key in NAME.findall(user)
    }
    return Prompt(substitute(system, of_system).strip(), substitute(user, of_user).strip())
