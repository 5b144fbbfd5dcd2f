"""Primum's own format: JSON Lines with the suite's description, its cases and its variants.

Each line is an object with one key: {"suite": ...}, {"case": ...} or {"variant": ...}. A case has
the fields of the published layout, and each option may add a reason and a guideline. The JSON
Schema of a line is cases/suite.schema.json (`primum cases schema`).
"""

from pathlib import Path
from typing import Any, Self

from pydantic import model_validator

from primum.cases.check import require_complete_key, require_valid
from primum.cases.model import Case, Record, Suite, SuiteInfo, Variant, name_from
from primum.core.documents import parse_json, read_text
from primum.core.errors import DataError


class Line(Record):
    """One line of a native suite file: exactly one of its keys."""

    suite: SuiteInfo | None = None
    case: Case | None = None
    variant: Variant | None = None

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        if sum(part is not None for part in (self.suite, self.case, self.variant)) != 1:
            raise ValueError("a line holds exactly one of suite, case, variant")
        return self


def read_native(path: Path) -> Suite:
    """A suite from a native JSONL file.

    Raises:
        DataError: the first problem, with file, line and field.
    """
    info: SuiteInfo | None = None
    cases: list[tuple[Case, str]] = []
    variants: list[tuple[Variant, str]] = []
    # Not splitlines(): JSON strings may hold U+2028 and its like.
    for number, text in enumerate(read_text(path).split("\n"), 1):
        if not text.strip():
            continue
        line = parse_json(Line, text, path, number)
        place = f"{path}:{number}"
        if line.case:
            require_valid(line.case, text, path, number, ("case",))
            cases.append((line.case, place))
        elif line.variant:
            variants.append((line.variant, place))
        elif info is not None:
            raise DataError(f"{place}: suite: the suite is described twice; keep one such line")
        else:
            info = line.suite
    require_complete_key(cases, variants, path)
    return Suite(
        info=info or SuiteInfo(name=name_from(path.stem)),
        cases=tuple(case for case, _ in cases),
        variants=tuple(variant for variant, _ in variants),
    )


def write_native(suite: Suite, path: Path) -> None:
    """Write a suite as native JSONL; fields that were absent stay absent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dumps(suite), encoding="utf-8")


def dumps(suite: Suite) -> str:
    """A suite as native JSONL text."""
    lines = [
        Line(suite=suite.info),
        *(Line(case=case) for case in suite.cases),
        *(Line(variant=variant) for variant in suite.variants),
    ]
    return "".join(line.model_dump_json(by_alias=True, exclude_unset=True) + "\n" for line in lines)


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of one line."""
    found = Line.model_json_schema(by_alias=True)
    found["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    found["title"] = "A line of a Primum suite"
    found["oneOf"] = [
        {"required": [name], "properties": {name: {"not": {"type": "null"}}}}
        for name in ("suite", "case", "variant")
    ]
    return found
