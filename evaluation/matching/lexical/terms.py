"""Terms of clinical text: concepts, acts, cues and qualifiers, whatever their spelling."""

import re
from collections import defaultdict
from functools import lru_cache
from typing import NamedTuple

from primum.evaluation.matching.lexical.tokens import irregularities, stem, tokens, vocabulary

MAX_PHRASE_TOKENS = 6
NOUN = re.compile(r"(?:ion|ment)s?$")


class Term(NamedTuple):
    """One meaning at one position of a text.

    Attributes:
        kind: word, act, cue, qualifier, break (punctuation and conjunctions) or filler.
        key: the concept, the act's class, the cue's class, or the qualifier ("dose:mg=500").
    """

    kind: str
    key: str
    start: int
    end: int


class Lexicon(NamedTuple):
    """The vocabulary by stemmed phrase, with the concepts that each concept implies."""

    phrases: dict[tuple[str, ...], tuple[tuple[str, str], ...]]
    units: dict[str, tuple[str, float]]
    related: dict[str, dict[str, float]]
    weak: frozenset[str]
    named: frozenset[str]
    drugs: frozenset[str]
    endings: tuple[str, ...]

    def is_drug(self, key: str) -> bool:
        """Whether a concept is a medicine, by its name or the ending of its international name."""
        return key in self.drugs or (len(key) > 5 and key.endswith(self.endings))  # noqa: PLR2004


def _groups(name: str) -> dict[str, list[str]]:
    groups = vocabulary()[name]
    assert isinstance(groups, dict)
    return {str(key): [part.strip() for part in text.split(",")] for key, text in groups.items()}


def _entries(name: str) -> list[list[str]]:
    groups = vocabulary()[name]
    assert isinstance(groups, dict)
    entries = ";".join(groups.values()).split(";")
    return [[part.strip() for part in entry.split(",")] for entry in entries]


def _phrase(text: str, kind: str = "") -> tuple[str, ...]:
    """A lexicon phrase as tokens; an ambiguous abbreviation ("us") counts in capitals only."""
    _, _, capitals = irregularities()
    if kind == "word" and text in capitals:
        return (text + "^",)
    return tuple(word for word, _, _ in tokens(text) if word != "-")


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The vocabulary; read once and cached."""
    table: defaultdict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)

    def enter(kind: str, key: str, phrases: list[str]) -> None:
        for phrase in phrases:
            meaning = (kind, key)
            if meaning not in table[_phrase(phrase, kind)]:
                table[_phrase(phrase, kind)].append(meaning)

    for kind, name in (("act", "acts"), ("cue", "cues"), ("qualifier", "qualifiers")):
        for key, phrases in _groups(name).items():
            enter(kind, key, phrases)
    for name in ("synonyms", "brands"):
        for entry in _entries(name):
            enter("word", entry[0], [entry[0].replace("_", " "), *entry[1:]])
    enter("filler", "", _phrases("filler"))
    related: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for group, members in _groups("members").items():
        enter("word", group, [group.replace("_", " "), group.replace("_", "-")])
        for member in members:
            key = _concept(table, member)
            related[key][group] = 0.9
            related[group].setdefault(key, 0.35)
    units = {
        stem(name): (base, float(factor))
        for base, entries in _groups("units").items()
        for name, factor in (entry.split() for entry in entries)
    }
    weak = frozenset(key for word in _phrases("weak") for key in _phrase(word))
    endings = _phrases("drug_endings")
    return Lexicon(
        phrases={shape: tuple(meanings) for shape, meanings in table.items()},
        units=units,
        related=dict(related),
        weak=weak,
        named=frozenset(key for found in table.values() for kind, key in found if kind == "word"),
        drugs=frozenset(entry[0] for entry in _entries("brands")),
        endings=tuple({*endings, *(stem(ending) for ending in endings)}),
    )


def _phrases(name: str) -> list[str]:
    return [part.strip() for part in str(vocabulary()[name]).split(",")]


def _concept(table: dict[tuple[str, ...], list[tuple[str, str]]], phrase: str) -> str:
    """The concept that a phrase names; an unknown phrase becomes a concept of its own."""
    shape = _phrase(phrase.replace("_", " "))
    known = [key for kind, key in table.get(shape, []) if kind == "word"]
    if "_" in phrase or known:
        return phrase if "_" in phrase else known[0]
    if len(shape) > 1:
        table.setdefault(shape, []).append(("word", phrase))
        return phrase
    return shape[0]


def terms(text: str, offset: int = 0) -> list[Term]:
    """The terms of a text in order: the longest known phrase, else a quantity, else a word."""
    known, found = lexicon(), []
    items = tokens(text)
    at = 0
    while at < len(items):
        size, meanings = _longest(known, items, at)
        if size:
            start, end = items[at][1], items[at + size - 1][2]
            if NOUN.search(text[start:end]):
                meanings = tuple(meaning for meaning in meanings if meaning != ("act", "start"))
            found += [
                Term(kind, key or items[at][0], start + offset, end + offset)
                for kind, key in meanings
            ]
            at += size
            continue
        token, start, end = items[at]
        if token[0].isdigit():
            size, keys = _quantity(known, items, at)
            end = items[at + size - 1][2]
            found += [Term("qualifier", key, start + offset, end + offset) for key in keys]
            at += size
            continue
        kind = "word" if token[0].isalpha() else "break"
        found.append(Term(kind, token.rstrip("^"), start + offset, end + offset))
        at += 1
    return found


def _longest(
    known: Lexicon, items: list[tuple[str, int, int]], at: int
) -> tuple[int, tuple[tuple[str, str], ...]]:
    """The number of tokens of the longest phrase from a position, and its meanings."""
    parts: list[str] = []
    best: tuple[int, tuple[tuple[str, str], ...]] = (0, ())
    for size in range(1, MAX_PHRASE_TOKENS + 3):
        if at + size > len(items):
            break
        word = items[at + size - 1][0]
        if word == "-" and parts and _joined(items, at + size - 1):
            continue
        parts.append(word)
        for shape in (tuple(parts), tuple(part.rstrip("^") for part in parts)):
            if shape in known.phrases and not (shape != tuple(parts) and size == 1 and best[0]):
                best = (size, known.phrases[shape])
                break
    return best


def _joined(items: list[tuple[str, int, int]], at: int) -> bool:
    return items[at - 1][2] == items[at][1]


def _quantity(known: Lexicon, items: list[tuple[str, int, int]], at: int) -> tuple[int, list[str]]:
    """The tokens of a number or range with its unit, and its values in base units; none without."""
    values = [float(items[at][0])]
    size = 1
    while at + size + 1 < len(items) and items[at + size][0] in {"-", "to", "or", "/", "and"}:
        following = items[at + size + 1][0]
        if not following[0].isdigit():
            break
        values.append(float(following))
        size += 2
    if at + size < len(items) and items[at + size][0] == "-":
        size += 1
    unit = known.units.get(items[at + size][0].rstrip("^")) if at + size < len(items) else None
    if unit is None:
        return size, []
    base, factor = unit
    kind = "time" if base == "days" else "dose"
    slash, *below = [item[0] for item in items[at + size + 1 : at + size + 3]] or [""]
    per = slash == "/" and below and below[0] in {"kg", "dl"}
    name = f"{kind}:{base}/{below[0]}" if per else f"{kind}:{base}"
    return size + 1 + 2 * bool(per), [f"{name}={value * factor:g}" for value in values]
