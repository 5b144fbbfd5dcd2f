"""Profiles of options for the lexical matcher: weighted concepts, acts and qualifiers."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from math import log
from typing import NamedTuple

from primum.evaluation.matching.lexical.clauses import Segment, segments
from primum.evaluation.matching.lexical.terms import Lexicon

# Weights of concepts of an option.
# A medicine; a word outside the lexicon; a common word of clinical text.
DRUG, UNNAMED, WEAK = 1.2, 0.5, 0.3
TAIL = 0.3  # an aim, a reason, a condition
ASIDE = 0.5  # in a parenthesis
LATER = 0.8  # a clause after the first
DECAY = 0.25  # for each concept before it


class Need(NamedTuple):
    """A concept of an option and its weight."""

    key: str
    polarity: int
    conditional: bool
    weight: float
    drug: bool


class Profile(NamedTuple):
    """The profile of an option."""

    option: int
    category: str
    needs: tuple[Need, ...]
    acts: frozenset[str]
    qualifiers: tuple[str, ...]
    alarm: bool  # a contingency, whose content is conditional


def profiles(options: Sequence[tuple[int, str, str]], known: Lexicon) -> list[Profile]:
    """The profiles of options, in order; a concept weighs more the fewer options have it."""
    cut = [segments(text) for _, _, text in options]
    counts = Counter(
        chain.from_iterable({mark.key for part in parts for mark in part.marks} for parts in cut)
    )
    rarity = {key: max(0.1, log((len(options) + 1) / (n + 0.5)) + 0.1) for key, n in counts.items()}
    found = []
    for (option, category, _), parts in zip(options, cut, strict=True):
        alarm = category == "Contingency" or all(m.conditional for p in parts for m in p.marks)
        needs = _needs(parts, rarity, known, alarm=alarm)
        acts = frozenset(act for part in parts for act in part.acts)
        qualifiers = tuple(key for part in parts for key in part.qualifiers)
        found.append(Profile(option, category, needs, acts, qualifiers, alarm))
    return found


def _needs(
    parts: Sequence[Segment], rarity: dict[str, float], known: Lexicon, *, alarm: bool
) -> tuple[Need, ...]:
    best: dict[str, Need] = {}
    for place, part in enumerate(parts):
        rank = 0
        for mark in part.marks:
            weight = rarity[mark.key] * _kind_weight(mark.key, known)
            weight *= LATER if place else 1.0
            weight *= ASIDE if mark.aside else 1.0
            weight *= 1.0 if mark.polarity or mark.conditional else TAIL
            weight *= TAIL if mark.conditional and not alarm else 1.0
            # A refusal added to an act ("without a taper") is a detail of it.
            weight *= TAIL if mark.polarity < 0 and place and "stop" not in part.acts else 1.0
            weight /= 1 if alarm else 1 + DECAY * rank
            rank += mark.key in known.named
            if mark.key not in best or best[mark.key].weight < weight:
                best[mark.key] = Need(
                    mark.key, mark.polarity, mark.conditional, weight, known.is_drug(mark.key)
                )
    return tuple(best.values())


def _kind_weight(key: str, known: Lexicon) -> float:
    weak = WEAK if key in known.weak else 1.0
    if known.is_drug(key):
        return weak * DRUG
    return weak if key in known.named else weak * UNNAMED
