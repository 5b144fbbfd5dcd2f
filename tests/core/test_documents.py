"""Where a bad file is bad: line and field, in JSON and in YAML."""

import json
import re
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from primum.cases.model import Record
from primum.core.documents import dotted, line_of, parse_json, parse_yaml, read_text
from primum.core.errors import DataError


class Dose(Record):
    drug: str
    amount: float
    kind: Literal["start", "stop"] = "start"


class Plan(Record):
    name: str
    doses: tuple[Dose, ...] = ()
    first_day: int | None = None


PATH = Path("plan.file")
GOOD = Plan(name="p", doses=(Dose(drug="a", amount=1.5),), first_day=2)


def test_yaml_and_json_give_the_same_record() -> None:
    text = "name: p\nfirstDay: 2\ndoses:\n  - drug: a\n    amount: 1.5\n"
    assert parse_yaml(Plan, text, PATH) == GOOD
    assert parse_json(Plan, GOOD.model_dump_json(by_alias=True), PATH) == GOOD


def yaml_refusal(text: str) -> str:
    with pytest.raises(DataError) as caught:
        parse_yaml(Plan, text, PATH)
    message = str(caught.value)
    assert "\n" not in message
    return message


YAML = {
    "word for a number": (
        "name: p\ndoses:\n  - drug: a\n    amount: much\n",
        r"4: doses\[0\]\.amount: .*valid number",
    ),
    "number for a word": ("name: 7\n", r"1: name: .*string, not 7"),
    "yes is not a word": ("name: p\ndoses:\n- amount: 1\n  drug: yes\n", r"4: doses\[0\]\.drug: "),
    "fraction for a whole": ("# plan\nname: p\nfirstDay: 1.5\n", r"3: firstDay: .*integer"),
    "unknown choice": (
        "name: p\ndoses:\n- {drug: a, amount: 1}\n- {drug: b, amount: 1, kind: pause}\n",
        r"4: doses\[1\]\.kind: .*not 'pause'",
    ),
    "unknown field": ("name: p\n\nowner: me\n", r"3: owner: .*no such field"),
    "no such field": ("name: p\ndoses:\n  - amount: 1\n", r"3: doses\[0\]\.drug: Field required"),
    "map for a list": ("name: p\ndoses:\n  drug: a\n", r"2: doses: "),
    "key twice": ("name: p\nfirstDay: 1\nname: q\n", r"3: name: the key is given twice"),
    "inner key twice": (
        "name: p\ndoses:\n- drug: a\n  amount: 1\n  drug: b\n",
        r"5: (doses\[0\]\.)?drug: the key is given twice",
    ),
    "broken": ("name: p\ndoses:\n  - drug: a: b\n", r"3: broken YAML: "),
    "tab": ("name: p\ndoses:\n\t- 1\n", r"3: broken YAML: "),
    "code": ("name: p\nfirstDay: !!python/name:os.system\n", r"2: broken YAML: "),
    "empty": ("", r"1: the file is empty$"),
    "nothing but a comment": ("# plan\n", r"1: the file is empty$"),
    "bool that is none": ("name: p\nfirstDay: !!bool p\n", r"2: broken YAML: .* \(bool\)$"),
    "bool in a map": ("name: p\nfirstDay: !!bool {=: p}\n", r"2: broken YAML: .* \(bool\)$"),
    "empty int": ("name: p\nfirstDay: !!int ''\n", r"2: broken YAML: .* \(int\)$"),
    "empty float": ("name: p\nfirstDay: !!float ''\n", r"2: broken YAML: .* \(float\)$"),
    "list that is called a float": ("name: p\nfirstDay: !!float [nan]\n", r"2: broken YAML: "),
    "bytes": ("firstDay: 1\nname: !!binary aGk=\n", r"2: name: no value can be a binary"),
    "set": ("name: p\nfirstDay: !!set {a, b}\n", r"2: firstDay: no value can be a set"),
    "list": ("- 1\n", r"1: document: "),
    "date": ("name: p\nfirstDay: 2026-01-02\n", r"2: firstDay: "),
    "day that is none": ("name: p\nfirstDay: 2026-13-41\n", r"2: firstDay: "),
    "list as a key": ("name: p\n[a, b]: 1\n", r"2: "),
    "list within itself": ("name: p\ndoses: &all [*all]\n", r"\d+: "),
}


@pytest.mark.parametrize(("text", "says"), YAML.values(), ids=YAML)
def test_bad_yaml(text: str, says: str) -> None:
    assert re.match(rf"plan\.file:{says}", yaml_refusal(text))


def test_aliases_that_stand_for_too_much() -> None:
    lines = ["name: p", "a: &a [x, x, x, x, x, x, x, x, x]"]
    for one, next_one in pairwise("abcdefghijklmn"):
        lines.append(f"{next_one}: &{next_one} [{', '.join([f'*{one}'] * 9)}]")
    assert re.match(
        r"plan\.file:7: aliases that stand for too much", yaml_refusal("\n".join(lines))
    )


def test_aliases_that_stand_for_little_and_a_long_file_without_any() -> None:
    few = "name: p\ndoses: [&a {drug: a, amount: 1.5}, *a, *a]\n"
    assert len(parse_yaml(Plan, few, PATH).doses) == 3
    long = "word " * 300_000
    assert parse_yaml(Plan, f"name: '{long}'\n", PATH).name == long


def test_too_few_are_told_by_number() -> None:
    class Least(Record):
        names: Annotated[tuple[str, ...], Field(min_length=1)]

    with pytest.raises(DataError, match=r"^plan\.file:1: names: at least 1 item, not 0$"):
        parse_yaml(Least, "names: []\n", PATH)


JSON = {
    "type": ('{"name": "p",\n "firstDay": "2"}', r"8: firstDay: .*valid integer"),
    "unknown": ('{"name": "p",\n\n "owner": 1}', r"9: owner: .*no such field"),
    "missing": ('{"name": "p", "doses": [\n {"drug": "a"}]}', r"8: doses\[0\]\.amount: Field req"),
    "broken": ('{"name": "p",\n "firstDay": }', r"8: broken JSON: .*column 14"),
    "key twice": ('{"name": "p",\n "firstDay": 1,\n "firstDay": 2}', r"9: firstDay: the key is"),
    "not a number": ('{"name": "p",\n "firstDay": NaN}', r"8: firstDay: "),
    "a tab before it": ('{"name": "p",\n\t"firstDay": "2"}', r"8: firstDay: "),
    "a delete before it": ('{"name": "\x7f",\n "firstDay": "2"}', r"8: firstDay: "),
    "too deep": ('{"name": ' + "[" * 100_000, r"7: "),
}


@pytest.mark.parametrize(("text", "says"), JSON.values(), ids=JSON)
def test_bad_json_that_starts_at_line_7(text: str, says: str) -> None:
    with pytest.raises(DataError) as caught:
        parse_json(Plan, text, PATH, 7)
    assert re.match(rf"plan\.file:{says}", str(caught.value))
    assert "\n" not in str(caught.value)


def test_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.json: cannot be read: No such file"):
        read_text(tmp_path / "none.json")
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        read_text(tmp_path)
    (tmp_path / "latin").write_bytes("a\nb\ncaf\u00e9".encode("latin-1"))
    with pytest.raises(DataError, match=r"latin:3: not UTF-8 \(byte 7\)"):
        read_text(tmp_path / "latin")


def test_read_text_gives_what_was_written(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes("a\r\nb\u2028\n".encode())
    assert read_text(tmp_path / "text") == "a\r\nb\u2028\n"


def test_dotted() -> None:
    assert dotted(("case", "options", 3, "score")) == "case.options[3].score"
    assert dotted(("options", 0)) == "options[0]"
    assert dotted(()) == ""


basic = st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"], exclude_characters="\x7f")
keys = st.text(basic, max_size=5)
leaves = st.none() | st.booleans() | st.integers() | keys
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


def inside(node: Any) -> list[Any]:
    """The keys or places of what a node holds."""
    if isinstance(node, dict | list):
        return list(node) if isinstance(node, dict) else list(range(len(node)))
    return []


@st.composite
def places(draw: st.DrawFn) -> tuple[Any, tuple[int | str, ...]]:
    """A JSON document and the path of a value within it."""
    document = draw(st.dictionaries(keys, values, min_size=1, max_size=4))
    node: Any = document
    path: list[int | str] = []
    while steps := inside(node):
        path.append(draw(st.sampled_from(steps)))
        node = node[path[-1]]
        if draw(st.booleans()):
            break
    return document, tuple(path)


@given(places(), st.sampled_from([1, 2, 4]))
def test_line_of_is_where_a_marker_would_stand(
    place: tuple[Any, tuple[int | str, ...]], indent: int
) -> None:
    document, path = place
    marked = deepcopy(document)
    inner = marked
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = "<marker>"
    text = json.dumps(marked, indent=indent)
    line = text[: text.index('"<marker>"')].count("\n") + 1
    assert line_of(json.dumps(document, indent=indent), path) == line
