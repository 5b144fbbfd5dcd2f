"""Replies with known grades, written in any form, cluttered, contradicted, cut off and damaged."""

import html
import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import strategies as st

from primum.tests.agents.replies.slow_reader import TAGS

MENU = (1, 2, 3, 30)
Row = dict[str, Any]
Draw = st.DrawFn
WORD = {True: "Appropriate", False: "Inappropriate"}
# What stands in rationales, comments and prose; no part of it gives a grade.
RATIONALES = [
    "Because.",
    "",
    "\u00e9\u4e2d\U0001f600 \u2265 5 \u00b5g",
    "It's fine, isn't it",
    "tab\there",
]
DECOYS = [
    "It says </think> there.", "It opens <think> there.", "assistantfinal", "Not option 3: inappropriate",
    'Option 2: {"Option": 2, "GradeAI": "Inappropriate"}', "[{'Option': 1, 'GradeAI': 'Appropriate'}]",
    "K 3.0 {low} [1], see }", "a [ and a {", "// not /* so #", "```json\n[]\n```", 'A "best" test',
]  # fmt: skip
COMMENTS = ['// graded, "so"\n', "/* seen */", "# don't\n"]
PROSE = ["Here is the assessment:", "I hope that this helps!", "\u00c0 votre service \u2026"]
BRACKETED = [
    "See [1], [see 2], {x} and [{...}].", "- [ ] checked\n- [x] done", "Note: K > 3 [mmol/l], {not measured}.",
]  # fmt: skip
EXTRA: list[Row] = [{}, {}, {}, {"Category": "Lab"}, {"Confidence": [0.5]}]
NOISE = [*RATIONALES, *DECOYS, *COMMENTS, *PROSE, *BRACKETED]
NUMBERS: list[Callable[[int], Any]] = [
    int, int, str, float, "Option {}".format, "option_{}".format, "#{}".format, "0{}".format, "{}.0".format, "({})".format,
    "**{}**".format, "Option {}: Start A".format, " {} ".format,
]  # fmt: skip
SPELLINGS: list[Callable[[str], str]] = [
    str, str, str.lower, str.upper, str.swapcase, "{}.".format, " {} ".format, "**{}**".format, "({})".format, "'{}'".format,
    lambda grade: grade.replace("Inap", "Not ap"), lambda grade: grade.replace("Inap", "non-ap"),
    lambda grade: grade[:3] + "\u200b" + grade[3:],
]  # fmt: skip
LOOSER: list[Callable[[str], str]] = [
    lambda text: re.sub(r"(?<=[\"el0-9])\}(?=[,\]\n]|$)", ",}", text),
    lambda text: text.replace("}, {", "}\n{"),
    *(lambda text, words=words: text.replace("}, {", f"}}, {words}{{") for words in COMMENTS),
    lambda text: re.sub(r'"([A-Za-z]+)": ', r"\1: ", text),
    lambda text: re.sub(r'"((?:[^"\\]|\\.)*)"', "\u201c\\1\u201d", text),
]  # fmt: skip
ENCODED: list[Callable[[str], str]] = [json.dumps, lambda text: json.dumps(text)[1:-1], html.escape]
KEYS = [
    {"Option": "option", "GradeAI": "grade", "Rationale": "rationale"}, {"GradeAI": "Grade AI"}, {"GradeAI": "grade_ai"},
    {"Option": "OPTION", "GradeAI": "GRADEAI"}, {"Option": "Option Number"}, {"Rationale": "reason"},
]  # fmt: skip


class Written(NamedTuple):
    """A reply, the grades that it was made of, and whether that is all that it says."""

    text: str
    grades: dict[int, bool]
    plain: bool


def _rows(draw: Draw, grades: dict[int, bool], reasons: list[str]) -> list[Row]:
    """Rows of grades; numbers, spelling of grades and rationales differ from row to row."""
    rows = []
    for option, yes in grades.items():
        number = draw(st.sampled_from(NUMBERS))(option)
        grade = draw(st.sampled_from(SPELLINGS))(WORD[yes])
        why = draw(st.sampled_from([None, *reasons]))
        rows.append({"Option": number, "GradeAI": grade, "Rationale": why})
    names = draw(st.sampled_from([{}, {}, *KEYS]))
    more: Row = draw(st.sampled_from(EXTRA))
    rows = [{names.get(k, k): v for k, v in row.items()} | more for row in rows]
    return [dict(reversed(row.items())) for row in rows] if draw(st.booleans()) else rows


def _array(draw: Draw, grades: dict[int, bool], reasons: list[str]) -> str:
    """Grades as JSON, or nearly so."""
    rows = _rows(draw, grades, reasons)
    layout = draw(
        st.sampled_from(
            ["array"] * 4 + ["lines", "wrapped", "by option", "rows by option", "Python", "spread"]
        )
    )
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
        text = json.dumps({str(option): WORD[yes] for option, yes in grades.items()})
    if layout == "rows by option":
        text = json.dumps({f"Option {o}": {"GradeAI": WORD[yes]} for o, yes in grades.items()})
    return _loosely(draw, text)


def _loosely(draw: Draw, text: str) -> str:
    """JSON as people write it, or encoded once more; no mark changes within a text."""
    changes: list[Callable[[str], str]] = [str, str, lambda text: text.replace('": ', '":\u00a0')]
    if "\\" not in text:
        changes += LOOSER
    if "think>" not in text and "assistantfinal" not in text:
        changes += ENCODED  # a tag within a text within a text is of no interest
    return draw(st.sampled_from(changes))(text)


def _fenced(draw: Draw, text: str) -> str:
    form = draw(
        st.sampled_from(
            ["{}"] * 3
            + [
                "```json\n{}\n```",
                "```JSON\n{}```",
                "``` json\n{}\n```",
                "~~~\n{}\n~~~",
                "```json\n{}\n",
                "```json{}```",
            ]
        )
    )
    return form.replace("{}", text)


@st.composite
def replies(draw: Draw, *, decoys: bool = True) -> Written:
    """Replies that are whole and hold nothing but noise beside their grades and thinking."""
    reasons, prose = (RATIONALES + DECOYS, PROSE + BRACKETED) if decoys else (RATIONALES, PROSE)
    grades = {option: draw(st.booleans()) for option in MENU}
    parts = [_fenced(draw, _array(draw, grades, reasons))]
    if draw(st.integers(0, 9)) == 0 and not any(sign in parts[0] for sign in ('\\"', "&quot;")):
        parts.append(_fenced(draw, json.dumps(_plain_rows(grades))))
    before, after = (draw(st.sampled_from(["", "", *prose])) for _ in range(2))
    text = "\n".join(part for part in (before, *parts, after) if part)
    text = draw(st.sampled_from(["", "", "", "\ufeff", "\u00a0", "\n\n"])) + text
    return Written(_after_thinking(draw, text, grades), grades, plain=True)


def _plain_rows(grades: dict[int, bool]) -> list[Row]:
    return [{"Option": option, "GradeAI": WORD[yes]} for option, yes in grades.items()]


def _after_thinking(draw: Draw, text: str, grades: dict[int, bool]) -> str:
    """A reply after thinking that says the opposite; nested, or closed only, or none."""
    opening, closing = draw(st.sampled_from(TAGS))
    opposite = json.dumps(_plain_rows({option: not yes for option, yes in grades.items()}))
    thought = draw(
        st.sampled_from(
            ["Hm.", opposite, f"```json\n{opposite}\n```", opposite[:50], f"a {{ [ {opposite}"]
        )
    )
    form = draw(st.sampled_from(["{text}"] * 4 + [
        "{o}\n{thought}\n{c}\n\n{text}", "{thought}\n{c}\n{text}", "{o}{thought}{o}{thought}{c}b{c}{text}",
        "{o}{thought}{c}{text}\n{o}{thought}{c}", "{text}\n{o}{thought}", "{o}{thought}{c}\nAgain.{c}{text}",
    ]))  # fmt: skip
    return (
        form.replace("{text}", text)
        .replace("{thought}", thought)
        .replace("{o}", opening)
        .replace("{c}", closing)
    )


@st.composite
def damaged(draw: Draw) -> Written:
    """Replies that may contradict themselves, be cut off, moved about or damaged in any way.

    Only replies that hold no brackets, grades or tags but their own are damaged at any place.
    """
    decoys = draw(st.booleans())
    written = draw(replies(decoys=decoys))
    text = written.text
    for _ in range(draw(st.integers(1, 3))):
        text = draw(st.sampled_from(BETWEEN if decoys else [*BETWEEN, *WITHIN]))(
            draw, text, written.grades
        )
    return Written(text, written.grades, plain=False)


def _cut(draw: Draw, text: str, _grades: dict[int, bool]) -> str:
    return text[: draw(st.integers(0, len(text)))]


def _begun_late(draw: Draw, text: str, _grades: dict[int, bool]) -> str:
    return text[draw(st.integers(0, len(text))) :]


def _lost(draw: Draw, text: str, _grades: dict[int, bool]) -> str:
    at = draw(st.integers(0, len(text)))
    return text[:at] + text[at + draw(st.sampled_from([1, 1, 2, 5, 20, 60, 100])) :]


def _given_twice(draw: Draw, text: str, _grades: dict[int, bool]) -> str:
    at, length = draw(st.integers(0, len(text))), draw(st.sampled_from([1, 3, 20, 66, 100, 400]))
    return text[: at + length] + text[at:]


SIGNS = ["{", "}", "[", "]", '"', "'", ",", ":", "\\", "\n", "`", "```", "//", "/*", "*/", "#", "\u201c", "\u201d", "&quot;", "null", "None", "In", "Not ", "1", "0", "Option", ".", "-", "\u200b", "\ud800", "\x00"]  # fmt: skip


def _put_in(draw: Draw, text: str, _grades: dict[int, bool]) -> str:
    """A sign at any place; a bracket only between tokens."""
    sign = draw(st.sampled_from(SIGNS))
    between = [0, *(m.end() for m in re.finditer(r"[\[\]{},:\s]", text))]
    at = draw(st.sampled_from(between) if sign in "[]{}" else st.integers(0, len(text)))
    return text[:at] + sign + text[at:]


def _contradicted(draw: Draw, text: str, grades: dict[int, bool]) -> str:
    """A row, or all, said again with other grades; before, after, or wrapped up with the rest."""
    chosen = draw(st.sampled_from([[option] for option in MENU] + [[*MENU]]))
    other = json.dumps(_plain_rows({option: not grades[option] for option in chosen}))
    if draw(st.booleans()):
        other = other[1:-1]
    form = draw(
        st.sampled_from(
            [
                "{text}\n{other}",
                "{other}\n{text}",
                '{"draft": {other}, "final": {text}}',
                "[{text}, {other}]",
                "```\n{other}\n```\n{text}",
            ]
        )
    )
    return form.replace("{text}", text).replace("{other}", other)


def _tagged(draw: Draw, text: str, _grades: dict[int, bool]) -> str:
    """A tag at any place that is between rows, lines or blocks."""
    places = [0, len(text), *(m.end() for m in re.finditer(r"\n|\}, (?=\{)|(?<=\]) ", text))]
    at = draw(st.sampled_from(places))
    return text[:at] + draw(st.sampled_from(draw(st.sampled_from(TAGS[:1])))) + text[at:]


def _swapped(draw: Draw, text: str, _grades: dict[int, bool]) -> str:
    """Two words of the form in each other's place."""
    one, other = draw(
        st.sampled_from(
            [
                ("Option", "GradeAI"),
                ("Appropriate", "Inappropriate"),
                ("GradeAI", "Rationale"),
                ("[", "{"),
                ("1", "2"),
                ('"', "'"),
            ]
        )
    )
    return text.replace(one, "\x01").replace(other, one).replace("\x01", other)


def _deep(draw: Draw, text: str, _grades: dict[int, bool]) -> str:
    opening, closing = draw(
        st.sampled_from([("[", "]"), ('{"a": ', "}"), ("[{", "}]"), ("(", ")"), ('{"a": [', "]}")])
    )
    depth = draw(st.sampled_from([1, 2, 10, 31, 2000]))
    return opening * depth + text + closing * depth


BETWEEN = [_contradicted, _contradicted, _tagged, _deep]
WITHIN = [_cut, _cut, _begun_late, _lost, _lost, _lost, _given_twice, _put_in, _put_in, _swapped]
