"""Short marks of seats, for tables that have no room for a seat's name."""

import re

MARKS = {
    "generator": "G",
    "critic": "C",
    "guardian": "U",
    "aggregator": "A",
    "selector": "S",
    "debater": "D",
    "rule": "\N{GREEK CAPITAL LETTER SIGMA}",
    "matcher": "M",
    "reviewer": "R",
}
"""The letter of each role; no two roles share one."""


def mark_of(seat: str, role: str) -> str:
    """A seat's mark: its role's letter, then the numbers in the seat's name, as in G1 or A2.1.

    Raises:
        KeyError: there is no such role.
    """
    return MARKS[role] + ".".join(re.findall(r"\d+", seat))
