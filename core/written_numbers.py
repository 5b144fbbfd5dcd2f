"""Numbers that are not written as YAML reads numbers: `0,2`, `1_000`, `"0.2"`, `yes`."""

import re
from typing import Any

import yaml

INTEGER = "tag:yaml.org,2002:int"
NUMERIC = frozenset({INTEGER, "tag:yaml.org,2002:float"})
NULL = "tag:yaml.org,2002:null"
PLAIN = re.compile(r"[-+]?(?:0|[1-9]\d*|0x[0-9a-fA-F]+|0b[01]+)")  # integers without a surprise
WITH_COMMA = re.compile(r"\s*([-+]?\d+),(\d+)\s*")
SPELT = re.compile(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*")


def how_to_write(value: Any) -> str:
    """What to write in place of a value where a number is due; empty if that cannot be told."""
    if isinstance(value, bool):
        return "YAML reads yes and on as true, no and off as false: write a number"
    if value is None:
        return "the value is missing: write one, or remove the name"
    if not isinstance(value, str):
        return ""
    if found := WITH_COMMA.fullmatch(value):
        return f"write {_joined(found[1], found[2])}, not {found[0].strip()}"
    if SPELT.fullmatch(value):
        return f"write {_shortest(value)} (without quotes)"
    return ""


def has_comma(value: object) -> bool:
    """Whether a value is a text such as "0,2", which is meant as a number."""
    return isinstance(value, str) and bool(WITH_COMMA.fullmatch(value))


def broken_apart(value: yaml.Node, key: yaml.Node, after: yaml.Node) -> str:
    """What is wrong with two entries of a mapping that were one number with a comma; or empty.

    Args:
        value: of the first entry: what stands before the comma.
        key: of the second entry: what stands after it.
        after: the value of the second entry.
    """
    digits = isinstance(key, yaml.ScalarNode) and key.style is None and key.value.isdecimal()
    if not (value.tag in NUMERIC and digits and after.tag == NULL and after.value == ""):
        return ""
    return (
        f"a comma breaks {value.value},{key.value} apart: write {_joined(value.value, key.value)}"
    )


def misread(node: yaml.ScalarNode) -> str:
    """What is wrong with a number that YAML reads otherwise than it looks; empty if nothing is."""
    text = node.value
    odd = "_" in text or ":" in text or (node.tag == INTEGER and not PLAIN.fullmatch(text))
    if node.style is not None or node.tag not in NUMERIC or not odd:
        return ""
    read = yaml.safe_load(text)
    return f"YAML reads {text} as {read}: write {read}, or put it in quotes if it is text"


def _joined(before: str, after: str) -> str:
    thousands = len(after) == 3 and before.lstrip("+-") != "0"  # noqa: PLR2004
    return f"{before}{'' if thousands else '.'}{after}"


def _shortest(text: str) -> str:
    number = float(text)
    return (
        text.strip()
        if "e" not in text.lower()
        else f"{number:g}"
        if number % 1
        else f"{number:.0f}"
    )
