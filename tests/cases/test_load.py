from pathlib import Path
from typing import get_args

import pytest

from primum.cases.load import DEMO, Format, load_suite, save_suite
from primum.cases.menu import parse_menu
from primum.cases.model import Suite
from primum.core.errors import DataError

FORMATS: tuple[Format, ...] = get_args(Format)


def same(one: Suite, other: Suite) -> bool:
    return (one.cases, one.variants) == (other.cases, other.variants)


def test_demo_by_name_and_by_path() -> None:
    assert load_suite("demo") == load_suite(str(DEMO))


@pytest.mark.parametrize("form", ["native", "mast"])
def test_what_is_saved_is_loaded(tiny_suite: Suite, tmp_path: Path, form: Format) -> None:
    path = tmp_path / "new" / "suite"
    save_suite(tiny_suite, path, form)
    assert path.is_dir() == (form == "mast")
    assert same(load_suite(str(path)), tiny_suite)


def test_native_keeps_what_the_suite_is(tiny_suite: Suite, tmp_path: Path) -> None:
    save_suite(tiny_suite, tmp_path / "s.jsonl", "native")
    assert load_suite(str(tmp_path / "s.jsonl")) == tiny_suite


def test_through_both_layouts_and_back(tiny_suite: Suite, tmp_path: Path) -> None:
    save_suite(tiny_suite, tmp_path / "mast", "mast")
    save_suite(load_suite(str(tmp_path / "mast")), tmp_path / "s.jsonl", "native")
    assert same(load_suite(str(tmp_path / "s.jsonl")), tiny_suite)


def test_menus_hold_letter_and_options_and_no_annotation(tmp_path: Path) -> None:
    demo = load_suite("demo")
    save_suite(demo, tmp_path / "menus", "menu")
    items = {item.id: item for item in demo.items()}
    files = {path.stem: path.read_text("utf-8") for path in (tmp_path / "menus").iterdir()}
    assert files.keys() == items.keys()
    for name, text in files.items():
        letter, menu = parse_menu(text)
        assert letter == items[name].presentation
        assert menu == items[name].public.menu
        hidden = [o.reason for o in items[name].case.options if o.reason]
        assert not any(reason in text for reason in hidden)
        assert len(text.strip().split("\n")) == len(letter.split("\n")) + 1 + len(menu)


@pytest.mark.parametrize("form", FORMATS)
def test_file_is_never_overwritten(tiny_suite: Suite, tmp_path: Path, form: Format) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text("mine", "utf-8")
    with pytest.raises(DataError, match=r"mine\.jsonl: exists already"):
        save_suite(tiny_suite, path, form)
    assert path.read_text("utf-8") == "mine"


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("held", [True, False], ids=["full", "empty"])
def test_folder_is_never_written_into(
    tiny_suite: Suite, tmp_path: Path, form: Format, held: bool
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    if held:
        (folder / "note.txt").write_text("mine", "utf-8")
    with pytest.raises(DataError, match="mine: exists already"):
        save_suite(tiny_suite, folder, form)
    assert [path.name for path in folder.iterdir()] == ["note.txt"] * held


@pytest.mark.parametrize("form", FORMATS)
def test_path_below_a_file_cannot_be_written(
    tiny_suite: Suite, tmp_path: Path, form: Format
) -> None:
    (tmp_path / "file").write_text("mine", "utf-8")
    with pytest.raises(DataError, match="new: cannot be written: "):
        save_suite(tiny_suite, tmp_path / "file" / "new", form)


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        load_suite(str(path))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_nothing_there(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none").startswith(f"{tmp_path / 'none'}: no such suite; give 'demo'")


def test_empty_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path).startswith(f"{tmp_path}: the folder has no suite; expected")


def test_folder_without_a_rubric(tmp_path: Path) -> None:
    rubrics = tmp_path / "dataset" / "rubrics"
    rubrics.mkdir(parents=True)
    assert refusal(tmp_path).startswith(f"{rubrics}: the suite has no case")


@pytest.mark.parametrize("text", ["", "\n \n", '{"suite": {"name": "s"}}\n'])
def test_file_without_a_case(tmp_path: Path, text: str) -> None:
    path = tmp_path / "suite.jsonl"
    path.write_text(text, "utf-8")
    assert refusal(path).startswith(f"{path}: the suite has no case; expected at least one")


def test_file_that_is_no_suite(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("# Notes\n", "utf-8")
    assert refusal(path).startswith(f"{path}:1: broken JSON: ")
