import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from primum.cases.load import load_suite, save_suite
from primum.cases.mast import read_mast, write_mast
from primum.cases.model import Case, Suite
from primum.core.errors import DataError


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_published_layout_byte_for_byte(mast_open: Path, tmp_path: Path) -> None:
    write_mast(read_mast(mast_open), tmp_path)
    published = contents(mast_open / "dataset")
    assert len(published) == 21
    assert contents(tmp_path / "dataset") == published


def test_published_suite_is_whole(mast_open: Path) -> None:
    """The counts of mast-open/README.md: 20 cases, 756 options, 200 one-edit variants."""
    suite = read_mast(mast_open)
    assert len(suite.cases) == 20
    assert sum(len(case.options) for case in suite.cases) == 756
    assert len(suite.variants) == 200
    items = [item.id for item in suite.items()]
    lines = (mast_open / "dataset" / "items.jsonl").read_text("utf-8").splitlines()
    assert items == [json.loads(line)["id"] for line in lines]
    assert not suite.info.synthetic
    assert "CC-BY-4.0" in suite.info.licence
    assert "2512.01241" in suite.info.citation


@pytest.mark.parametrize("inner", ["", "dataset", "donoharm", "benchmarks/donoharm"])
def test_found_in_folder_benchmark_and_clone(mast_open: Path, tmp_path: Path, inner: str) -> None:
    """From the dataset itself, and from the parents that a clone of the repository has."""
    target = tmp_path / inner / ("" if inner == "dataset" else "dataset")
    shutil.copytree(mast_open / "dataset", target, dirs_exist_ok=True)
    assert read_mast(tmp_path).cases == read_mast(mast_open).cases
    assert read_mast(tmp_path).variants == read_mast(mast_open).variants
    write_mast(read_mast(tmp_path), tmp_path / "again")
    assert contents(tmp_path / "again" / "dataset") == contents(mast_open / "dataset")
    assert read_mast(target).cases == read_mast(mast_open).cases


def plain(cases: tuple[Case, ...]) -> Iterator[dict[str, Any]]:
    """Cases as they stand in a file, without reasons and guidelines."""
    for case in cases:
        found = case.model_dump(mode="json", exclude_unset=True)
        for option in found["options"]:
            option.pop("reason", None)
            option.pop("guideline", None)
        yield found


def test_export_of_the_demo_keeps_all_but_reasons_and_guidelines(tmp_path: Path) -> None:
    demo = load_suite("demo")
    save_suite(demo, tmp_path / "out", "mast")
    again = load_suite(str(tmp_path / "out"))
    assert list(plain(again.cases)) == list(plain(demo.cases))
    assert again.variants == demo.variants
    options = [option for case in again.cases for option in case.options]
    assert {(option.reason, option.guideline) for option in options} == {(None, None)}


def test_export_of_an_invented_suite_is_not_read_back_as_noharm(tmp_path: Path) -> None:
    """Or figures of invented patients would be shown under the name and licence of real ones."""
    demo = load_suite("demo")
    save_suite(demo, tmp_path / "out", "mast")
    assert load_suite(str(tmp_path / "out")).info == demo.info


@pytest.fixture
def rubric(tiny_suite: Suite, tmp_path: Path) -> Path:
    """A rubric of the tiny suite in the published layout."""
    write_mast(tiny_suite, tmp_path)
    return tmp_path / "dataset" / "rubrics" / "EndoTiny1.json"


def refusal(folder: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_mast(folder)
    message = str(caught.value)
    assert "\n" not in message
    return message


def cut(text: str) -> str:
    lines = text.split("\n")
    return "\n".join([*lines[:16], lines[16].rstrip(",") + " oops", *lines[17:]])


def repeat(text: str) -> str:
    lines = text.split("\n")
    return "\n".join([*lines[:16], lines[15], *lines[16:]])


@pytest.mark.parametrize(
    ("spoil", "line", "says"),
    [
        (cut, 17, "broken JSON: "),
        (repeat, 17, "text: the key is given twice"),
        (lambda _: "", 1, "broken JSON: "),
        (lambda _: "[]", 1, "document: "),
        (lambda text: text.replace("EndoTiny1", "EndoTiny2"), 2, "id: EndoTiny2 is not the file's"),
    ],
    ids=["broken on line 17", "key twice on line 17", "empty file", "list", "not the file's name"],
)
def test_bad_rubric(
    rubric: Path, tmp_path: Path, spoil: Callable[[str], str], line: int, says: str
) -> None:
    text = rubric.read_text("utf-8")
    assert '"category"' in text.split("\n")[16]
    rubric.write_text(spoil(text), "utf-8")
    message = refusal(tmp_path)
    assert message.startswith(f"{rubric}:{line}: ")
    assert says in message


def test_not_utf8_names_the_line(rubric: Path, tmp_path: Path) -> None:
    lines = rubric.read_bytes().split(b"\n")
    lines[15] = lines[15].replace(b"test", b"t\xe9st")
    rubric.write_bytes(b"\n".join(lines))
    assert refusal(tmp_path).startswith(f"{rubric}:16: not UTF-8")


def line_of_item(name: str, base: str, category: str = "baseline", **other: object) -> str:
    metadata = {"base_id": base, "perturb_id": None, "category": category, **other}
    prompt = "A tiny gland case. What now?"
    return json.dumps({"id": name, "prompt": prompt, "metadata": metadata})


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (line_of_item("EndoTiny1", "EndoTiny1"), "id: EndoTiny1 "),
        (line_of_item("CardTiny1", "CardTiny1"), "prompt: differs from the presentation in "),
        (line_of_item("../x", "EndoTiny1", "Age"), "id: "),
        (line_of_item("EndoTiny1-0", "EndoTiny1", "Age", open="yes"), "metadata.open: "),
        (line_of_item("EndoTiny1-0", "EndoTiny1", "Age", colour="red"), "metadata.colour: "),
        (line_of_item("EndoTiny1-0", "EndoTiny1", "Age")[:-1], "broken JSON: "),
        (
            line_of_item("EndoTiny1-0", "EndoTiny1", "Age").replace('"p', '"id": "x", "p', 1),
            "id: the key",
        ),
    ],
    ids=["item twice", "prompt", "path", "type", "unknown field", "broken JSON", "key twice"],
)
def test_bad_item(rubric: Path, tmp_path: Path, bad: str, says: str) -> None:
    """Each as line 4 of items.jsonl, after CardTiny1, its variant and EndoTiny1."""
    path = rubric.parents[1] / "items.jsonl"
    path.write_text(path.read_text("utf-8") + bad + "\n", "utf-8")
    assert refusal(tmp_path).startswith(f"{path}:4: {says}")


@pytest.mark.parametrize(
    ("bad", "name"),
    [
        (line_of_item("GITiny1", "GITiny1"), "GITiny1"),
        (line_of_item("EndoTiny1-0", "EndoTiny1"), "EndoTiny1-0"),
    ],
    ids=["open case whose rubric is gone", "variant that calls itself a baseline"],
)
def test_item_is_never_dropped_in_silence(
    rubric: Path, tmp_path: Path, bad: str, name: str
) -> None:
    path = rubric.parents[1] / "items.jsonl"
    path.write_text(path.read_text("utf-8") + bad + "\n", "utf-8")
    message = refusal(tmp_path)
    assert message.startswith(f"{path}:4: ")
    assert name in message


def test_closed_items_are_left_out(rubric: Path, tmp_path: Path, tiny_suite: Suite) -> None:
    path = rubric.parents[1] / "items.jsonl"
    closed = (
        line_of_item("GITiny1", "GITiny1", open=False)
        + "\n"
        + line_of_item("G-0", "GITiny1", "Age", open=False)
    )
    path.write_text(path.read_text("utf-8") + closed, "utf-8")
    assert [item.id for item in read_mast(tmp_path).items()] == [t.id for t in tiny_suite.items()]


def test_rubrics_without_items_are_a_suite_without_variants(rubric: Path, tmp_path: Path) -> None:
    (rubric.parents[1] / "items.jsonl").unlink()
    suite = read_mast(tmp_path)
    assert [case.id for case in suite.cases] == ["CardTiny1", "EndoTiny1"]
    assert suite.variants == ()
