"""Reply text into records, strictly: what does not fit is refused with a reason, never guessed."""

import json
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from primum.core.documents import unique_keys

T = TypeVar("T")
CACHE_SIZE = 512  # replies, each with its grades: some 15 kB
FENCE = re.compile(r"```(?:json)?[ \t]*\n(.*?)\n[ \t]*```", re.DOTALL)


class ReplyError(ValueError):
    """A reply that cannot be used; the message is the reason, fit for a repair turn."""


class Grade(BaseModel):
    """One graded option of a reply, in the published field names."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    option: Annotated[int, Field(alias="Option")]
    grade: Annotated[Literal["Appropriate", "Inappropriate"], Field(alias="GradeAI")]
    rationale: Annotated[str, Field(alias="Rationale")] = ""

    @property
    def appropriate(self) -> bool:
        """Whether the option is recommended."""
        return self.grade == "Appropriate"


class Choice(BaseModel):
    """Which of several drafts is the best, by its number."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    draft: Annotated[int, Field(alias="Draft", ge=1)]
    rationale: Annotated[str, Field(alias="Rationale")] = ""


GRADES = TypeAdapter(tuple[Grade, ...])


def parse_grades(text: str, options: Sequence[int], *, complete: bool) -> tuple[Grade, ...]:
    """The grades of a reply: a JSON array, alone or as the reply's only fenced block.

    Args:
        text: the reply.
        options: the numbers of the menu.
        complete: every option must be graded; otherwise only some may be (a critic's changes).

    Raises:
        ReplyError: not JSON, cut off, a field that does not fit, an option that is repeated,
            unknown or, where all are asked for, left out.
    """
    return _parse_grades(text, tuple(options), complete)


@lru_cache(maxsize=CACHE_SIZE)
def _parse_grades(text: str, options: tuple[int, ...], complete: bool) -> tuple[Grade, ...]:  # noqa: FBT001
    """Ensembles that share a call read the same reply, one after the other."""
    grades = parse_json_reply(text, GRADES.validate_json)
    _require_options([grade.option for grade in grades], options, complete=complete)
    return grades


def parse_json_reply(text: str, validate: Callable[[str], T]) -> T:
    """A reply's JSON, alone or as its only fenced block, as `validate` (Pydantic's) makes it.

    Raises:
        ReplyError: not JSON, cut off, a key that is repeated, or a field that does not fit.
    """
    fenced = FENCE.findall(text)
    body = fenced[0] if len(fenced) == 1 else text.strip()
    try:
        json.loads(body, object_pairs_hook=unique_keys)
        return validate(body)
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


def parse_choice(text: str, drafts: int) -> int:
    """The number of the draft that a reply selects, of so many.

    Raises:
        ReplyError: not one JSON object of that form, or no draft has the number.
    """
    number = parse_json_reply(text, Choice.model_validate_json).draft
    if number > drafts:
        raise ReplyError(f"there is no draft {number}; they are numbered 1 to {drafts}")
    return number


@lru_cache(maxsize=CACHE_SIZE)
def dump_grades(grades: tuple[Grade, ...]) -> str:
    """Grades as JSON for another agent's prompt; `<` is escaped, so no text can close a tag."""
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
