"""Prompt templates: strict, single-pass substitution of `{{name}}`, a system and a user part."""

import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

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


@cache
def template(name: str) -> str:
    """The text of a template that the package ships, such as "generator.menu"."""
    return (files("primum.prompts") / f"{name}.md").read_text(encoding="utf-8")


@cache
def templates_digest() -> str:
    """One SHA-256 over the names and texts of all templates."""
    found = hashlib.sha256()
    names = (path.name for path in files("primum.prompts").iterdir())
    for name in sorted(name.removesuffix(".md") for name in names if name.endswith(".md")):
        found.update(f"{name}\0{template(name)}\0".encode())
    return found.hexdigest()


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
