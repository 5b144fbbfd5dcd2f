"""What is drawn from free text: the items of a list, the actions of a plan, the objections to one.

Pure, and never raises. A list is its numbered lines; where there is none, its bullets. What follows
an item up to the next one or a heading belongs to it, sub-bullets included; a closing paragraph
does not. Where there is no list either, each sentence is an action.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

Kind = Literal["add", "remove", "change", "note"]
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
NOTHING = re.compile(
    r"\W*no (?:further )?actions? (?:is|are) (?:recommended|needed|required)\W*", re.IGNORECASE
)

URGENCIES = {
    "now": "now", "immediate": "now", "immediately": "now", "stat": "now", "emergent": "now",
    "emergency": "now", "today": "today", "same day": "today", "same-day": "today",
    "urgent": "today", "urgently": "today", "this week": "this week", "within a week": "this week",
    "routine": "routine", "elective": "routine", "non-urgent": "routine",
}  # fmt: skip
_KNOWN = "|".join(sorted(URGENCIES, key=len, reverse=True))
URGENCY = re.compile(
    rf"[\[(]\s*(?:urgency\s*[:=]\s*)?({_KNOWN})\s*[\])][\s:]*"
    rf"|^\s*({_KNOWN})(?:\s*:\s+|\s+{HYPHEN}\s+)",
    re.IGNORECASE,
)

DASH = re.compile(rf"(?<!\d) {HYPHEN} | {HYPHEN} (?!\d)")
NO_CHANGE = re.compile(
    r"\W*no (?:further )?(?:changes?|objections?)"
    r"(?: (?:is |are )?(?:needed|required|necessary|recommended))?\s*(?:[.!]|\W*$)",
    re.IGNORECASE,
)
OBJECTION = re.compile(
    r"[\[(](add|remove|change)[\])]\s*:?\s*"
    rf"|(add|remove|change)(?:\s*:\s*|\s+{HYPHEN}\s+|\s+|$)"
    r"|(include|delete|omit|drop|modify|revise|replace)\s*:\s*",
    re.IGNORECASE,
)
KINDS: dict[str, Kind] = {
    "add": "add", "include": "add",
    "remove": "remove", "delete": "remove", "omit": "remove", "drop": "remove",
    "change": "change", "modify": "change", "revise": "change", "replace": "change",
}  # fmt: skip


class ListItem(NamedTuple):
    """An item of a list: its words as they stand after the number or bullet, and its span."""

    number: int
    body: str
    start: int
    end: int


class PlannedAction(NamedTuple):
    """One action of a plan, and its span in the reply.

    `text` is without number, urgency, reason and markdown. `urgency` is now, today, this week or
    routine (urgent counts as today, immediate and stat as now), None where none is said.
    """

    number: int
    text: str
    urgency: str | None
    why: str
    start: int
    end: int


class Objection(NamedTuple):
    """One thing that a critic would change; a note where it does not say how."""

    kind: Kind
    action: str
    why: str


class _Line(NamedTuple):
    kind: LineKind
    indent: int
    start: int  # of its first character that is not blank
    body: int  # where its number or bullet ends
    end: int
    number: int


def list_items(text: str) -> tuple[ListItem, ...]:
    """The items of a list, as they stand; none where there is no list.

    Numbers are those written where they rise, else counted from 1.
    """
    lines = _lines(text)
    return _items_of("number", text, lines) or _items_of("bullet", text, lines)


def draw_actions(text: str) -> tuple[PlannedAction, ...]:
    """The actions of a plan, in order; their spans are disjoint. None of one that says so."""
    if NOTHING.fullmatch(text):
        return ()
    return tuple(_action(item) for item in list_items(text) or _sentences(text, _lines(text)))


def draw_objections(text: str) -> tuple[Objection, ...]:
    """The objections of a critique, in order; none where it says "No change."."""
    lines = _lines(text)
    items = list_items(text) or _counted(text, [[line] for line in _prose(text, lines)])
    default: Kind = "note"
    under: dict[int, Kind] = {}  # a heading such as "ADD:" says it for what follows
    for line in lines:
        if line.kind == "heading":
            default, _ = _kind_of(_unmark(text[line.start : line.end]))
        under[line.start] = default
    found = [_objection(item, under[item.start]) for item in items]
    return tuple(o for o in found if _says(o.action) and not NO_CHANGE.match(o.action))


def _lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
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
        lines.append(_Line(kind, indent, start, body, end, number))
        at += len(raw)
    return lines


def _is_heading(bare: str, *, alone: bool) -> bool:
    if HASHED.match(bare):
        return True
    if WHY.match(_unmark(bare)) or len(bare) > LONGEST_HEADING:
        return False
    introduces = bare.endswith(":") and (alone or bare[:-1].lower() in KINDS)
    return introduces or bool(BOLD.fullmatch(bare))


def _items_of(kind: LineKind, text: str, lines: Sequence[_Line]) -> tuple[ListItem, ...]:
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
    return _counted(text, blocks)


def _closes(text: str, lines: Sequence[_Line], index: int) -> bool:
    """Whether a paragraph begins at a line that belongs to no item."""
    line = lines[index]
    if line.kind != "plain" or line.indent > 1 or lines[index - 1].kind != "blank":
        return False
    return not WHY.match(_unmark(text[line.start : line.end]))


def _counted(text: str, blocks: Iterable[Sequence[_Line]]) -> tuple[ListItem, ...]:
    items = []
    for block in blocks:
        end = next(line.end for line in reversed(block) if line.kind != "blank")
        body = text[block[0].body : end]
        if _says(body):
            items.append(ListItem(block[0].number, body, block[0].start, end))
    numbers = [item.number for item in items]
    rising = all(a < b for a, b in zip([0, *numbers], numbers, strict=False))
    counted = (item._replace(number=count) for count, item in enumerate(items, 1))
    return tuple(items if rising else counted)


def _prose(text: str, lines: Sequence[_Line]) -> list[_Line]:
    """The lines that say something; headings where there are no others."""
    saying = [line for line in lines if line.kind != "blank" and _says(text[line.body : line.end])]
    return [line for line in saying if line.kind != "heading"] or saying


def _sentences(text: str, lines: Sequence[_Line]) -> tuple[ListItem, ...]:
    spans: list[tuple[int, int]] = []
    before = None
    for line in _prose(text, lines):
        words = text[line.body : line.end]
        goes_on = words[:1].islower() or WHY.match(_unmark(words))
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
    says = [(start, end) for start, end in found if _says(text[start:end])]
    return tuple(ListItem(n, text[start:end], start, end) for n, (start, end) in enumerate(says, 1))


def _action(item: ListItem) -> PlannedAction:
    text, why = _parts(item.body)
    tag = URGENCY.search(text)
    urgency = URGENCIES[(tag[1] or tag[2]).lower()] if tag else None
    bare = _tidy(f"{text[: tag.start()]} {text[tag.end() :]}") if tag else text
    if not _says(bare):
        bare, why, urgency = _tidy(_unmark(item.body)), "", None
    return PlannedAction(item.number, bare, urgency, why, item.start, item.end)


def _objection(item: ListItem, default: Kind) -> Objection:
    text, why = _parts(item.body)
    kind, at = _kind_of(text)
    kind, text = (kind, text[at:]) if kind != "note" else (default, text)
    dash = DASH.search(text) if kind != "note" and not why else None
    if dash:
        text, why = text[: dash.start()], text[dash.end() :]
    return Objection(kind, _tidy(text), _tidy(why))


def _kind_of(text: str) -> tuple[Kind, int]:
    """The kind that a text begins with, and where what it is about begins."""
    found = OBJECTION.match(text)
    word = next((group for group in found.groups() if group), "") if found else ""
    return (KINDS[word.lower()], found.end()) if found else ("note", 0)


def _parts(body: str) -> tuple[str, str]:
    """An item's words and its reason, each on one line and without marks."""
    said: tuple[list[str], list[str]] = ([], [])
    into = 0
    for index, raw in enumerate(body.splitlines()):
        mark = (NUMBER.match(raw) if index else None) or BULLET.match(raw)
        line = _unmark(raw[mark.end() :] if mark else raw)
        if mark or not line.strip():
            into = 0
        label = WHY.search(line)
        if label and not into:
            said[0].append(line[: label.start()])
            line, into = line[label.end() :], 1
        said[into].append(line)
    text, why = (_tidy(" ".join(part)) for part in said)
    opened = text.endswith("(") and why.endswith(")")
    return (_tidy(text[:-1]), why[:-1]) if opened else (text, why)


def _unmark(text: str) -> str:
    return EMPHASIS.sub(r"\2", STRONG.sub("", text))


def _tidy(text: str) -> str:
    return " ".join(text.split()).strip(" -\u2013\u2014")


def _says(text: str) -> bool:
    return any(character.isalnum() for character in text)
