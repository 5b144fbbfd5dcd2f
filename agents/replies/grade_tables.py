"""The grades that JSON values give: rows, rows by option, and wrappers around these."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from primum.agents.replies.json_reading.search import held_by
from primum.agents.replies.json_reading.spelling import plain_key, plain_words, whole_number
from primum.agents.replies.reader import Normalised, ReplyError

GradeWord = Literal["Appropriate", "Inappropriate"]
WORDS: dict[str, GradeWord] = {
    "appropriate": "Appropriate",
    "inappropriate": "Inappropriate",
    "not appropriate": "Inappropriate",
    "non appropriate": "Inappropriate",
}
OPTION = ("Option", "optionnumber", "optionno", "optionnum", "optionid")
GRADE = ("GradeAI", "aigrade", "grade")
RATIONALE = ("Rationale", "reason", "reasoning", "explanation", "justification")
FIELDS = tuple(tuple(plain_key(name) for name in names) for names in (OPTION, GRADE, RATIONALE))
NOT_A_GRADE = "GradeAI: Input should be 'Appropriate' or 'Inappropriate'"


class Row(NamedTuple):
    """The grade of one option."""

    option: int
    grade: GradeWord
    rationale: str


class Table(NamedTuple):
    """Grades that stand together; `loose` if they are one object without an array."""

    rows: tuple[Row, ...]
    loose: bool = False


def tables_of(value: Any, changes: set[Normalised]) -> list[Table]:
    """The tables of grades that a JSON value holds, at any depth.

    Args:
        value: the value.
        changes: what was normalised is added here.

    Raises:
        ReplyError: a row has no valid option or grade, or is something else.
    """
    if _is_row(value):
        return [Table((_row(value, changes),), loose=True)]
    if _is_by_option(value):
        return [Table(_rows_by_option(value, changes))]
    if isinstance(value, list):
        if any(_is_row(element) or _is_by_option(element) for element in value):
            return [Table(tuple(row for element in value for row in _rows(element, changes)))]
        if not value:
            return [Table(())]
    inner = [table for held in held_by(value) for table in tables_of(held, changes)]
    if inner:
        encoded = isinstance(value, str)
        changes.add(Normalised.ENCODED_TWICE if encoded else Normalised.WRAPPER)
    return inner


def _rows(element: Any, changes: set[Normalised]) -> tuple[Row, ...]:
    """The rows that one element of an array of rows gives."""
    if _is_by_option(element) and not _is_row(element):
        return _rows_by_option(element, changes)
    if not isinstance(element, dict):
        raise ReplyError("an element of the array is no object")
    return (_row(element, changes),)


def _is_row(value: Any) -> bool:
    return isinstance(value, dict) and any(
        plain_key(key) in (*FIELDS[0], *FIELDS[1]) and not isinstance(held, dict | list)
        for key, held in value.items()
    )


def _is_by_option(value: Any) -> bool:
    return isinstance(value, dict) and any(
        whole_number(key) is not None and (_is_row(held) or plain_words(held) in WORDS)
        for key, held in value.items()
    )


def _rows_by_option(value: dict[str, Any], changes: set[Normalised]) -> tuple[Row, ...]:
    changes.add(Normalised.BY_OPTION)
    rows: list[Row] = []
    for key, held in value.items():
        option = whole_number(key)
        if option is None:
            if plain_words(held) in WORDS or tables_of(held, set()):
                raise ReplyError("a grade is not under the number of an option")
            changes.add(Normalised.EXTRA_KEY)
        elif isinstance(held, dict):
            rows.append(_row({"Option": option, **_own_option(held, option)}, changes))
        else:
            rows.append(Row(option, _grade(held, f"option {option}", changes), ""))
    return tuple(rows)


def _own_option(row: dict[str, Any], option: int) -> dict[str, Any]:
    """A row without its option, which is the one under which it stands."""
    own = {key: held for key, held in row.items() if plain_key(key) in FIELDS[0]}
    if any(whole_number(held) != option for held in own.values()):
        raise ReplyError(f"option {option} holds the grade of another option")
    return {key: held for key, held in row.items() if key not in own}


def _row(value: dict[str, Any], changes: set[Normalised]) -> Row:
    held = [_values(value, names, changes) for names in FIELDS]
    options = {whole_number(option) for option in held[0]}
    if len(options) != 1 or None in options:
        raise ReplyError("Option: Input should be a valid integer")
    option = next(iter(options)) or 0
    if any(type(given) is not int for given in held[0]):
        changes.add(Normalised.NUMBER)
    grades = {_grade(grade, f"option {option}", changes) for grade in held[1]}
    if len(grades) != 1:
        raise ReplyError(f"option {option}: {NOT_A_GRADE}")
    if any(plain_key(key) not in sum(FIELDS, ()) for key in value):
        changes.add(Normalised.EXTRA_KEY)
    return Row(option, grades.pop(), _rationale(held[2], changes))


def _values(row: dict[str, Any], names: Sequence[str], changes: set[Normalised]) -> list[Any]:
    """What a row holds under any spelling of a key."""
    found = [(key, held) for key, held in row.items() if plain_key(key) in names]
    found.sort(key=lambda pair: names.index(plain_key(pair[0])))
    if any(key not in {OPTION[0], GRADE[0], RATIONALE[0]} for key, _ in found):
        changes.add(Normalised.KEY)
    return [held for _, held in found]


def _grade(value: Any, where: str, changes: set[Normalised]) -> GradeWord:
    grade = WORDS.get(plain_words(value))
    if not grade:
        raise ReplyError(f"{where}: {NOT_A_GRADE}")
    if value != grade:
        changes.add(Normalised.GRADE)
    return grade


def _rationale(values: Sequence[Any], changes: set[Normalised]) -> str:
    """The first rationale as a text; a list's elements follow each other."""
    value = values[0] if values else ""
    if isinstance(value, str):
        return value
    changes.add(Normalised.RATIONALE)
    if isinstance(value, list):
        return " ".join(str(part) for part in value if part is not None)
    return "" if value is None else str(value)


def combined(
    tables: Sequence[Table], changes: set[Normalised], *, complete: bool
) -> tuple[Row, ...]:
    """The grades that all tables of a reply agree on.

    Tables must have the same grades; where every option must be graded, a table may repeat some of
    another's. Loose rows are one table together.

    Raises:
        ReplyError: there is no table, or two differ.
    """
    loose = tuple(row for table in tables if table.loose for row in table.rows)
    given = [
        *(table.rows for table in tables if not table.loose and table.rows),
        *([loose] if loose else []),
    ]
    if not given:
        if not tables:
            raise ReplyError("the reply holds no grades")
        return ()
    merged = [_merged(rows, changes) for rows in given]
    largest = max(merged, key=len)
    for table in merged:
        differs = next(
            (n for n, row in table.items() if n not in largest or largest[n].grade != row.grade),
            None,
        )
        if differs is not None or (not complete and len(table) != len(largest)):
            raise ReplyError("the reply holds several arrays whose grades differ; give one")
    if len(merged) > 1:
        changes.add(Normalised.REPEATED)
    if loose:
        changes.add(Normalised.NO_ARRAY)
    return tuple(largest.values())


def _merged(rows: Sequence[Row], changes: set[Normalised]) -> dict[int, Row]:
    """Rows by option.

    Raises:
        ReplyError: two rows of an option differ in their grade.
    """
    found: dict[int, Row] = {}
    for row in rows:
        if row.option in found:
            if found[row.option].grade != row.grade:
                raise ReplyError(f"option {row.option} is graded twice, and differently")
            changes.add(Normalised.REPEATED)
        found.setdefault(row.option, row)
    return found
