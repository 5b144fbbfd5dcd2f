"""Reads replies on menus: the grades of options, and the choice of a draft."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from primum.agents.replies.grade_tables import combined, tables_of
from primum.agents.replies.json_reading.reply import read_reply
from primum.agents.replies.json_reading.search import Found, objects_with, the_same
from primum.agents.replies.json_reading.spelling import named_fields, whole_number
from primum.agents.replies.json_reading.strict import parse_strictly
from primum.agents.replies.reader import Normalised, Read, Reader, ReplyError

CACHE_SIZE = 512  # replies with their grades, of about 15 kB each


class Grade(BaseModel):
    """The grade of one option, with the field names of the published prompts."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    option: Annotated[int, Field(alias="Option")]
    grade: Annotated[Literal["Appropriate", "Inappropriate"], Field(alias="GradeAI")]
    rationale: Annotated[str, Field(alias="Rationale")] = ""

    @property
    def appropriate(self) -> bool:
        """Whether the option is recommended."""
        return self.grade == "Appropriate"


class SelectedDraft(BaseModel):
    """A selector's reply: the number of the best draft."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    draft: Annotated[int, Field(alias="Draft", ge=1)]
    rationale: Annotated[str, Field(alias="Rationale")] = ""


GRADES = TypeAdapter(tuple[Grade, ...])


def parse_grades(
    text: str, options: Sequence[int], *, complete: bool, reader: Reader
) -> Read[tuple[Grade, ...]]:
    """The grades of a reply.

    Args:
        text: the reply, without thinking.
        options: the numbers of the menu.
        complete: whether every option must be graded; a critic grades only those it would change.
        reader: which forms are read.

    Raises:
        ReplyError: no grades, cut off, an invalid field, grades that differ, an unknown option, or
            a missing one if `complete`.
    """
    return _parse_grades(text, tuple(options), complete, reader)


@lru_cache(maxsize=CACHE_SIZE)
def _parse_grades(
    text: str,
    options: tuple[int, ...],
    complete: bool,  # noqa: FBT001
    reader: Reader,
) -> Read[tuple[Grade, ...]]:
    """Cached, since ensembles that share a call parse the same reply."""

    def checked(grades: tuple[Grade, ...]) -> tuple[Grade, ...]:
        _require_options([grade.option for grade in grades], options, complete=complete)
        return grades

    return read_reply(
        text,
        lambda reply: checked(parse_strictly(reply, GRADES.validate_json)),
        lambda found: checked(_found_grades(found, complete=complete)),
        reader,
    )


def _found_grades(found: Found, *, complete: bool) -> tuple[Grade, ...]:
    tables = [table for value in found.values for table in tables_of(value, found.changes)]
    rows = combined(tables, found.changes, complete=complete)
    return tuple(
        Grade.model_validate({"Option": r.option, "GradeAI": r.grade, "Rationale": r.rationale})
        for r in rows
    )


def parse_choice(text: str, drafts: int, reader: Reader) -> Read[int]:
    """The number of the draft that a reply selects, from 1 to `drafts`.

    Raises:
        ReplyError: not a JSON object of the form of `SelectedDraft`, or no draft has the number.
    """

    def checked(number: int) -> int:
        if not 1 <= number <= drafts:
            raise ReplyError(f"there is no draft {number}; they are numbered 1 to {drafts}")
        return number

    return read_reply(
        text,
        lambda reply: checked(parse_strictly(reply, SelectedDraft.model_validate_json).draft),
        lambda found: checked(_found_choice(found)),
        reader,
    )


def _found_choice(found: Found) -> int:
    given = [
        named_fields(choice, ("Draft", "Rationale"), found.changes)["Draft"]
        for choice in objects_with(found, "Draft")
    ]
    number = the_same([whole_number(value) for value in given], found)
    if number is None:
        raise ReplyError("Draft: Input should be a valid integer")
    if any(type(value) is not int for value in given):
        found.changes.add(Normalised.NUMBER)
    return number


@lru_cache(maxsize=CACHE_SIZE)
def dump_grades(grades: tuple[Grade, ...]) -> str:
    """Grades as JSON for another agent's prompt; `<` is escaped so that no text closes a tag."""
    rows = [{"Option": g.option, "GradeAI": g.grade, "Rationale": g.rationale} for g in grades]
    return json.dumps(rows, ensure_ascii=False).replace("<", "\\u003c")


def _require_options(graded: Sequence[int], options: Sequence[int], *, complete: bool) -> None:
    known = set(options)
    unknown = sorted(set(graded) - known)
    if unknown:
        raise ReplyError(f"option {unknown[0]} is not on the menu")
    if len(set(graded)) != len(graded):
        twice = next(number for number in graded if graded.count(number) > 1)
        raise ReplyError(f"option {twice} is graded twice")
    missing = sorted(known - set(graded))
    if complete and missing:
        some = ", ".join(str(number) for number in missing[:10])
        raise ReplyError(f"{len(missing)} of {len(known)} options are not graded: {some}")
