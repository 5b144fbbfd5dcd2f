"""Lists and sentences in free text: lines, the items of a list, an item's text and reason.

These functions raise nothing. The items of a list are its numbered lines or, if there are none, its
bullets. All lines up to the next item or heading belong to an item, sub-bullets included; a closing
paragraph does not.

Models number as `**1.**`, `1:`, `(1)` or `### 1)` and put bullets such as `•`, none of which is a
list in CommonMark, whose emphasis would also take the stars of HLA-B*57:01. Hence no Markdown
parser.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

ChangeKind = Literal["add", "remove", "change", "note"]
LineKind = Literal["blank", "heading", "number", "bullet", "plain"]

HYPHEN = r"[-\u2013\u2014]"  # -, en dash, em dash
MARK = rf"(?:(?:{HYPHEN}|[*+])(?=\s)|[•‣◦▪●○·→➤])\s*(?:\[[ xX]\]\s*)?"
NUMBER = re.compile(
    rf"\s*(?:{MARK})?(?:\#{{1,6}}\s*)?[*_]{{0,3}}\(?([0-9]{{1,3}})[*_]{{0,3}}\\?[.):][*_]{{0,3}}"
    r"(?![0-9])\s*"
)
BULLET = re.compile(rf"\s*{MARK}")
RULE = re.compile(r"(?:\s*[-*_=]){3,}\s*|\s*(?:```|~~~)\w*\s*")
HASHED = re.compile(r"\#{1,6}\s")
BOLD = re.compile(r"(\*\*|__)((?:(?!\1).)*[^.!?])\1:?")
STRONG = re.compile(r"\*\*+|__+|`+|^\s*\#{1,6}\s+")
EMPHASIS = re.compile(r"(?<!\w)([*_])(\S(?:[^*_\n]*\S)?)\1(?!\w)")
LABEL = r"(?i:why|rationale|reason(?:ing)?)"
WHY = re.compile(
    rf"^\s*{LABEL}\s*(?::\s*|$)|(?<=[\s(])(?=[WR]){LABEL}\s*:\s*"  # within a line: capital only
)
SENTENCE = re.compile(rf"(?<=[.!?])[)\]\"'*_]*\s+(?=[(\[\"'*_]*[A-Z0-9])(?![*_(]*{LABEL}[*_]*\s*:)")
ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|vs|approx|dr|no|incl|cf|resp|st)|\b[A-Z])\.$", re.IGNORECASE
)
LONGEST_HEADING = 80
# What a critic asks for; each word alone before a colon is a heading.
CHANGE_VERBS: dict[str, ChangeKind] = {
    "add": "add", "include": "add",
    "remove": "remove", "delete": "remove", "omit": "remove", "drop": "remove",
    "change": "change", "modify": "change", "revise": "change", "replace": "change",
}  # fmt: skip


class ListItem(NamedTuple):
    """An item of a list: its text after the number or bullet, and its span in the reply."""

    number: int
    body: str
    start: int
    end: int


class Line(NamedTuple):
    """A line of a text: its kind, and its span in the text."""

    kind: LineKind
    indent: int
    start: int  # of its first character that is not blank
    body: int  # where its number or bullet ends
    end: int
    number: int


def list_items(text: str) -> tuple[ListItem, ...]:
    """The items of the list in a text; none if there is no list.

    Their numbers are those in the text if these increase; otherwise they are counted from 1.
    """
    lines = lines_of(text)
    return _items_of("number", text, lines) or _items_of("bullet", text, lines)


def sentences(text: str) -> tuple[ListItem, ...]:
    """The sentences of a text that has no list, numbered from 1.

    Headings are left out unless there is nothing else. A reason ("Why: ...") belongs to the
    sentence before it.
    """
    spans: list[tuple[int, int]] = []
    before = None
    for line in _prose(text, lines_of(text)):
        words = text[line.body : line.end]
        goes_on = words[:1].islower() or WHY.match(without_marks(words))
        if before and goes_on and not text[before.end : line.start].strip():
            spans[-1] = (spans[-1][0], line.end)
        else:
            spans.append((line.body, line.end))
        before = line
    found = []
    for start, end in spans:
        at = start
        for gap in SENTENCE.finditer(text, start, end):
            if not ABBREVIATED.search(text[max(at, gap.start() - 8) : gap.start()]):
                found.append((at, gap.start()))
                at = gap.end()
        found.append((at, end))
    says = [(start, end) for start, end in found if has_words(text[start:end])]
    return tuple(ListItem(n, text[start:end], start, end) for n, (start, end) in enumerate(says, 1))


def text_lines(text: str) -> tuple[ListItem, ...]:
    """The lines of a text that has no list; headings are left out unless there is nothing else."""
    return _numbered(text, [[line] for line in _prose(text, lines_of(text))])


def _prose(text: str, lines: Sequence[Line]) -> list[Line]:
    saying = [
        line for line in lines if line.kind != "blank" and has_words(text[line.body : line.end])
    ]
    return [line for line in saying if line.kind != "heading"] or saying


def lines_of(text: str) -> list[Line]:
    """Every line of a text; horizontal rules and code fences count as blank."""
    lines: list[Line] = []
    at = 0
    for raw in text.splitlines(keepends=True):
        bare, blank = raw.strip(), len(raw) - len(raw.lstrip())
        indent = len(raw[:blank].expandtabs(4))
        alone = not lines or lines[-1].kind in {"blank", "heading"}
        kind: LineKind = "plain"
        mark = None
        if not bare or RULE.fullmatch(raw):
            kind = "blank"
        elif mark := NUMBER.match(raw):
            kind = "number"
        elif mark := BULLET.match(raw):
            kind = "bullet"
        elif indent <= 1 and _is_heading(bare, alone=alone):
            kind = "heading"
        start, end = at + blank, at + blank + len(bare)
        body = min(at + mark.end(), end) if mark else start
        number = int(mark[1]) if mark and kind == "number" else 0
        lines.append(Line(kind, indent, start, body, end, number))
        at += len(raw)
    return lines


def _numbered(text: str, blocks: Iterable[Sequence[Line]]) -> tuple[ListItem, ...]:
    items = []
    for block in blocks:
        end = next(line.end for line in reversed(block) if line.kind != "blank")
        body = text[block[0].body : end]
        if has_words(body):
            items.append(ListItem(block[0].number, body, block[0].start, end))
    numbers = [item.number for item in items]
    rising = all(a < b for a, b in zip([0, *numbers], numbers, strict=False))
    counted = (item._replace(number=count) for count, item in enumerate(items, 1))
    return tuple(items if rising else counted)


def split_reason(body: str) -> tuple[str, str]:
    """An item's text and reason, each on one line and without Markdown."""
    said: tuple[list[str], list[str]] = ([], [])
    into = 0
    for index, raw in enumerate(body.splitlines()):
        mark = (NUMBER.match(raw) if index else None) or BULLET.match(raw)
        line = without_marks(raw[mark.end() :] if mark else raw)
        if mark or not line.strip():
            into = 0
        label = WHY.search(line)
        if label and not into:
            said[0].append(line[: label.start()])
            line, into = line[label.end() :], 1
        said[into].append(line)
    text, why = (one_line(" ".join(part)) for part in said)
    opened = text.endswith("(") and why.endswith(")")
    return (one_line(text[:-1]), why[:-1]) if opened else (text, why)


def without_marks(text: str) -> str:
    """A text without Markdown's markers of emphasis, code and headings."""
    return EMPHASIS.sub(r"\2", STRONG.sub("", text))


def one_line(text: str) -> str:
    """A text on one line, with single spaces and no dash at either end."""
    return " ".join(text.split()).strip(" -\u2013\u2014")


def has_words(text: str) -> bool:
    """Whether a text has a letter or a digit."""
    return any(character.isalnum() for character in text)


def _is_heading(bare: str, *, alone: bool) -> bool:
    if HASHED.match(bare):
        return True
    if WHY.match(without_marks(bare)) or len(bare) > LONGEST_HEADING:
        return False
    introduces = bare.endswith(":") and (alone or bare[:-1].lower() in CHANGE_VERBS)
    return introduces or bool(BOLD.fullmatch(bare))


def _items_of(kind: LineKind, text: str, lines: Sequence[Line]) -> tuple[ListItem, ...]:
    marked = [(index, line.indent) for index, line in enumerate(lines) if line.kind == kind]
    if not marked:
        return ()
    outermost = min(indent for _, indent in marked) + 1  # " 9." stands above "10."
    heads = [index for index, indent in marked if indent <= outermost]
    blocks = []
    for head, following in zip(heads, [*heads[1:], len(lines)], strict=True):
        inner = range(head + 1, following)
        end = next((i for i in inner if lines[i].kind == "heading"), following)
        last = end == len(lines) or lines[end].kind == "heading" or kind == "bullet"
        if last and not HASHED.match(text[lines[head].start : lines[head].end]):
            end = next((i for i in range(head + 1, end) if _closes(text, lines, i)), end)
        blocks.append(lines[head:end])
    return _numbered(text, blocks)


def _closes(text: str, lines: Sequence[Line], index: int) -> bool:
    """Whether a paragraph that belongs to no item begins at a line."""
    line = lines[index]
    if line.kind != "plain" or line.indent > 1 or lines[index - 1].kind != "blank":
        return False
    return not WHY.match(without_marks(text[line.start : line.end]))
