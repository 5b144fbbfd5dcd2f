from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from primum.cases.menu import parse_menu, render_menu
from primum.cases.model import Category, MenuOption, Suite
from primum.core.errors import DataError

items = st.builds(
    MenuOption,
    number=st.integers(0, 500),
    category=st.sampled_from(get_args(Category)),
    text=st.text(min_size=1, max_size=30).filter(str.strip),
)
menus = st.lists(items, min_size=1, max_size=8, unique_by=lambda item: item.number)
prose = st.text(st.characters(codec="utf-8", exclude_characters=":"), max_size=60)


@given(prose, menus)
def test_round_trip(letter: str, menu: list[MenuOption]) -> None:
    """A letter and its menu come back; only the spacing within an option is made even."""
    found, again = parse_menu(f"{letter}\n\n{render_menu(menu)}\n")
    assert found == letter.strip()
    assert [(m.number, m.category) for m in again] == [(m.number, m.category) for m in menu]
    assert [m.text for m in again] == [" ".join(m.text.split()) for m in menu]
    assert parse_menu(render_menu(again)) == ("", again)


def test_one_line_an_option(tiny_suite: Suite) -> None:
    lines = render_menu(next(tiny_suite.items()).public.menu).split("\n")
    assert lines[:2] == ["1: Counseling: Reassure, nothing more", "2: Diagnostic: Order test A"]
    assert len(lines) == 7


def test_colons_are_kept_in_letter_and_text() -> None:
    letter, menu = parse_menu("BP: 120\nNa: 140\n\n3: Multiple: Do two: A, and at 8:00 B")
    assert letter == "BP: 120\nNa: 140"
    assert menu == (MenuOption(number=3, category="Multiple", text="Do two: A, and at 8:00 B"),)


@given(menus, st.data())
def test_number_given_twice(menu: list[MenuOption], data: st.DataObject) -> None:
    twice = data.draw(st.sampled_from(menu))
    with pytest.raises(DataError, match=rf"menu:{len(menu) + 1}: option {twice.number} is listed"):
        parse_menu(render_menu([*menu, twice]))


@given(menus, prose, st.data())
def test_text_among_the_lines(menu: list[MenuOption], stray: str, data: st.DataObject) -> None:
    assume(len(menu) > 1)
    lines = render_menu(menu).split("\n")
    place = data.draw(st.integers(1, len(lines) - 1))
    lines.insert(place, stray.replace("\n", " "))
    with pytest.raises(DataError, match=rf"menu:{place + 1}: not of the form"):
        parse_menu("\n".join(lines))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "menu: no line of the form"),
        ("Only a letter.\nWhat now?", "menu: no line of the form"),
        ("1. Counseling: Wait", "menu: no line of the form"),
        ("1: Counseling", "menu: no line of the form"),
        ("one: Counseling: Wait", "menu: no line of the form"),
        ("Letter\n1: Counseling: Wait\n2: Go", "menu:3: not of the form"),
        ("Letter\n1: Counseling: Wait\n\n1: Counseling: Wait", "menu:3: not of the form"),
        ("Letter\n1: Counseling: Wait\n1: Medication: Give", "menu:3: option 1 is listed twice"),
    ],
    ids=[
        "empty",
        "letter only",
        "full stop",
        "no text",
        "no number",
        "half a line",
        "gap",
        "twice",
    ],
)
def test_bad_menu(text: str, says: str) -> None:
    with pytest.raises(DataError) as caught:
        parse_menu(text)
    assert str(caught.value).startswith(says)
    assert "\n" not in str(caught.value)
