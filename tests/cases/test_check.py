"""Bad suites, in both layouts: one line each, with file, line and field."""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest

from primum.cases.load import load_suite, save_suite
from primum.cases.model import Group, Suite
from primum.core.errors import DataError

Layout = Literal["native", "mast"]
BOTH: tuple[Layout, ...] = ("native", "mast")


class Bad(NamedTuple):
    """One edit of a valid case, what the message says of it, and the field named if another."""

    edit: str
    value: Any
    says: str
    field: str | None = None


TABLE = {
    "option id twice": Bad("options[1].id", 1, "option id 1 occurs twice"),
    "score too low": Bad("options[1].score", 0, "greater than or equal to 1"),
    "score too high": Bad("options[1].score", 10, "less than or equal to 9"),
    "score as text": Bad("options[1].score", "5", "valid integer"),
    "score with a fraction": Bad("options[1].score", 7.5, "valid integer"),
    "score null": Bad("options[1].score", None, "valid integer"),
    "score true": Bad("options[1].score", True, "valid integer"),
    "depends on nothing there": Bad("options[4].dependsOn", [99], "99"),
    "depends on itself": Bad(
        "options[4].dependsOn", [5], "a cycle in EndoTiny1: 5 -> 5;", "options"
    ),
    "depends in a circle": Bad(
        "options[2].dependsOn", [5], "has a cycle in EndoTiny1: ", "options"
    ),
    "group of unknown kind": Bad("options[2].abstractionType", "magic", "not 'magic'"),
    "unknown pick": Bad(
        "abstractionGroups",
        [{"name": "B or C", "pickType": "some"}],
        "not 'some'",
        "abstractionGroups[0].pickType",
    ),
    "unknown category": Bad("options[1].category", "Surgery", "not 'Surgery'"),
    "unknown field of a case": Bad("colour", "red", "no such field"),
    "unknown field of an option": Bad("options[1].colour", "red", "no such field"),
    "text that is none": Bad("options[1].text", 5, "valid string"),
    "empty letter": Bad("case.presentation", "", "at least 1"),
    "no option": Bad("options", [], "at least 1"),
    "id that is a path": Bad("id", "../x", "match pattern"),
    "id that is empty": Bad("id", "", "pattern"),
    "consult for nothing": Bad(
        "specialistConsult",
        {"consults": [{"optionId": 2}, {"optionId": 99}]},
        "99",
        "specialistConsult.consults[1].optionId",
    ),
}


def steps(field: str) -> list[int | str]:
    """The parts of a path such as options[3].score."""
    return [int(part) if part.isdigit() else part for part in re.findall(r"\w+", field)]


def put(document: Any, field: str, value: Any) -> Any:
    """A copy of a document with one value changed or added."""
    found = deepcopy(document)
    *parents, last = steps(field)
    inner = found
    for step in parents:
        inner = inner[step]
    inner[last] = value
    return found


def line_in(text: str, what: str) -> int:
    """The one line, from 1, that holds a string."""
    (number,) = [n for n, line in enumerate(text.split("\n"), 1) if what in line]
    return number


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        load_suite(str(path))
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("bad", TABLE.values(), ids=TABLE)
def test_native_file_is_refused_in_one_line(tiny_suite: Suite, tmp_path: Path, bad: Bad) -> None:
    path = tmp_path / "suite.jsonl"
    save_suite(tiny_suite, path, "native")
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    lines[2] = put(lines[2], f"case.{bad.edit}", bad.value)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    message = refusal(path)
    assert message.startswith(f"{path}:3: case.{bad.field or bad.edit}: ")
    assert bad.says in message


@pytest.mark.parametrize("bad", TABLE.values(), ids=TABLE)
def test_published_file_is_refused_in_one_line(tiny_suite: Suite, tmp_path: Path, bad: Bad) -> None:
    save_suite(tiny_suite, tmp_path / "suite", "mast")
    path = tmp_path / "suite" / "dataset" / "rubrics" / "EndoTiny1.json"
    wrong = put(json.loads(path.read_text("utf-8")), bad.edit, bad.value)
    path.write_text(json.dumps(wrong, indent=2), "utf-8")
    field = bad.field or bad.edit
    marked = json.dumps(put(wrong, field, "HERE"), indent=2)
    message = refusal(tmp_path / "suite")
    assert message.startswith(f"{path}:{line_in(marked, 'HERE')}: {field}: ")
    assert bad.says in message


@pytest.mark.parametrize("layout", BOTH)
@pytest.mark.parametrize(
    ("name", "base", "field", "says"),
    [
        ("CardTiny9-0", "CardTiny9", "metadata.base_id", "CardTiny9, which is not in the suite"),
        ("CardTiny1-0", "CardTiny1", "id", "CardTiny1-0 is used twice"),
        ("EndoTiny1", "CardTiny1", "id", "EndoTiny1 is used twice"),
    ],
    ids=["no base", "variant id twice", "id of a case"],
)
def test_variant_that_does_not_fit(
    tiny_suite: Suite, tmp_path: Path, layout: Layout, name: str, base: str, field: str, says: str
) -> None:
    where = tmp_path / "suite"
    save_suite(tiny_suite, where, layout)
    path = where if layout == "native" else where / "dataset" / "items.jsonl"
    text = path.read_text("utf-8")
    item = {"id": name, "prompt": "p", "metadata": {"base_id": base, "category": "Age"}}
    line = {"variant": item} if layout == "native" else item
    path.write_text(text + json.dumps(line) + "\n", "utf-8")
    number = len(text.splitlines()) + 1
    message = refusal(where)
    assert message.startswith(f"{path}:{number}: {field}: ")
    assert says in message


def test_case_id_twice(tiny_suite: Suite, tmp_path: Path) -> None:
    path = tmp_path / "suite.jsonl"
    save_suite(tiny_suite, path, "native")
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[1]]), "utf-8")
    assert refusal(path).startswith(f"{path}:5: id: CardTiny1 is used twice")


def test_circle_names_its_members(tiny_suite: Suite, tmp_path: Path) -> None:
    first, *others = tiny_suite.cases
    options = [
        option.model_copy(update={"depends_on": {3: (4,), 4: (5,), 5: (3,)}.get(option.id)})
        for option in first.options
    ]
    circle = first.model_copy(update={"options": tuple(options)})
    suite = tiny_suite.model_copy(update={"cases": (circle, *others)})
    path = tmp_path / "suite.jsonl"
    save_suite(suite, path, "native")
    found = re.search(r"has a cycle in CardTiny1: ([\d> -]+);", refusal(path))
    assert found
    start, *rest = found[1].split(" -> ")
    assert {start, *rest} == {"3", "4", "5"}
    assert rest[-1] == start


def test_groups_that_are_scored_otherwise_than_they_say_are_noted(
    tiny_suite: Suite, tmp_path: Path, primum: Callable[..., Any]
) -> None:
    groups = (
        Group(name="B or C", pick_count=0, pick_type="all"),
        Group(name="Nobody's"),
        Group(name="Nobody's"),
    )
    case = tiny_suite.cases[0]
    amiss = {case.options[0].id: None, case.options[1].id: "B or c"}
    options = tuple(
        option.model_copy(
            update={"abstraction_type": "alternative", "abstraction": amiss[option.id]}
        )
        if option.id in amiss
        else option
        for option in case.options
    )
    cases = (case.model_copy(update={"abstraction_groups": groups, "options": options}),)
    path = tmp_path / "suite.jsonl"
    save_suite(tiny_suite.model_copy(update={"cases": cases, "variants": ()}), path, "native")
    done = primum("cases", "check", path)
    assert done.returncode == 0
    lacks = "which is not in abstractionGroups (B or C, Nobody's, Nobody's)"
    first, second = amiss
    assert [line.removeprefix("primum: note: CardTiny1: ") for line in done.stderr.splitlines()][
        :6
    ] == [
        f"option {first} is an alternative without a group: scored by itself; name the group in abstraction",
        f"option {second} is an alternative of B or c, {lacks}",
        "group B or C: scored as if one were enough, not as all 0",
        "group Nobody's: no option is an alternative of it",
        "group Nobody's: declared twice",
        "group Nobody's: no option is an alternative of it",
    ]
    assert "note:" not in primum("cases", "check", "demo").stderr


def test_a_case_is_shown_with_what_its_options_stand_in_for(
    tiny_suite: Suite, tmp_path: Path, primum: Callable[..., Any]
) -> None:
    path = tmp_path / "suite.jsonl"
    save_suite(tiny_suite, path, "native")
    shown = primum("cases", "show", "CardTiny1", "--suite", path).stdout
    lines = [re.split(r" {2,}", line.strip()) for line in shown.splitlines()]
    rows = {row[1]: row for row in lines if row[1:]}
    assert rows["id"] == ["score", "id", "category", "option", "one is enough of", "depends on"]
    assert rows["3"][4] == "B or C"
    assert rows["5"][4] == "3"
    assert len(rows["2"]) == 4
