"""Version 1 menus: a presentation, then one line for each option, `N: Category: text`."""

import re
from collections.abc import Sequence
from functools import lru_cache

from primum.cases.model import MenuOption
from primum.core.errors import DataError

LINE = re.compile(r"(\d+): ([^:]+): (.+)")


def render_menu(menu: Sequence[MenuOption]) -> str:
    """The lines of a menu; a line break within an option becomes a space."""
    return _render_menu(tuple(menu))


@lru_cache(maxsize=256)
def _render_menu(menu: tuple[MenuOption, ...]) -> str:
    """Cached, since every prompt about a case contains its menu."""
    return "\n".join(f"{m.number}: {m.category}: {' '.join(m.text.split())}" for m in menu)


def parse_menu(text: str) -> tuple[str, tuple[MenuOption, ...]]:
    """The presentation and the menu in the text of a version 1 prompt.

    Returns:
        The text before the menu, and the menu's options.

    Raises:
        DataError: there is no menu line, a number occurs twice, or other text follows a line.
    """
    lines = text.strip().split("\n")
    start = next((i for i, line in enumerate(lines) if LINE.fullmatch(line.strip())), len(lines))
    menu: list[MenuOption] = []
    for index, line in enumerate(lines[start:], start + 1):
        found = LINE.fullmatch(line.strip())
        if not found:
            raise DataError(f"menu:{index}: not of the form 'N: Category: text'")
        number = int(found[1])
        if any(item.number == number for item in menu):
            raise DataError(f"menu:{index}: option {number} is listed twice")
        menu.append(MenuOption(number=number, category=found[2], text=found[3]))
    if not menu:
        raise DataError("menu: no line of the form 'N: Category: text'")
    return "\n".join(lines[:start]).strip(), tuple(menu)
