"""Short marks of seats, for tables that have no room for a seat's name."""

import re
from collections.abc import Iterable
from itertools import count

from primum.agents.roles.registry import ROLES


def mark_of(seat: str, role: str) -> str:
    """A seat's mark: its role's letter, then the numbers in the seat's name, as in G1 or A2.1.

    Raises:
        UsageError: there is no such role.
    """
    return ROLES[role].mark + ".".join(re.findall(r"\d+", seat))


def marks_of(seats: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The marks of seats with their roles, each different: a mark that is taken gets a letter.

    Raises:
        UsageError: there is no such role.
    """
    found: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for seat in dict.fromkeys(seats):
        mark = mark_of(*seat)
        tried = (f"{mark}{'abcdefghijklmnopqrstuvwxyz'[n % 26] * (n // 26 + 1)}" for n in count())
        while mark in taken:
            mark = next(tried)
        taken.add(mark)
        found[seat] = mark
    return found
