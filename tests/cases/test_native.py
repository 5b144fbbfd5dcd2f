import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.cases import native
from primum.cases.load import DEMO
from primum.cases.model import SPECIALTIES, Suite, SuiteInfo
from primum.cases.native import Line, read_native, write_native
from primum.core.errors import DataError

names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,20}", fullmatch=True)
words = st.text(min_size=1, max_size=20).map(lambda text: f"{text}.")
maybe_words = st.none() | st.text(max_size=20)
maybe_number = st.none() | st.integers()
categories = st.sampled_from(
    "Counseling Diagnostic Medication Procedure Follow-up Contingency Multiple".split()
)
groups = st.fixed_dictionaries(
    {"name": words},
    optional={
        "pickCount": maybe_number,
        "pickType": st.sampled_from([None, "exact", "min", "max", "any", "all"]),
    },
)
infos = st.fixed_dictionaries(
    {"name": names},
    optional={
        "version": st.text(),
        "synthetic": st.booleans(),
        "licence": st.text(),
        "citation": st.text(),
        "notice": st.text(),
    },
)


def options(number: int, earlier: list[int]) -> st.SearchStrategy[dict[str, Any]]:
    parents = st.lists(st.sampled_from(earlier), max_size=3) if earlier else st.just([])
    plain = st.fixed_dictionaries(
        {"id": st.just(number), "text": words, "category": categories, "score": st.integers(1, 9)},
        optional={
            "bestInGroup": st.booleans(),
            "isHarmOfInaction": st.booleans(),
            "abstraction": maybe_words,
            "dependsOn": st.none() | parents,
            "reason": maybe_words,
            "guideline": maybe_words,
        },
    )
    kinds = st.sampled_from([None, "harm", "alternative"])
    grouped = st.fixed_dictionaries({"abstraction": words, "abstractionType": kinds})
    return st.builds(lambda one, group: one | group, plain, st.just({}) | grouped)


@st.composite
def cases(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """A case as a file holds it: optional fields absent, null or given."""
    ids = draw(st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=4, unique=True))
    harms = st.fixed_dictionaries({}, optional={"type": maybe_words, "severity": maybe_words})
    consults = st.fixed_dictionaries(
        {},
        optional={
            "type": maybe_words,
            "specialty": maybe_words,
            "urgency": maybe_words,
            "harm": st.none() | harms,
            "optionId": st.none() | st.sampled_from(ids),
        },
    )
    referrals = st.fixed_dictionaries({}, optional={"consults": st.lists(consults, max_size=2)})
    letter = st.fixed_dictionaries(
        {"presentation": words}, optional={"recommendations": maybe_words}
    )
    outer = st.fixed_dictionaries(
        {"id": st.just(name), "case": letter},
        optional={
            "open": st.booleans(),
            "abstractionGroups": st.none() | st.lists(groups, max_size=2),
            "specialistConsult": st.none() | referrals,
        },
    )
    found = [draw(options(number, ids[:place])) for place, number in enumerate(ids)]
    return draw(outer) | {"options": found}


@st.composite
def documents(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The lines of a valid native file, as plain JSON values."""
    first, *others = draw(st.lists(names, min_size=1, max_size=5, unique=True))
    split = draw(st.integers(0, len(others)))
    bases, edited = [first, *others[:split]], others[split:]
    extra = {"perturb_id": maybe_number, "candidate_id": maybe_number, "open": st.booleans()}
    metadata = st.fixed_dictionaries(
        {"base_id": st.sampled_from(bases), "category": st.text()}, optional=extra
    )
    lines: list[dict[str, Any]] = [{"suite": draw(infos)}]
    lines += [{"case": draw(cases(name))} for name in bases]
    for name in edited:
        item = st.fixed_dictionaries({"id": st.just(name), "prompt": words, "metadata": metadata})
        lines.append({"variant": draw(item)})
    return lines


@settings(deadline=None, max_examples=150)
@given(documents())
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, lines: list[dict[str, Any]]) -> None:
    """Equal after writing and reading; what was absent stays absent, what was null stays null."""
    parts = [Line.model_validate_json(json.dumps(line)) for line in lines]
    assert parts[0].suite
    suite = Suite(
        info=parts[0].suite,
        cases=tuple(part.case for part in parts if part.case),
        variants=tuple(part.variant for part in parts if part.variant),
    )
    folder = tmp_path_factory.mktemp("native")
    write_native(suite, folder / "first.jsonl")
    found = read_native(folder / "first.jsonl")
    write_native(found, folder / "second.jsonl")
    first = (folder / "first.jsonl").read_bytes()
    assert found == suite
    assert [json.loads(line) for line in first.decode().split("\n")[:-1]] == lines
    assert (folder / "second.jsonl").read_bytes() == first
    valid = jsonschema.Draft202012Validator(native.schema())
    for line in lines:
        valid.validate(line)


def test_the_schema_says_which_prefix_of_an_id_is_a_specialty() -> None:
    said = native.schema()["$defs"]["Case"]["description"]
    assert all(f"{prefix}," in said or f"{prefix};" in said for prefix in SPECIALTIES)
    assert "strata" in said


def test_schema_file_is_the_generated_one() -> None:
    path = Path(native.__file__).with_name("suite.schema.json")
    assert json.loads(path.read_text("utf-8")) == native.schema()
    jsonschema.Draft202012Validator.check_schema(native.schema())


def test_embedded_suite_fits_the_schema_and_is_written_as_it_stands(tmp_path: Path) -> None:
    valid = jsonschema.Draft202012Validator(native.schema())
    for line in DEMO.read_text("utf-8").split("\n")[:-1]:
        valid.validate(json.loads(line))
    write_native(read_native(DEMO), tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == DEMO.read_bytes()


@pytest.mark.parametrize(
    ("field", "value"),
    [("score", 0), ("score", 10), ("score", "5"), ("score", 7.5), ("id", None), ("colour", "red")],
)
def test_schema_refuses_what_the_reader_refuses(
    tiny_suite: Suite, tmp_path: Path, field: str, value: object
) -> None:
    valid = jsonschema.Draft202012Validator(native.schema())
    line = json.loads(Line(case=tiny_suite.cases[0]).model_dump_json(by_alias=True))
    assert valid.is_valid(line)
    line["case"]["options"][1][field] = value
    assert not valid.is_valid(line)
    (tmp_path / "suite.jsonl").write_text(json.dumps(line), "utf-8")
    with pytest.raises(DataError, match=rf"suite\.jsonl:1: case\.options\[1\]\.{field}: "):
        read_native(tmp_path / "suite.jsonl")


def case_line(number: int, presentation: str = "What now?") -> str:
    option = {"id": 1, "text": "Wait", "category": "Counseling", "score": 5}
    case = {"id": f"Card{number}", "case": {"presentation": presentation}, "options": [option]}
    return json.dumps({"case": case}, ensure_ascii=False)


GOOD = ['{"suite": {"name": "s"}}', *(case_line(number) for number in range(2, 21))]
TABLE = {
    "broken JSON": (case_line(17)[:-1], "broken JSON"),
    "comma too many": (case_line(17)[:-1] + ",}", "broken JSON"),
    "key twice": (case_line(17).replace('"id": 1,', '"id": 1, "id": 1,'), "id: the key is given"),
    "two keys": (case_line(17)[:-1] + ', "suite": {"name": "s"}}', "exactly one of suite, case"),
    "no key": ("{}", "exactly one of suite, case, variant"),
    "unknown key": ('{"panel": {}}', "panel: no such field"),
    "list": ("[]", "should be an object"),
    "half a character": (r'{"suite": {"name": "\ud800"}}', "Invalid JSON"),
    "suite twice": (GOOD[0], "suite: the suite is described twice"),
}


@pytest.mark.parametrize(("bad", "says"), TABLE.values(), ids=TABLE)
def test_bad_line_17(tmp_path: Path, bad: str, says: str) -> None:
    path = tmp_path / "suite.jsonl"
    path.write_text("\n".join([*GOOD[:16], bad, *GOOD[17:]]), "utf-8")
    with pytest.raises(DataError) as caught:
        read_native(path)
    message = str(caught.value)
    assert message.startswith(f"{path}:17: ")
    assert says in message
    assert "\n" not in message


def test_not_utf8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "suite.jsonl"
    lines = [line.encode() for line in GOOD]
    lines[16] = case_line(17, "caf\u00e9").encode("latin-1")
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(DataError, match=r"suite\.jsonl:17: not UTF-8"):
        read_native(path)


SEPARATORS = "? \u2028 \u2029 \x85"


def test_separators_within_a_string_do_not_split_a_line(tmp_path: Path) -> None:
    path = tmp_path / "suite.jsonl"
    path.write_text(f"{case_line(1, SEPARATORS)}\n{case_line(2)}\n", "utf-8")
    suite = read_native(path)
    assert [case.case.presentation for case in suite.cases] == [SEPARATORS, "What now?"]


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [('"score": 5', '"score": 10', "score"), ('"score": 5', '"score": 5, "dependsOn": [9]', "dep")],
    ids=["by type", "by check"],
)
def test_separators_before_a_bad_field_do_not_move_its_line(
    tmp_path: Path, old: str, new: str, field: str
) -> None:
    path = tmp_path / "suite.jsonl"
    path.write_text(f"{GOOD[0]}\n{case_line(2, SEPARATORS).replace(old, new)}\n", "utf-8")
    with pytest.raises(DataError, match=rf"suite\.jsonl:2: case\.options\[0\]\.{field}"):
        read_native(path)


def test_blank_lines_count_and_a_suite_without_a_name_has_the_files(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_bytes(f"{case_line(1)}\r\n\r\n{case_line(2)}\r\n".encode())
    assert read_native(path).info.name == "mine"
    path.write_text(f"{case_line(1)}\n\n{case_line(1)}\n", "utf-8")
    with pytest.raises(DataError, match=r"mine\.jsonl:3: id: Card1 is used twice"):
        read_native(path)


def test_invented_cases_say_so_whatever_their_notice() -> None:
    said = "SYNTHETIC: the cases are invented."
    assert SuiteInfo(name="made", synthetic=True).warning == said
    assert SuiteInfo(name="made", synthetic=True, notice="Mine.").warning == f"{said} Mine."
    own = "SYNTHETIC: invented patients."
    assert SuiteInfo(name="made", synthetic=True, notice=own).warning == own
    assert SuiteInfo(name="made", notice="Mine.").warning == "Mine."
