"""Splits an answer into clauses, with the concepts that each recommends, refuses or conditions."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from primum.evaluation.matching.lexical.clause_reading import Mark, Reading
from primum.evaluation.matching.lexical.terms import Term, terms

SENTENCE = re.compile(r"(?<=[.!?])[*_\")]*\s+(?=[A-Z0-9*\"(])|;\s*|\s+[\u2013\u2014]\s+")
LIST_ITEM = re.compile(r"\s*(?:[-*•+]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+")
TITLE = re.compile(r"\s*(?:#+\s*(?P<hash>.+)|\*\*(?P<bold>[^*]+)\*\*:?\s*)")
LEAD = re.compile(r"\s*(?P<lead>\*\*[^*\n]{1,80}(?::\*\*|\*\*:)|[^.:;\n]{1,60}:)\s+")
HEADING_WORDS = 4  # the length up to which a lead-in may be a heading
OPENING = {"negative", "conditional", "hedged", "soft"}
ADVISING = {"binding", "conditional", "soft"}
SCOPED = {"negative", "negated_before", "conditional", "hedged", "default"}


class Segment(NamedTuple):
    """One clause: its position, concepts, acts and qualifiers, and the lead-in of its line."""

    start: int
    end: int
    line: int
    marks: tuple[Mark, ...]
    acts: frozenset[str]
    qualifiers: tuple[str, ...]
    lead: tuple[Mark, ...] = ()
    statement: bool = False
    soft: bool = False  # as in "consider": recommended in part


class Carry(NamedTuple):
    """The context that a heading or lead-in gives to the clauses below it."""

    negative: bool = False
    conditional: bool = False
    qualifiers: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    soft: bool = False

    def joined(self, other: "Carry") -> "Carry":
        """The union of two contexts."""
        return Carry(
            self.negative or other.negative,
            self.conditional or other.conditional,
            self.qualifiers + other.qualifiers,
            self.words + other.words,
            self.soft or other.soft,
        )


def segments(text: str) -> list[Segment]:
    """The clauses of a text, in order."""
    found: list[Segment] = []
    section, lead_in, depth = Carry(), Carry(), -1
    place, listed = 0, False
    for number, line in enumerate(text.split("\n")):
        start, place = place, place + len(line) + 1
        if not line.strip():
            continue
        item = LIST_ITEM.match(line)
        body = item.end() if item else 0
        indent = len(line) - len(line.lstrip()) if item else -1
        if indent <= depth or not item:
            lead_in, depth = Carry(), -1
        title = None if item else TITLE.fullmatch(line)
        if title:
            section, listed = _carry(title["hash"] or title["bold"]), False
            continue
        if listed and not item and not line[0].isspace():
            section = Carry()  # the heading's list is over
        listed = bool(item)
        above = section.joined(lead_in)._replace(words=lead_in.words)
        if line.rstrip(" *").endswith(":"):
            lead_in, depth = _carry(line).joined(lead_in), indent
            if not _keys(terms(line), "act"):
                continue
        lead = LEAD.match(line, body)
        if lead and not _sentence_like(lead["lead"]):
            above = above.joined(_carry(lead["lead"]))
            body = lead.end()
        found += _line(text, start + body, start + len(line), number, above)
    return found


def _sentence_like(lead: str) -> bool:
    """Whether the text before a colon is a refusal itself, and not the heading of a list."""
    found = terms(lead)
    return len(lead.split()) > HEADING_WORDS and "negative" in _keys(found, "cue")


def _carry(text: str) -> Carry:
    found = terms(text)
    cues = {term.key for term in found if term.kind == "cue"}
    stops = any(term.kind == "act" and term.key == "stop" for term in found)
    return Carry(
        stops or bool(cues & {"negative", "negated_before"}),
        bool(cues & {"conditional", "hedged"}),
        tuple(term.key for term in found if term.kind == "qualifier"),
        tuple(term.key for term in found if term.kind == "word"),
        "soft" in cues,
    )


def _line(text: str, start: int, end: int, number: int, above: Carry) -> Iterator[Segment]:
    places = [start, *(m.end() for m in SENTENCE.finditer(text, start, end)), end]
    for first, last in pairwise(places):
        found = terms(text[first:last], first)
        for part in _aside(found):
            yield from _sentence(part, number, above)


def _aside(found: list[Term]) -> Iterator[list[Term]]:
    """A sentence without parentheses that refuse or condition something, then each of these.

    In "testosterone (repeat if low) and prolactin", prolactin is not conditional.
    """
    kept: list[Term] = []
    asides: list[list[Term]] = []
    opened = -1
    for term in found:
        kept.append(term)
        if term.kind == "break" and term.key == "(":
            opened = len(kept) - 1
        elif term.kind == "break" and term.key == ")" and opened >= 0:
            inner = kept[opened + 1 : -1]
            if _keys(inner, "cue") & SCOPED:
                asides.append(inner)
                del kept[opened:]
            opened = -1
    yield kept
    yield from asides


def _sentence(found: list[Term], number: int, above: Carry) -> Iterator[Segment]:
    condition = above.conditional
    before: Segment | None = None
    for part in _cut(found):
        words = [term for term in part if term.kind == "word"]
        cues = [term for term in part if term.kind == "cue"]
        opens = any(
            cue.key == "conditional" and not any(word.start < cue.start for word in words)
            for cue in cues
        )
        condition = condition or opens
        segment = _segment(part, number, above, conditional=condition)
        if segment and "stop" in segment.acts and before and not segment.marks + segment.lead:
            segment = segment._replace(lead=tuple(m._replace(polarity=-1) for m in before.marks))
        before = segment or before
        if segment:
            yield segment


def _cut(found: list[Term]) -> Iterator[list[Term]]:
    """Parts of a sentence, split where a verb, refusal or condition follows a comma or "and"."""
    part: list[Term] = []
    loose = joined = False
    for term in found:
        opens = (loose and term.kind == "cue" and term.key in OPENING) or (
            (loose or joined) and term.kind == "act"
        )
        contrast = term.kind == "cue" and term.key == "contrast"
        if part and (opens or contrast):
            yield part
            part = []
        part.append(term)
        if term.kind == "break":
            loose, joined = term.key in {",", ":", "-"}, False
        elif term.key == "and" or (term.key == "or" and not _refuses(part)):
            joined = bool(_keys(part, "word"))
        elif term.kind != "filler" and term.key != "binding":
            loose, joined = contrast, False
    if part:
        yield part


def _refuses(part: list[Term]) -> bool:
    """Whether an "or" in this part may continue a refusal: "do not start A or raise B"."""
    return bool(_keys(part, "cue") & {"negative", "conditional"})


def _segment(part: list[Term], number: int, above: Carry, *, conditional: bool) -> Segment | None:
    base = -1 if above.negative else 1
    reading = Reading(base, base, conditional)
    for term in part:
        reading.read(term)
    lead = tuple(Mark(word, base, reading.conditional) for word in above.words)
    if reading.stopped == len(reading.marks):
        reading.refuse()
        lead = tuple(mark._replace(polarity=-1) for mark in lead)
    acts, cues = _keys(_without_reason(part), "act"), _keys(part, "cue")
    solid = [term for term in part if term.kind not in {"break", "filler"}]
    if not solid or not (reading.marks or acts):
        return None
    return Segment(
        solid[0].start,
        solid[-1].end,
        number,
        tuple(reading.marks),
        acts,
        tuple(term.key for term in part if term.kind == "qualifier") + above.qualifiers,
        lead,
        statement="statement" in cues and not acts and not cues & ADVISING,
        soft=above.soft or "soft" in cues,
    )


def _without_reason(part: list[Term]) -> list[Term]:
    """The terms before a reason, or all if the reason comes first."""
    for at, term in enumerate(part):
        if (term.kind, term.key) == ("cue", "reason") and _keys(part[:at], "word"):
            return part[:at]
    return part


def _keys(part: list[Term], kind: str) -> frozenset[str]:
    return frozenset(term.key for term in part if term.kind == kind)
