"""Replies that are known to say something, in any form, whole or damaged."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from primum.tests.agents.replies.mutated.damage import Draw, damaged
from primum.tests.agents.replies.mutated.forms import in_context, loosely, texts

MENU = (1, 2, 3, 30)
DRAFTS = 3
CONTRARY = {
    "Appropriate": "Inappropriate", "Inappropriate": "Appropriate",
    "full": "none", "partial": "full", "none": "partial",
}  # fmt: skip
NUMBERS: list[Callable[[int], Any]] = [
    int, int, str, float, "Option {}".format, "option_{}".format, "#{}".format, "0{}".format, "{}.0".format, "({})".format,
    "**{}**".format, "Option {}: Start A".format, " {} ".format,
]  # fmt: skip
OF_DRAFTS: list[Callable[[int], Any]] = [int, int, str, float, "Draft {}".format, "#{}".format]
SPELLINGS: list[Callable[[str], str]] = [
    str, str, str.lower, str.upper, str.swapcase, "{}.".format, " {} ".format, "**{}**".format, "({})".format, "'{}'".format,
    lambda word: word[:3] + "\u200b" + word[3:],
]  # fmt: skip
OF_GRADES: list[Callable[[str], str]] = [
    lambda grade: grade.replace("Inap", "Not ap"), lambda grade: grade.replace("Inap", "non-ap"),
]  # fmt: skip
OF_VERDICTS: list[Callable[[str], Any]] = [
    lambda word: None if word == "none" else word,
    lambda word: {"none": "No match"}.get(word, f"{word} match"),
]
KEYS_OF_VERDICTS = [
    {"Option": "OPTION", "verdict": "Verdict"},
    {"Option": "option_", "evidence": "EVIDENCE"},
]
KEYS = [
    {"Option": "option", "GradeAI": "grade", "Rationale": "rationale"}, {"GradeAI": "Grade AI"}, {"GradeAI": "grade_ai"},
    {"Option": "OPTION", "GradeAI": "GRADEAI"}, {"Option": "Option Number"}, {"Rationale": "reason"},
]  # fmt: skip
MORE: list[dict[str, Any]] = [{}, {}, {}, {"Category": "Lab"}, {"Confidence": [0.5]}]
LAYOUTS = ["array"] * 4 + ["lines", "wrapped", "by option", "rows by option", "Python", "spread"]
Row = dict[str, Any]
Said = Mapping[int, str]


class Written(NamedTuple):
    """A reply, and what it was made to say before it was damaged."""

    text: str
    said: Said


@st.composite
def grades(draw: Draw, *, whole: bool) -> Written:
    """Replies with the grades of all options."""
    said = {option: draw(st.sampled_from(["Appropriate", "Inappropriate"])) for option in MENU}
    contrary = _contrary(said)
    decoys = whole or draw(st.booleans())
    text = _grades_as_json(draw, said, texts(decoys=decoys))
    again, other = json.dumps(_plain_grades(said)), json.dumps(_plain_grades(contrary))
    text = in_context(draw, text, again, other, decoys=decoys)
    rows = [json.dumps(row) for row in _plain_grades(contrary)]
    if not whole:
        text = damaged(draw, text, [*rows, other], within=not decoys)
    return Written(text, said)


@st.composite
def verdicts(draw: Draw, *, whole: bool) -> Written:
    """A matcher's replies with verdicts on all options."""
    said = {option: draw(st.sampled_from(["full", "partial", "none"])) for option in MENU}
    contrary = _contrary(said)
    decoys = whole or draw(st.booleans())
    rows = _rows(draw, said, "verdict", OF_VERDICTS, texts(decoys=decoys))
    text = json.dumps(_matching(rows), indent=draw(st.sampled_from([None, 1])))
    other = json.dumps(_matching(_plain_verdicts(contrary)))
    text = in_context(draw, loosely(draw, text), text, other, decoys=decoys)
    one = [json.dumps(row) for row in _plain_verdicts(contrary)]
    if not whole:
        text = damaged(draw, text, [*one, other], within=not decoys)
    return Written(text, said)


@st.composite
def choices(draw: Draw, *, whole: bool) -> Written:
    """A selector's replies, which name one draft; it is said of option 0."""
    number = draw(st.integers(1, DRAFTS))
    decoys = whole or draw(st.booleans())
    form = draw(st.sampled_from(OF_DRAFTS))
    chosen = {"Draft": form(number), "Rationale": draw(st.sampled_from(texts(decoys=decoys)))}
    again, other = (json.dumps({"Draft": n}) for n in (number, number % DRAFTS + 1))
    text = in_context(draw, loosely(draw, json.dumps(chosen)), again, other, decoys=decoys)
    if not whole:
        text = damaged(draw, text, [other], within=not decoys)
    return Written(text, {0: str(number)})


def _contrary(said: Said) -> Said:
    return {option: CONTRARY[word] for option, word in said.items()}


def _rows(
    draw: Draw, said: Said, key: str, more: Sequence[Callable[[str], Any]], reasons: list[str]
) -> list[Row]:
    """Rows whose numbers, spelling of words and reasons differ from row to row."""
    why = "Rationale" if key == "GradeAI" else "evidence"
    rows = []
    for option, word in said.items():
        number = draw(st.sampled_from(NUMBERS))(option)
        spelt = draw(st.sampled_from([*SPELLINGS, *more]))(word)
        reason = draw(st.sampled_from([None, *reasons]))
        rows.append({"Option": number, key: spelt, why: reason})
    keys: list[dict[str, str]] = KEYS if key == "GradeAI" else KEYS_OF_VERDICTS
    names = draw(st.sampled_from([{}, {}, *keys]))
    extra = draw(st.sampled_from(MORE))
    rows = [{names.get(k, k): v for k, v in row.items()} | extra for row in rows]
    return [dict(reversed(row.items())) for row in rows] if draw(st.booleans()) else rows


def _grades_as_json(draw: Draw, said: Said, reasons: list[str]) -> str:
    rows = _rows(draw, said, "GradeAI", OF_GRADES, reasons)
    layout = draw(st.sampled_from(LAYOUTS))
    if layout == "Python":
        return repr(rows)
    text = json.dumps(rows, ensure_ascii=draw(st.booleans()))
    if layout == "spread":
        text = json.dumps(rows, indent=1)
    if layout == "lines":
        text = "\n".join(map(json.dumps, rows))
    if layout == "wrapped":
        text = json.dumps({draw(st.sampled_from(["answers", "results", "data"])): rows})
    if layout == "by option":
        text = json.dumps({str(option): word for option, word in said.items()})
    if layout == "rows by option":
        text = json.dumps({f"Option {n}": {"GradeAI": word} for n, word in said.items()})
    return loosely(draw, text)


def _plain_grades(said: Said) -> list[Row]:
    return [{"Option": option, "GradeAI": word} for option, word in said.items()]


def _plain_verdicts(said: Said) -> list[Row]:
    return [{"option": option, "verdict": word, "evidence": ""} for option, word in said.items()]


def _matching(rows: list[Row]) -> Row:
    action = {"action": "Do", "category": "Lab", "matches": [], "score": 5, "rationale": ""}
    return {"actions": [{"number": 1, **action}], "options": rows}
