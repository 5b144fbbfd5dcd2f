"""An answer cut into clauses, with what each commits to, refuses, or makes depend on something."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from primum.evaluation.terms import Term, terms

SENTENCE = re.compile(r"(?<=[.!?])[*_\")]*\s+(?=[A-Z0-9*\"(])|;\s*|\s+[\u2013\u2014]\s+")
ITEM = re.compile(r"\s*(?:[-*•+]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+")
TITLE = re.compile(r"\s*(?:#+\s*(?P<hash>.+)|\*\*(?P<bold>[^*]+)\*\*:?\s*)")
LEAD = re.compile(r"\s*(?P<lead>\*\*[^*\n]{1,80}\*\*:?|[^.:;\n]{1,60}:)\s+")
TIME = "time:days"
CLOSE, APART = 1.05, 5  # ratios of two numbers that are the same; that are two plans
TREATING = {"start", "continue", "raise", "lower", "admit", "refer"}


class Mark(NamedTuple):
    """A concept as a clause uses it.

    Attributes:
        polarity: 1 for a commitment, -1 for a refusal or a stop, 0 for a reason or an aim.
        conditional: it hangs on something that may not come.
    """

    key: str
    polarity: int
    conditional: bool


class Segment(NamedTuple):
    """One clause: where it stands, its concepts, acts and qualifiers, and its line's lead-in."""

    start: int
    end: int
    line: int
    marks: tuple[Mark, ...]
    acts: frozenset[str]
    qualifiers: tuple[str, ...]
    lead: tuple[Mark, ...] = ()
    statement: bool = False


class Carry(NamedTuple):
    """What a heading or a lead-in hands down to what stands under it."""

    negative: bool = False
    conditional: bool = False
    qualifiers: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def joined(self, other: "Carry") -> "Carry":
        """Both at once."""
        return Carry(
            self.negative or other.negative,
            self.conditional or other.conditional,
            self.qualifiers + other.qualifiers,
            self.words + other.words,
        )


def segments(text: str) -> list[Segment]:
    """The clauses of a text in its order."""
    found: list[Segment] = []
    section, lead_in, depth = Carry(), Carry(), -1
    place = 0
    for number, line in enumerate(text.split("\n")):
        start, place = place, place + len(line) + 1
        if not line.strip():
            continue
        item = ITEM.match(line)
        body = item.end() if item else 0
        indent = len(line) - len(line.lstrip()) if item else -1
        if indent <= depth or not item:
            lead_in, depth = Carry(), -1
        title = None if item else TITLE.fullmatch(line)
        if title:
            section = _carry(title["hash"] or title["bold"])
            continue
        above = section.joined(lead_in)._replace(words=lead_in.words)
        if line.rstrip(" *").endswith(":"):
            lead_in, depth = _carry(line).joined(lead_in), indent
            if not _keys(terms(line), "act"):
                continue
        lead = LEAD.match(line, body)
        if lead:
            above = above.joined(_carry(lead["lead"]))
            body = lead.end()
        found += _line(text, start + body, start + len(line), number, above)
    return found


def _carry(text: str) -> Carry:
    found = terms(text)
    cues = {term.key for term in found if term.kind == "cue"}
    stops = any(term.kind == "act" and term.key == "stop" for term in found)
    return Carry(
        stops or bool(cues & {"negative", "negated_before"}),
        bool(cues & {"conditional", "hedged"}),
        tuple(term.key for term in found if term.kind == "qualifier"),
        tuple(term.key for term in found if term.kind == "word"),
    )


def _line(text: str, start: int, end: int, number: int, above: Carry) -> Iterator[Segment]:
    places = [start, *(m.end() for m in SENTENCE.finditer(text, start, end)), end]
    for first, last in pairwise(places):
        found = terms(text[first:last], first)
        yield from _sentence(found, number, above)


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
    """Parts that begin where a comma or a joint is followed by a verb, a refusal or a condition."""
    part: list[Term] = []
    loose = False
    for term in found:
        opens = term.kind == "act" or (
            term.kind == "cue" and term.key in {"negative", "conditional", "hedged"}
        )
        contrast = term.kind == "cue" and term.key == "contrast"
        if part and ((loose and opens) or contrast):
            yield part
            part = []
        part.append(term)
        if term.kind == "break":
            loose = term.key in {",", ":", "-", "and", "or"}
        elif term.kind != "filler":
            loose = contrast
    if part:
        yield part


@dataclass
class _Reading:
    """A clause while it is read from left to right: what its next concept will be taken for."""

    base: int
    polarity: int
    conditional: bool
    marks: list[Mark] = field(default_factory=list)
    refused: bool = False  # a refusal stands right before
    opened: bool = False  # a condition opened the clause, and has not ended
    stopped: int | None = None  # concepts before a stop
    comma: int = 0  # concepts before the last comma
    phrase: int = 0  # the same, when the last concept was read
    reason: int = 0  # concepts before a reason
    aim: int = 0  # concepts before an aim

    def word(self, key: str) -> None:
        self.phrase = self.comma
        self.marks.append(Mark(key, self.polarity, self.conditional))
        self.refused = False

    def joint(self, key: str) -> None:
        if key != ",":
            return
        self.comma = len(self.marks)
        if self.opened and self.polarity < 0:
            self.polarity = self.base
        self.opened = False

    def act(self, key: str) -> None:
        if key == "stop":
            self.polarity, self.stopped = (1, None) if self.refused else (-1, len(self.marks))
        elif self.polarity == 0 and self.aim == 0 and key in TREATING:
            self.polarity = self.base

    def cue(self, key: str) -> None:
        if key == "negative":
            self.polarity, self.refused = -1, True
        elif key == "negated_before":
            self.refused = not self.marks[self.reason :]
            self.refuse(self.reason)
            self.polarity = -1 if self.refused else 0
        elif key in {"neutral", "reason"}:
            self.neutral(key)
        elif key == "contrast":
            self.polarity = self.base
        elif key in {"conditional", "hedged", "default"}:
            self.depend(key)

    def neutral(self, key: str) -> None:
        if self.stopped == len(self.marks):
            self.refuse()
        self.polarity, self.aim = 0, len(self.marks)
        if key == "reason":
            self.reason = len(self.marks)

    def depend(self, key: str) -> None:
        """What follows hangs on something; with "X if Y" the phrase before does as well."""
        if key == "conditional":
            self.opened = not self.marks
            behind = [mark._replace(conditional=True) for mark in self.marks[self.phrase :]]
            self.marks[self.phrase :] = behind
        self.conditional = True

    def refuse(self, since: int = 0) -> None:
        """The refusal stands behind its object: "X is not needed", "X should be stopped"."""
        self.marks[since:] = [mark._replace(polarity=-1) for mark in self.marks[since:]]


def _segment(part: list[Term], number: int, above: Carry, *, conditional: bool) -> Segment | None:
    base = -1 if above.negative else 1
    reading = _Reading(base, base, conditional)
    steps = {"word": reading.word, "act": reading.act, "cue": reading.cue, "break": reading.joint}
    for term in part:
        if term.kind in steps:
            steps[term.kind](term.key)
    lead = tuple(Mark(word, base, reading.conditional) for word in above.words)
    if reading.stopped == len(reading.marks):
        reading.refuse()
        lead = tuple(mark._replace(polarity=-1) for mark in lead)
    acts, cues = _keys(part, "act"), _keys(part, "cue")
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
        statement="statement" in cues and not acts and not cues & {"binding", "conditional"},
    )


def _keys(part: list[Term], kind: str) -> frozenset[str]:
    return frozenset(term.key for term in part if term.kind == kind)


def agreement(needed: Sequence[str], offered: Sequence[str]) -> tuple[float, bool]:
    """How a clause's qualifiers meet an option's, and whether it breaks any.

    From -1 to 1: the share of the kinds that it meets less those it breaks; what it leaves open
    counts as neither. -2 if its times make another plan of it.
    """
    wanted, given = _by_kind(needed), _by_kind(offered)
    if not wanted:
        return 0.0, False
    if _apart(wanted.get(TIME, []), given.get(TIME, [])):
        return -2.0, True
    each = [_one(values, given.get(kind, [])) for kind, values in wanted.items()]
    return sum(each) / len(each), min(each) < 0


def _by_kind(keys: Sequence[str]) -> dict[str, list[str]]:
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for key in keys:
        kind, _, value = key.partition("=" if "=" in key else ":")
        kinds[kind].append(value)
    return kinds


def _one(wanted: list[str], given: list[str]) -> int:
    if not given:
        return 0
    return 1 if set(wanted) & set(given) or _within(wanted, given) else -1


def _apart(wanted: list[str], given: list[str]) -> bool:
    """Whether times are so far apart that they are two plans: two weeks and three months."""
    pairs = [sorted((float(a), float(b))) for a in wanted for b in given]
    return bool(pairs) and all(high > APART * low for low, high in pairs)


def _within(wanted: list[str], given: list[str]) -> bool:
    """Whether a number given lies in the range that was asked for, or as good as."""
    try:
        numbers = [float(value) for value in wanted]
        return any(min(numbers) / CLOSE <= float(value) <= max(numbers) * CLOSE for value in given)
    except ValueError:
        return False
