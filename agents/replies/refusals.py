"""Recognises a reply in prose that declines to advise.

A text is a refusal if a clause of it declines and no other clause could be advice: each of them is
an apology, a reason, an offer, or refers to a clinician or an emergency service in general. When in
doubt it is none. The rule knows English, German, French and Spanish, and
benchmarks/refusals.py measures it.
"""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from primum.agents.replies.lists import BULLET, NUMBER, has_words, without_marks

LONGEST = 1_500  # characters; what is longer has more to say than that it declines
CLAUSE = re.compile(
    r"(?<!\d)[.](?=\s|$)|[!?;:\n]+|\s[-\u2013\u2014]+\s|,?\s\b(?:but|however|still|that said"
    r"|nevertheless|while|aber|mais|pero)\b,?"
)
MARKS = {ord(mark): plain for mark, plain in (("\u2019", "'"), ("\u2018", "'"), ("\u02bc", "'"))}
STATES = re.compile(r"\b(?:is|are|should|needs?|must|will|would|soll|muss|doit|debe)\b")
FEW = r"(?:[^\s.;:]+ ){0,6}?"  # words between a verb and what belongs to it


class Wording(NamedTuple):
    """What refusals and plans say in a clause: in lower case, with single blanks and straight '.

    Attributes:
        declines: nothing is advised.
        perhaps: nothing is advised, if no word of medicine is in the whole text.
        beside: what refusals say besides: an apology, a reason, a doctor who should be seen.
        aside: the same, if no word of medicine is in the clause.
        advises: an action, whatever else the clause says.
        acts: an action, unless the clause declines.
        clinical: a word of medicine.
    """

    declines: re.Pattern[str]
    perhaps: re.Pattern[str]
    beside: re.Pattern[str]
    aside: re.Pattern[str]
    advises: re.Pattern[str]
    acts: re.Pattern[str]
    clinical: re.Pattern[str]


def is_refusal(text: str) -> bool:
    """Whether a reply in prose, without its thinking, declines to advise and does nothing else.

    A text with any action for the patient is no refusal, nor is one that cannot be told. Raises
    nothing.
    """
    if len(text) > LONGEST:
        return False
    wording, clauses = known_wording(), clauses_of(text)
    if any(map(wording.advises.search, clauses)):
        return False
    if any(map(wording.declines.search, clauses)):
        return _says_nothing_else(clauses, wording.declines)
    words = (wording.clinical, wording.acts)
    if any(pattern.search(clause) for pattern in words for clause in clauses):
        return False
    return any(map(wording.perhaps.search, clauses)) and _says_nothing_else(
        clauses, wording.perhaps
    )


def _says_nothing_else(clauses: list[str], declines: re.Pattern[str]) -> bool:
    """Whether the clauses that do not decline, and the rest of those that do, are no advice."""
    wording = known_wording()
    declining = [clause for clause in clauses if declines.search(clause)]
    others = [clause for clause in clauses if clause not in declining]
    parts = (part for clause in declining for part in clause.split(", "))
    rest = [part for part in parts if not declines.search(part)]
    stated = [*others, *(part for part in rest if STATES.search(part))]
    if any(map(wording.acts.search, (*stated, *rest))):
        return False
    return all(wording.beside.search(clause) or _is_aside(clause) for clause in stated)


def _is_aside(clause: str) -> bool:
    wording = known_wording()
    return bool(wording.aside.search(clause)) and not wording.clinical.search(clause)


def clauses_of(text: str) -> list[str]:
    """The clauses of a text, in the form in which `Wording` knows them."""
    lines = (line[_mark_end(line) :] for line in text.splitlines())
    plain = without_marks("\n".join(lines)).translate(MARKS).lower()
    parts = (" ".join(part.split()).strip(" ,\"'()") for part in CLAUSE.split(plain))
    return [part for part in parts if has_words(part)]


@cache
def known_wording() -> Wording:
    """The wording of all languages."""
    files = sorted((Path(__file__).parent / "wording").glob("*.yaml"))
    read = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    forms = {name: [f for one in read for f in _filled(one, name)] for name in Wording._fields}
    return Wording(**{name: re.compile("|".join(found)) for name, found in forms.items()})


def _filled(language: dict[str, dict[str, str]], name: str) -> list[str]:
    """The forms of one kind, with their parts in place; commas in a part separate alternatives."""
    parts = {"few": FEW}
    for part, given in language["parts"].items():
        whole = _put(given, parts)
        listed = not given.startswith("(")
        parts[part] = f"(?:{'|'.join(re.split(r', +', whole))})" if listed else whole
    return [f"(?:{_put(form, parts)})" for form in language.get(name, ())]


def _put(form: str, parts: dict[str, str]) -> str:
    return re.sub(r"\{([a-z_]+)\}", lambda found: parts[found[1]], form)


def _mark_end(line: str) -> int:
    mark = NUMBER.match(line) or BULLET.match(line)
    return mark.end() if mark else 0
