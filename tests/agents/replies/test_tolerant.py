"""Every form in which models send grades: what a careful person would read is read, nothing else."""

import html
import json
import re
from typing import Any

import pytest

from primum.agents.replies.menu import parse_choice, parse_grades
from primum.agents.replies.reader import Normalised, Read, Reader, ReplyError
from primum.agents.replies.thinking import separate_thinking

N = Normalised
MENU = (1, 2, 30)
WANTED = {1: True, 2: False, 30: True}
WORD = {True: "Appropriate", False: "Inappropriate"}
ROWS: list[dict[str, Any]] = [
    {"Option": n, "GradeAI": WORD[yes], "Rationale": "Because."} for n, yes in WANTED.items()
]
GOOD = json.dumps(ROWS)
FLIPPED = GOOD.replace("Inappropriate", "Appropriate")
LINES = "\n".join(map(json.dumps, ROWS))
CURLY = re.sub('"([^"]*)"', "\u201c\\1\u201d", GOOD)
SINGLE = re.sub('"([^"]*)"', "\u2018\\1\u2019", GOOD)
ZERO = "\u200b"


def rows(**change: Any) -> str:
    """The reply with fields made of each row's: `Option=str` writes the numbers as texts."""
    return json.dumps([
        {**row, **{k: f(row[k]) for k, f in change.items()}} for row in ROWS
    ])  # fmt: skip


def renamed(**names: str) -> str:
    return json.dumps([{names.get(k, k): v for k, v in row.items()} for row in ROWS])


# A name, a reply, and what is normalised in it.
READ: list[tuple[str, str, set[N]]] = [
    ("as asked", GOOD, set()),
    ("as asked, indented", json.dumps(ROWS, indent=2), set()),
    ("fenced", f"```json\n{GOOD}\n```", set()),
    ("fenced, prose around", f"I grade.\n```json\n{GOOD}\n```\nDone [1].", set()),
    ("fence in capitals", f"```JSON\n{GOOD}\n```", {N.CODE_FENCE}),
    ("fence with a space", f"``` json\n{GOOD}\n```", {N.CODE_FENCE}),
    ("fence of tildes", f"~~~\n{GOOD}\n~~~", {N.CODE_FENCE}),
    ("fence of another language", f"```python\n{GOOD}\n```", {N.CODE_FENCE}),
    ("fence left open", f"```json\n{GOOD}\n", {N.CODE_FENCE}),
    ("fence glued", f"```json{GOOD}```", {N.CODE_FENCE}),
    ("fence closed on the last line", f"```json\n{GOOD}```", {N.CODE_FENCE}),
    ("fence closed only", f"{GOOD}\n```", {N.CODE_FENCE}),
    ("fence of four", f"````json\n{GOOD}\n````", set()),
    ("fence indented", f"  ```json\n  {GOOD}\n  ```", set()),
    ("two fences, one of prose", f"```\nLet me see.\n```\n```json\n{GOOD}\n```", {N.CODE_FENCE, N.TEXT_AROUND}),
    ("prose before", f"Here is the assessment:\n\n{GOOD}", {N.TEXT_AROUND}),
    ("prose after", f"{GOOD}\nI hope that this helps.", {N.TEXT_AROUND}),
    ("prose with brackets", f"See [1], [see 2], {{x}}, [ ] and [{{...}}]: {GOOD} [3]", {N.TEXT_AROUND}),
    ("wrapped", json.dumps({"answers": ROWS}), {N.WRAPPER}),
    ("wrapped, with a remark", json.dumps({"note": "Done.", "grades": ROWS}), {N.WRAPPER}),
    ("wrapped twice", json.dumps({"result": {"grades": ROWS}}), {N.WRAPPER}),
    ("wrapped as a schema's array", json.dumps({"type": "array", "items": ROWS}), {N.WRAPPER}),
    ("wrapped in an array", json.dumps([ROWS]), {N.WRAPPER}),
    ("wrapped, and once more in a text", json.dumps({"answer": GOOD}), {N.ENCODED_TWICE, N.WRAPPER}),
    ("objects by option", json.dumps({row["Option"]: {k: row[k] for k in ("GradeAI", "Rationale")} for row in ROWS}), {N.BY_OPTION}),
    ("objects by option that name it", json.dumps({f"Option {row['Option']}": row for row in ROWS}), {N.BY_OPTION}),
    ("grades by option", json.dumps({f"Option {n}": WORD[yes] for n, yes in WANTED.items()}), {N.BY_OPTION}),
    ("grades by option, wrapped", json.dumps({"grades": {n: WORD[yes] for n, yes in WANTED.items()}}), {N.BY_OPTION, N.WRAPPER}),
    ("an object for each option, in an array", json.dumps([{n: WORD[yes]} for n, yes in WANTED.items()]), {N.BY_OPTION}),
    ("grades by number without quotation marks", "{1: 'Appropriate', 2: 'Inappropriate', 30: 'Appropriate'}", {N.BY_OPTION, N.QUOTES, N.UNQUOTED}),
    ("number as a text", rows(Option=str), {N.NUMBER}),
    ("number with its word", rows(Option=lambda n: f"Option {n}"), {N.NUMBER}),
    ("number with its word and text", rows(Option=lambda n: f"Option {n}: Start A 5 mg"), {N.NUMBER}),
    ("number with text", rows(Option=lambda n: f"{n}. Start A 5 mg"), {N.NUMBER}),
    ("number with a sign", rows(Option=lambda n: f"#{n}"), {N.NUMBER}),
    ("number in brackets", rows(Option=lambda n: f"({n})"), {N.NUMBER}),
    ("number in bold", rows(Option=lambda n: f"**{n}**"), {N.NUMBER}),
    ("number with an underscore", rows(Option=lambda n: f"option_{n}"), {N.NUMBER}),
    ("number as a fraction", rows(Option=float), {N.NUMBER}),
    ("number as the text of a fraction", rows(Option=lambda n: f"{n}.0"), {N.NUMBER}),
    ("keys in lower case", renamed(Option="option", GradeAI="gradeai", Rationale="rationale"), {N.KEY}),
    ("keys in capitals", renamed(Option="OPTION", GradeAI="GRADEAI"), {N.KEY}),
    ("key with a space", renamed(GradeAI="Grade AI"), {N.KEY}),
    ("key with an underscore", renamed(GradeAI="grade_ai"), {N.KEY}),
    ("key in camel case", renamed(GradeAI="gradeAI"), {N.KEY}),
    ("names of ours", renamed(Option="option", GradeAI="grade", Rationale="reason"), {N.KEY}),
    ("key with a hidden space", renamed(GradeAI=f"GradeAI{ZERO}"), {N.KEY}),
    ("grade in lower case", rows(GradeAI=str.lower), {N.GRADE}),
    ("grade in capitals, spaces", rows(GradeAI=lambda g: f" {g.upper()} "), {N.GRADE}),
    ("grade with a stop", rows(GradeAI=lambda g: f"{g}."), {N.GRADE}),
    ("grade in bold", rows(GradeAI=lambda g: f"**{g}**"), {N.GRADE}),
    ("grade in brackets", rows(GradeAI=lambda g: f"({g})"), {N.GRADE}),
    ("grade in quotation marks", rows(GradeAI=lambda g: f"'{g}'"), {N.GRADE}),
    ("grade with a hidden space", rows(GradeAI=lambda g: f"{g}{ZERO}"), {N.GRADE}),
    ("not appropriate", rows(GradeAI=lambda g: g.replace("Inap", "Not ap")), {N.GRADE}),
    ("non-appropriate", rows(GradeAI=lambda g: g.replace("Inap", "non-ap")), {N.GRADE}),
    ("an extra key", json.dumps([{**row, "Category": "Lab"} for row in ROWS]), {N.EXTRA_KEY}),
    ("an extra object", json.dumps([{**row, "More": {"sure": 0.9, "e": 1e-3}} for row in ROWS]), {N.EXTRA_KEY}),
    ("no rationale", rows(Rationale=lambda _: None), {N.RATIONALE}),
    ("rationale left out", json.dumps([{k: row[k] for k in ("Option", "GradeAI")} for row in ROWS]), set()),
    ("rationale as a list", rows(Rationale=lambda r: [r, r]), {N.RATIONALE}),
    ("rationale as a number", rows(Rationale=lambda _: 7), {N.RATIONALE}),
    ("comma after the last object", GOOD[:-1] + ",]", {N.TRAILING_COMMA}),
    ("comma after the last key", GOOD.replace("}", ",}"), {N.TRAILING_COMMA}),
    ("no comma between objects", GOOD.replace("}, {", "}\n{"), {N.MISSING_COMMA}),
    ("comments of C", GOOD.replace("}, {", '}, // graded, "so"\n{'), {N.COMMENT}),
    ("comments of C, long", GOOD.replace("[", '[ /* {"Option": 9}\n */ '), {N.COMMENT}),
    ("comments of Python", GOOD.replace("}, {", "}, # don't\n{"), {N.COMMENT}),
    ("Python", repr(ROWS), {N.QUOTES}),
    ("Python with None", repr([{**row, "Rationale": None, "Sure": True} for row in ROWS]), {N.QUOTES, N.PYTHON, N.RATIONALE, N.EXTRA_KEY}),
    ("Python with an apostrophe", repr(ROWS).replace("'Because.'", '"Don\'t."'), {N.QUOTES}),
    ("an apostrophe within", repr(ROWS).replace("Because.", "Doesn't help."), {N.QUOTES, N.UNESCAPED_QUOTE}),
    ("curly quotation marks", CURLY, {N.QUOTES}),
    ("single curly quotation marks", SINGLE, {N.QUOTES}),
    ("quotation marks within", GOOD.replace("Because.", 'The "best" test, a 5" one.'), {N.UNESCAPED_QUOTE}),
    ("keys without quotation marks", re.sub(r'"(\w+)":', r"\1:", GOOD), {N.UNQUOTED}),
    ("grades without quotation marks", re.sub(r'"(\w*ppropriate)"', r"\1", GOOD), {N.UNQUOTED}),
    ("a byte order mark", f"\ufeff{GOOD}", {N.SPACE}),
    ("no-break spaces", GOOD.replace(": ", ":\u00a0"), {N.SPACE}),
    ("hidden spaces", GOOD.replace(", ", f",{ZERO} "), {N.SPACE}),
    ("a line break within", GOOD.replace("Because.", "Be\ncause.\t"), {N.CONTROL}),
    ("an escape that JSON lacks", GOOD.replace("Because.", r"It\'s \d."), {N.ESCAPE}),
    ("half a character", GOOD.replace("Because.", r"\ud800."), {N.ESCAPE}),
    ("JSON Lines", LINES, {N.NO_ARRAY}),
    ("JSON Lines, numbered", "\n".join(f"{n}. {line}" for n, line in enumerate(LINES.splitlines())), {N.NO_ARRAY, N.TEXT_AROUND}),
    ("JSON Lines with commas", LINES.replace("}\n", "},\n"), {N.NO_ARRAY}),
    ("JSON Lines in fences", "\n".join(f"```json\n{line}\n```" for line in LINES.splitlines()), {N.NO_ARRAY, N.CODE_FENCE}),
    ("encoded twice", json.dumps(GOOD), {N.ENCODED_TWICE}),
    ("encoded twice in a fence", f"```json\n{json.dumps(GOOD)}\n```", {N.ENCODED_TWICE, N.CODE_FENCE}),
    ("encoded twice after prose", f"So: {json.dumps(GOOD)}", {N.ENCODED_TWICE, N.TEXT_AROUND}),
    ("escaped", GOOD.replace('"', '\\"'), {N.ENCODED_TWICE}),
    ("escaped with line breaks", json.dumps(json.dumps(ROWS, indent=1))[1:-1], {N.ENCODED_TWICE}),
    ("entities", html.escape(GOOD), {N.HTML}),
    ("the same array twice", f"{GOOD}\n\n{GOOD}", {N.REPEATED}),
    ("the same array in two fences", f"```json\n{GOOD}\n```\n```json\n{GOOD}\n```", {N.REPEATED, N.CODE_FENCE}),
    ("a part of it first", f"Such as {json.dumps(ROWS[:1])}: {GOOD}", {N.REPEATED, N.TEXT_AROUND}),
    ("a row of it after", f"{GOOD} (above all {json.dumps(ROWS[2])})", {N.REPEATED, N.TEXT_AROUND, N.NO_ARRAY}),
    ("a row twice, alike", json.dumps([*ROWS, ROWS[0]]), {N.REPEATED}),
    ("a key twice, alike", GOOD.replace('"Option": 2', '"Option": 2, "Option": 2'), {N.REPEATED}),
    ("several at once", f"\ufeffSure!\n``` JSON\n{{'answers': {repr(ROWS)[:-1]},]}} # so\n```", {N.SPACE, N.TEXT_AROUND, N.CODE_FENCE, N.WRAPPER, N.QUOTES, N.TRAILING_COMMA}),
]  # fmt: skip


def read(text: str, *, complete: bool = True) -> Read[dict[int, bool]]:
    grades = parse_grades(text, MENU, complete=complete, reader=Reader.TOLERANT)
    return Read({g.option: g.appropriate for g in grades.value}, grades.changes)


@pytest.mark.parametrize(("text", "changes"), [pytest.param(t, c, id=n) for n, t, c in READ])
def test_a_form_with_one_meaning_is_read_and_what_was_normalised_is_named(
    text: str, changes: set[N]
) -> None:
    found = read(text)
    assert found.value == WANTED
    assert found.changes == tuple(sorted(changes))


@pytest.mark.parametrize("text", [pytest.param(t, id=n) for n, t, _ in READ])
def test_every_form_is_read_after_thinking_that_holds_another_answer(text: str) -> None:
    for open_, close in [("<think>", "</think>"), ("[THINK]", "[/THINK]"), ("", "</think>"), ("analysis", "assistantfinal")]:  # fmt: skip
        separated = separate_thinking(f"{open_}Perhaps {FLIPPED}? No.{close}\n{text}")
        assert read(separated.text).value == WANTED


@pytest.mark.parametrize("text", [pytest.param(t, id=n) for n, t, c in READ if c])
def test_the_strict_reader_refuses_what_has_to_be_normalised(text: str) -> None:
    with pytest.raises(ReplyError):
        parse_grades(text, MENU, complete=True, reader=Reader.STRICT)


@pytest.mark.parametrize("text", [pytest.param(t, id=n) for n, t, c in READ if N.REPEATED not in c])
def test_no_form_is_completed_where_it_is_cut_off(text: str) -> None:
    """Every beginning of a reply that lacks a part of its JSON is refused."""
    bare = re.sub(r"(?:\n```\nDone)? \[\d\]\.?\Z", "", text)
    last = max(bare.rfind(sign) for sign in "]}")
    for end in (*range(0, last, 7), *range(max(0, last - 12), last)):
        with pytest.raises(ReplyError):
            read(text[:end])


def graded(word: Any) -> str:
    return json.dumps([{**ROWS[0], "GradeAI": word}, *ROWS[1:]])


REFUSED = [
    ("two arrays that differ", f"{GOOD}\n{FLIPPED}", "differ"),
    ("two fences that differ", f"```\n{FLIPPED}\n```\n```\n{GOOD}\n```", "differ"),
    ("an array before the fence that differs", f"First {FLIPPED}\n```json\n{GOOD}\n```", "differ"),
    ("an example that differs", f"In the form [{json.dumps({**ROWS[0], 'GradeAI': 'Inappropriate'})}]: {GOOD}", "differ"),
    ("a loose row that differs", f"{GOOD} but {json.dumps({**ROWS[0], 'GradeAI': 'Inappropriate'})}", "differ"),
    ("two wrapped arrays that differ", json.dumps({"draft": json.loads(FLIPPED), "final": ROWS}), "differ"),
    ("two halves", f"{json.dumps(ROWS[:1])} {json.dumps(ROWS[1:])}", "differ"),
    ("an option missing", json.dumps(ROWS[:2]), "1 of 3 options are not graded: 30"),
    ("an option missing in JSON Lines", LINES.rpartition("\n")[0], "not graded: 30"),
    ("an option twice, differently", json.dumps([*ROWS, {**ROWS[1], "GradeAI": "Appropriate"}]), "option 2 is graded twice"),
    ("an unknown option", json.dumps([*ROWS, {**ROWS[1], "Option": 4}]), "option 4 is not on the menu"),
    ("a negative option", json.dumps([{**ROWS[0], "Option": -1}, *ROWS[1:]]), "option -1 is not on the menu"),
    ("no option", json.dumps([{**ROWS[0], "Option": None}, *ROWS[1:]]), "Option: Input should be a valid integer"),
    *((f"option {n!r}", json.dumps([{**ROWS[0], "Option": n}, *ROWS[1:]]), "Option: Input should be")
      for n in (True, 1.5, "1.5", "1-2", "1/2", "1, 2", "A", "", "first", "1a", "Option 1 or 2", "-1", [1], 1e300)),
    ("neither", graded("Uncertain"), "option 1: GradeAI: Input should be 'Appropriate' or 'Inappropriate'"),
    *((f"grade {word!r}", graded(word), "GradeAI")
      for word in ("Appropriate/Inappropriate", "Somewhat appropriate", "Conditionally appropriate", "Appropriate if stable",
                   "not inappropriate", "Appropriate?", "Appropriate*", "(In)appropriate", "in appropriate", "A", "", "Yes",
                   "Appropriate Inappropriate", "Inappropriate -> Appropriate", "Appropriate (with monitoring)", "partially appropriate",
                   True, None, 1, ["Appropriate"], {"grade": "Appropriate"}, "\u274c Appropriate")),
    ("no grade", json.dumps([{"Option": 1}, *ROWS[1:]]), "GradeAI"),
    ("two keys for a grade", json.dumps([{**ROWS[0], "grade": "Inappropriate"}, *ROWS[1:]]), "GradeAI"),
    ("two keys for an option", json.dumps([{**ROWS[0], "option": 2}, *ROWS[1:]]), "Option"),
    ("a key twice, differently", GOOD.replace('"Option": 2', '"Option": 2, "Option": 1'), "character"),
    ("a grade twice, differently", GOOD.replace('"GradeAI": "Inappropriate"', '"GradeAI": "Appropriate", "GradeAI": "Inappropriate"'), "character"),
    ("by option that holds another", json.dumps({"1": ROWS[1], "2": ROWS[0], "30": ROWS[2]}), "another option"),
    ("by option, one neither", json.dumps({"1": "Appropriate", "2": "Uncertain", "30": "Appropriate"}), "option 2: GradeAI"),
    ("by option, one in words", json.dumps({"1": "Appropriate", "two": "Inappropriate", "30": "Appropriate"}), "number of an option"),
    ("an element that is no row", json.dumps([*ROWS, "and so on"]), "no object"),
    ("an element of other keys", json.dumps([*ROWS, {"Opton": 2, "Grad": "Appropriate"}]), "Option"),
    ("an array left open", GOOD[:-1], "cut off"),
    ("an array left open in a fence", f"```json\n{GOOD[:-1]}\n```", "cut off"),
    ("a wrapper left open", json.dumps({"grades": ROWS})[:-1], "cut off"),
    ("a second array cut off", f"{GOOD}\n{GOOD[:40]}", "cut off"),
    ("a row broken", GOOD.replace('"Option": 2,', '"Option" 2,'), "is not JSON (character"),
    ("a key swallowed", GOOD.replace('"Because."', '"a" b, "GradeAI": "Inappropriate"', 1), "character"),
    ("an ellipsis", GOOD[:-1] + ", ...]", "is not JSON"),
    ("lists for rows", json.dumps([[n, WORD[yes]] for n, yes in WANTED.items()]), "object"),
    ("prose", "All are appropriate but option 2.", "is not JSON"),
    ("nothing", "", "is not JSON"),
    ("empty brackets", "[]", "3 of 3 options are not graded"),
    ("an empty object", "{}", "array"),
    ("other JSON", '{"status": "ok", "n": [1, 2]}', "grades"),
    ("too deep", "[" * 5000, "JSON"),
    ("a row within a rationale", json.dumps([{**ROWS[0], "Rationale": json.dumps(ROWS[1])}, ROWS[2]]), "not graded: 2"),
    ("a row in a comment", f"[{json.dumps(ROWS[0])}, {json.dumps(ROWS[2])} // {json.dumps(ROWS[1])}\n]", "not graded: 2"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), [pytest.param(t, r, id=n) for n, t, r in REFUSED])
def test_what_has_no_meaning_or_two_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(ReplyError, match=re.escape(reason)) as caught:
        read(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "grades"),
    [
        ("[]", {}),
        ("```json\n[]\n```", {}),
        ("No option needs another grade.\n[]", {}),
        ("No option needs another grade: []", {}),
        ("[]\nNo option needs another grade.", {}),
        ('{"changes": []}', {}),
        (json.dumps(ROWS[1]), {2: False}),
        (json.dumps({"changes": ROWS[1:]}), {2: False, 30: True}),
        (f"```\n{json.dumps(ROWS[:1])}\n```\n```\n{json.dumps(ROWS[:1])}\n```", {1: True}),
        ('{"2": "inappropriate"}', {2: False}),
    ],
)
def test_a_critique_lists_only_what_it_would_change(text: str, grades: dict[int, bool]) -> None:
    assert read(text, complete=False).value == grades


@pytest.mark.parametrize(
    "text",
    [
        "No option needs another grade.",
        "- [ ] CT\n- [x] ECG",
        "The list [] of changes is below.",
        "{}",
        f"{json.dumps(ROWS[:1])}\n{json.dumps(ROWS[:2])}",
        f"{json.dumps(ROWS[:1])}\n{json.dumps(ROWS[1])}",
        json.dumps(ROWS)[:-1],
        json.dumps([ROWS[0], {"Option": 2}]),
    ],
)
def test_a_critique_that_may_lack_something_is_refused(text: str) -> None:
    with pytest.raises(ReplyError):
        read(text, complete=False)


def test_the_rationale_is_kept_whatever_its_form() -> None:
    said = {
        '"a \\"b\\" c"': 'a "b" c',
        '"a "b" c"': 'a "b" c',
        "'it\\'s'": "it's",
        '"\\u00e9\\ud83d\\ude00 \\d"': "\u00e9\U0001f600 \\d",
        '"a\nb"': "a\nb",
        '["a.", "b."]': "a. b.",
        "null": "",
        '"<think> // # /* [1] {"': "<think> // # /* [1] {",
    }
    for written, rationale in said.items():
        text = f'[{{"Option": 1, "GradeAI": "appropriate", "Rationale": {written}}}]'
        (grade,) = parse_grades(text, [1], complete=True, reader=Reader.TOLERANT).value
        assert grade.rationale == rationale


@pytest.mark.parametrize(
    "text",
    [
        '{"Draft": 2}',
        '{"draft": "2", "why": 1}',
        'I choose {"Draft": "Draft 2"}.',
        '{"answer": {"Draft": 2.0}}',
        '[{"Draft": 2}]',
        "{'Draft': 2, 'Rationale': None,}",
        '```json\n{"Draft": 2}\n```\n```json\n{"Draft": 2, "Rationale": "x"}\n```',
        '\ufeff{"Draft Number": 2, "Draft": 2}',
        json.dumps('{"Draft": 2}'),
    ],
)
def test_a_choice_in_another_form_is_read(text: str) -> None:
    assert parse_choice(text, 3, Reader.TOLERANT).value == 2


@pytest.mark.parametrize(
    "text",
    [
        "Draft 2.",
        '{"Draft": 2} or {"Draft": 3}',
        '{"Draft": 2, "draft": 3}',
        '{"Draft": [1, 2]}',
        '{"Draft": null}',
        '{"Draft": "2 or 3"}',
        '{"Draft": 4}',
        '{"Draft": 0}',
        '{"Draft": 2',
        '{"Rationale": "Draft 2"}',
        "{}",
    ],
)
def test_a_choice_that_is_none_or_two_is_refused(text: str) -> None:
    with pytest.raises(ReplyError):
        parse_choice(text, 3, Reader.TOLERANT)
