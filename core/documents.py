"""Read files into records; errors name the file, the line and the field."""

import codecs
import json
import re
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from primum.core.errors import DataError
from primum.core.written_numbers import broken_apart, how_to_write, misread

Model = TypeVar("Model", bound=BaseModel)
Location = tuple[int | str, ...]
# Valid in a JSON string; YAML reads them as a line break or rejects them.
ODD = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
YAML = "tag:yaml.org,2002:"
SPELT_OUT = 1_000_000  # characters that aliases may stand for


def read_text(path: Path) -> str:
    """The text of a UTF-8 file.

    Raises:
        DataError: the file does not exist, cannot be read, or is not UTF-8.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    if raw.startswith(codecs.BOM_UTF8):
        raise DataError(f"{path}:1: begins with a byte order mark: save it as UTF-8 without one")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path}:{line}: not UTF-8 (byte {error.start}): save it as UTF-8"
        ) from None


def is_there(path: Path) -> bool:
    """Whether a path exists.

    Raises:
        DataError: it cannot be determined: the name is too long, or a folder may not be read.
    """
    try:
        return path.exists()
    except OSError as error:
        raise DataError(f"{str(path)[:200]}: cannot be read: {error.strerror}") from error


def read_input() -> str:
    """The text on standard input; empty if it is closed.

    Raises:
        DataError: it is not UTF-8.
    """
    if sys.stdin is None:
        return ""
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"standard input: not UTF-8 (byte {error.start})") from None


def parse_json(model: type[Model], text: str, path: Path, line: int = 1) -> Model:
    """Parse one JSON document, which starts at a line of a file, into a record.

    Raises:
        DataError: broken JSON, a repeated key, or a value that is invalid in the record.
    """
    try:
        json.loads(text, object_pairs_hook=unique_keys)
        return model.model_validate_json(text)
    except json.JSONDecodeError as error:
        at = line + error.lineno - 1
        raise DataError(f"{path}:{at}: broken JSON: {error.msg} (column {error.colno})") from None
    except ValidationError as error:
        fail(error, text, path, line)
    except ValueError as error:
        _refuse_faults(_compose(text), path, line)
        raise DataError(f"{path}:{line}: {error}") from None
    except RecursionError:
        raise DataError(f"{path}:{line}: nested too deeply") from None


def parse_yaml(model: type[Model], text: str, path: Path) -> Model:
    """Parse one YAML document into a record.

    Raises:
        DataError: broken YAML, a repeated key, or a value that is invalid in the record.
    """
    try:
        document = yaml.compose(text, Loader=yaml.SafeLoader)
        if document is None:
            raise DataError(f"{path}:1: the file is empty")
        _refuse_faults(document, path, 1)
        # A subclass of the safe loader, which makes nothing but plain values.
        return model.model_validate_json(json.dumps(yaml.load(text, Loader=_Loader)))  # noqa: S506
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or "cannot be parsed"
        raise DataError(f"{path}:{at}: broken YAML: {problem}") from None
    except ValidationError as error:
        fail(error, text, path)
    except (TypeError, ValueError) as error:
        raise DataError(f"{path}:1: {error}") from None
    except RecursionError:
        raise DataError(f"{path}:1: nested too deeply") from None


class _Loader(yaml.SafeLoader):
    """The safe loader; its error for a value that does not fit its tag names the position."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: FBT001, FBT002
        try:
            return super().construct_object(node, deep)
        except (AttributeError, LookupError, ValueError):
            kind = f"a value does not fit its tag ({node.tag.removeprefix(YAML)})"
            raise yaml.constructor.ConstructorError(None, None, kind, node.start_mark) from None


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An `object_pairs_hook` that rejects repeated keys, which JSON parsers accept.

    Raises:
        ValueError: a key occurs twice.
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice}: the key is given twice; keep one")
    return found


def fail(error: ValidationError, text: str, path: Path, line: int | None = None) -> NoReturn:
    """Raise the first validation error, with its place in the file.

    Args:
        error: what is invalid.
        text: the document.
        path: its file.
        line: where it begins there, if it is JSON; if not, the file is YAML, and hints on how YAML
            is written are given.
    """
    found = error.errors(include_url=False, include_input=True)
    first = next((e for e in found if e["type"] == "extra_forbidden"), found[0])
    inner = str(first.get("ctx", {}).get("field", ""))
    parts = (int(part) if part.isdigit() else part for part in inner.split(".") if part)
    where = (*first["loc"], *parts)
    at = (line or 1) + line_of(text, where) - 1
    field = dotted(where) or "document"
    hint = _hint(first) if line is None else ""
    said = hint or f"{_said(first)}{_shown(first)}"
    raise DataError(f"{path}:{at}: {field}: {said}") from None


def _hint(error: ErrorDetails) -> str:
    """How a number is written in YAML, where another value was given."""
    due = error["type"] in {"float_type", "int_type"}
    hint = how_to_write(error["input"]) if due else ""
    return f"a number is due: {hint}" if hint else ""


def _said(error: ErrorDetails) -> str:
    if error["type"] == "extra_forbidden":
        return "no such field; remove it or correct its name"
    if error["type"] in {"too_short", "too_long"}:
        return error["msg"].partition(" should have ")[2].replace(" after validation", "")
    return error["msg"].removeprefix("Value error, ")


def _shown(error: ErrorDetails) -> str:
    """The rejected value, if it cannot be a secret or a patient's words."""
    value = error.get("input")
    closed = isinstance(value, int | float | None) and error["type"] != "extra_forbidden"
    closed |= error["type"] == "literal_error"
    return f", not {value!r}"[:60] if closed else ""


def dotted(location: Location) -> str:
    """A location as text: options[3].score."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).lstrip(".")


def line_of(text: str, location: Location) -> int:
    """The line, from 1, of a location in a JSON or YAML text, or of its nearest parent there.

    YAML's composer keeps positions and reads JSON too, so one reader serves both.
    """
    node = _compose(text)
    line = 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            pairs = {key.value: (key, value) for key, value in node.value}
            if str(part) not in pairs:
                break
            key, node = pairs[str(part)]
            line = key.start_mark.line + 1
        elif (
            isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value)
        ):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _compose(text: str) -> yaml.Node | None:
    try:
        return yaml.compose(ODD.sub("?", text).replace("\t", " "), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return None


def _refuse_faults(node: yaml.Node | None, path: Path, line: int) -> None:
    sizes: dict[yaml.Node, int] = {}
    if node and _spelt_out(node, sizes) > SPELT_OUT + sum(map(_own_size, sizes)):
        at = min((node for node in sizes if sizes[node] > SPELT_OUT), key=lambda node: sizes[node])
        place = f"{path}:{line + at.start_mark.line}"
        raise DataError(f"{place}: aliases that stand for too much; write out what they stand for")
    for where, at, message in _faults(node, (), ()):
        place = f"{path}:{line + at.start_mark.line}"
        raise DataError(f"{place}: {dotted(where) or 'document'}: {message}")


def _spelt_out(node: yaml.Node, sizes: dict[yaml.Node, int]) -> int:
    """How large a node is where each alias is what it stands for; every node is looked at once."""
    if node not in sizes:
        sizes[node] = 0  # until it is known: what holds itself is refused later
        inner = node.value if isinstance(node, yaml.CollectionNode) else ()
        parts = chain.from_iterable(inner) if isinstance(node, yaml.MappingNode) else inner
        sizes[node] = _own_size(node) + sum(_spelt_out(part, sizes) for part in parts)
    return sizes[node]


def _own_size(node: yaml.Node) -> int:
    return 1 + len(node.value) if isinstance(node, yaml.ScalarNode) else 1


def _faults(
    node: yaml.Node | None, where: Location, above: tuple[yaml.Node, ...]
) -> Iterator[tuple[Location, yaml.Node, str]]:
    """Yield values that YAML allows and JSON cannot express, and repeated keys."""
    if any(node is outer for outer in above):
        yield where, above[-1], "holds itself"
    elif node and (said := _not_in_json(node)):
        yield where, node, said
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        before: tuple[yaml.Node, yaml.Node] | None = None
        for key, value in node.value:
            if before and (said := broken_apart(before[1], key, value)):
                yield (*where, before[0].value), before[0], said
            before = (key, value)
            if not isinstance(key, yaml.ScalarNode):
                yield where, key, "a key is not a word"
            elif key.value in seen:
                yield (*where, key.value), key, "the key is given twice; keep one"
            else:
                seen.add(key.value)
                yield from _faults(value, (*where, key.value), (*above, node))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _faults(value, (*where, index), (*above, node))


def _not_in_json(node: yaml.Node) -> str:
    """The message about a node that JSON cannot express; empty if it can."""
    kind = node.tag.removeprefix(YAML)
    if kind in {"binary", "set"}:
        return f"no value can be a {kind}"
    if not isinstance(node, yaml.ScalarNode):
        return ""
    if kind == "timestamp":
        return f"{node.value} is a date; put it in quotes"
    if kind == "float" and node.value[-3:].lower() in {"nan", "inf"}:
        return f"{node.value} is not a number"
    return misread(node)
