"""Which markers a text only quotes: within a string of JSON, within code, or in quotation marks."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

MARK = re.compile(r"\\.|[\"'\u2018-\u201f]", re.DOTALL)
PAIRS = {'"': '"', "'": "'", "\u201c": "\u201d", "\u2018": "\u2019"}
OPENS = re.compile(r"[\[{:,]\s{0,20}\Z")  # what precedes the opening quotation mark of a string
CLOSES = re.compile(r"\s{0,20}(?:[\]}:,]|\Z)")
LINE = 200  # characters of a line that are looked at


def unquoted(text: str, found: Iterable[re.Match[str]]) -> list[re.Match[str]]:
    """The markers of a text that it does not quote; their order is kept."""
    markers = list(found)
    places = _places(text) if markers else {}
    return [
        marker
        for marker in markers
        if not (_in_code(text, *marker.span()) or _in_string(text, places, *marker.span()))
    ]


def _places(text: str) -> dict[str, list[int]]:
    """Where each kind of quotation mark stands, those after a backslash excepted."""
    places: dict[str, list[int]] = {mark: [] for pair in PAIRS.items() for mark in pair}
    for mark in MARK.finditer(text):
        if mark[0] in places:
            places[mark[0]].append(mark.start())
    return places


def _in_string(text: str, places: Mapping[str, Sequence[int]], start: int, end: int) -> bool:
    """Whether the nearest quotation marks of a kind are those of a JSON string, or adjacent."""
    for opening, closing in PAIRS.items():
        before = bisect_left(places[opening], start) - 1
        after = bisect_left(places[closing], end)
        if before < 0 or after == len(places[closing]):
            continue
        first, last = places[opening][before], places[closing][after]
        if (first, last) == (start - 1, end):
            return True
        if OPENS.search(text, max(0, first - 21), first) and CLOSES.match(text, last + 1):
            return True
    return False


def _in_code(text: str, start: int, end: int) -> bool:
    """Whether a marker stands within `code` on its line; a fence is no such code."""
    before = text[max(0, start - LINE) : start].rpartition("\n")[2].replace("```", "")
    after = text[end : end + LINE].partition("\n")[0].replace("```", "")
    return before.count("`") % 2 == 1 and "`" in after
