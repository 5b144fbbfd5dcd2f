"""Strict parsers of JSON replies: grades, and the choice of a draft. Nothing is guessed."""

import json
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from primum.agents.replies.reader import Read, Reader, ReplyError
from primum.core.documents import unique_keys

T = TypeVar("T")
CACHE_SIZE = 512  # replies with their grades, of about 15 kB each
FENCE = re.compile(r"```(?:json)?[ \t]*\n(.*?)\n[ \t]*```", re.DOTALL)


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
    """The grades of a reply: a JSON array, alone or as the reply's only fenced block.

    Args:
        text: the reply, without thinking.
        options: the numbers of the menu.
        complete: whether every option must be graded; a critic grades only those it would change.
        reader: which forms are read.

    Raises:
        ReplyError: not JSON, cut off, an invalid field, an unknown or repeated option, or a missing
            one if `complete`.
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
    read = parse_json_reply(text, GRADES.validate_json, reader)
    _require_options([grade.option for grade in read.value], options, complete=complete)
    return read


def parse_json_reply(text: str, validate: Callable[[str], T], _reader: Reader) -> Read[T]:
    """Parse a reply that is JSON, alone or as its only fenced block, with Pydantic's `validate`.

    Raises:
        ReplyError: not JSON, cut off, a repeated key, or an invalid field.
    """
    fenced = FENCE.findall(text)
    body = fenced[0] if len(fenced) == 1 else text.strip()
    try:
        json.loads(body, object_pairs_hook=unique_keys)
        return Read(validate(body))
    except json.JSONDecodeError as error:
        ending = {"[": "]", "{": "}"}.get(body[:1])
        cut = ending and error.msg != "Extra data" and not body.endswith(ending)
        problem = "is cut off" if cut else f"is not JSON ({error.msg}, character {error.pos})"
        raise ReplyError(f"the reply {problem}") from None
    except RecursionError:
        raise ReplyError("the reply is not JSON (nested too deeply)") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the reply"
        raise ReplyError(f"{where}: {first['msg'].removeprefix('Value error, ')}") from None
    except ValueError as error:
        raise ReplyError(str(error)) from None


def parse_choice(text: str, drafts: int, reader: Reader) -> Read[int]:
    """The number of the draft that a reply selects, from 1 to `drafts`.

    Raises:
        ReplyError: not a JSON object of the form of `SelectedDraft`, or no draft has the number.
    """
    read = parse_json_reply(text, SelectedDraft.model_validate_json, reader)
    number = read.value.draft
    if number > drafts:
        raise ReplyError(f"there is no draft {number}; they are numbered 1 to {drafts}")
    return Read(number, read.changes)


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
