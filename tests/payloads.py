"""Text that would work on a terminal, were it let through."""

import unicodedata

PAYLOADS = [
    "\x1b[31mred\x1b[0m",
    "\x1b[2J\x1b[H",  # the screen wiped
    "\x1b[8m hidden \x1b[28m",
    "\x1b[?1049h",  # the other screen
    "\x1b[6n",  # a report typed back
    "\x1b]0;title\x07",
    "\x1b]2;title\x1b\\",
    "\x1b]8;;https://example.org\x1b\\a link\x1b]8;;\x1b\\",
    "\x1b]52;c;ZWNobyBoaQ==\x07",  # the clipboard
    "\x1b]1337;File=name=eA==;inline=1:eA==\x07",
    "\x1bP+q544e\x1b\\",  # DCS
    "\x1b_Gf=24;AAAA\x1b\\",  # APC
    "\x1b^private\x1b\\",  # PM
    "\x1bc",  # reset
    "\x9b31m C1 CSI \x9d0;title\x9c \x90 DCS \x9c",
    "\x07\x08\x7f\x00",
    "overwritten\rby this",
    "\x0b\x0c\x0e\x0f",  # line feeds of a kind, shifted letters
    "\u202egnorw\u202c \u202d \u202a \u202b",
    "\u2066a\u2069 \u2067b\u2069 \u2068c\u2069 \u200f\u200e\u061c",
    "a\u2028b\u2029c\x85d",
]
BAD = " ".join(PAYLOADS)
# Of those, what ends no line of text.
BAD_LINE = " ".join(text for text in PAYLOADS if len(text.splitlines()) == 1)
TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def harmless(text: str) -> None:
    """Assert that a terminal only shows a text."""
    for sign in text:
        assert sign in "\n\t" or unicodedata.category(sign) not in {"Cc", "Zl", "Zp"}, repr(sign)
        assert unicodedata.bidirectional(sign) not in TURNING, repr(sign)
        assert sign not in "\u200e\u200f\u061c", repr(sign)
