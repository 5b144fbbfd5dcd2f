"""The offline matcher: which options a free-text answer commits to, by words alone.

It is no judge. It knows general medical vocabulary (lexicon.yaml) and nothing of any case: it
compares concepts, refusals, conditions and doses, clause by clause, and weighs a concept by how
rare it is among the case's own options. It sees no score, and obeys nothing that an answer says.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from math import log
from typing import NamedTuple

from primum.agents.records import Verdict
from primum.evaluation.segments import Mark, Segment, agreement, segments
from primum.evaluation.terms import Lexicon, lexicon

LEXICAL_MATCHER = "lexical/1"

# How much of an option a clause has to cover; lists of tests or advice are often met in part.
MATCHED = 0.4
MATCHED_IN = {"Diagnostic": 0.35, "Counseling": 0.35}
FULL = 0.55
LEAST = 0.4  # the weight that must be covered: common words alone match nothing

# What a concept of an option weighs.
DRUG, UNNAMED, WEAK = 1.2, 0.5, 0.3  # a medicine; a word outside the lexicon; a word of any letter
TAIL = 0.3  # an aim, a reason, a condition
LATER = 0.8  # a clause after the first
DECAY = 0.25  # for each concept before it

# What an answer's concept is worth to an option.
NEIGHBOUR, LEAD = 0.8, 0.7  # it stands in the next clause of the line; in the lead-in
AIM = 0.8  # one gives it as an aim, the other as an act
OPPOSED = -1.0  # one wants what the other refuses
REFUSED = 1.25  # see _offers

# What becomes of the score of a clause that ...
ANCHORLESS, STATED, OTHER_ACT, FAR = 0.7, 0.35, 0.8, 0.6
TELLING_ACTS = {"lower", "raise", "continue", "refer", "record", "admit"}

# A claim of options on the same words: score, qualifiers, and weight explained.
CLAIM_QUALIFIERS, CLAIM_WEIGHT, MARGIN, SHARED = 0.3, 0.05, 0.05, 0.7

Offers = dict[str, list[tuple[int, bool, float]]]


class Match(NamedTuple):
    """The verdict on one option, and the words of the answer that it rests on ("" for none).

    `start` is where in the answer they begin; -1 for none.
    """

    option: int
    verdict: Verdict
    evidence: str
    start: int = -1


class Need(NamedTuple):
    """A concept that an option asks for, and how much of the option it is."""

    key: str
    polarity: int
    conditional: bool
    weight: float


class Profile(NamedTuple):
    """An option as the matcher sees it."""

    option: int
    category: str
    needs: tuple[Need, ...]
    acts: frozenset[str]
    qualifiers: tuple[str, ...]

    @property
    def alarm(self) -> bool:
        """It says what to do if something happens, so that conditions are its content."""
        return self.category == "Contingency"


class Claim(NamedTuple):
    """An option's best clause: the share of the option covered, and what supports it.

    Attributes:
        agreement: of the qualifiers, see `segments.agreement`.
        broken: the clause breaks one of them: another dose, urgency, setting or time.
        place: the clause's index.
        covered: the option's concepts found in the clause itself.
        weight: what those weigh.
    """

    score: float = 0.0
    agreement: float = 0.0
    broken: bool = False
    place: int = 0
    covered: frozenset[str] = frozenset()
    weight: float = 0.0

    @property
    def strength(self) -> float:
        """What counts when several options claim the same words."""
        return self.score + CLAIM_QUALIFIERS * self.agreement + CLAIM_WEIGHT * self.weight


def match_text(options: Sequence[tuple[int, str, str]], answer: str) -> list[Match]:
    """Verdicts on options (id, category, text), in their order, with verbatim evidence."""
    clauses = segments(answer)
    known = lexicon()
    offers = [_offers(clause, known) for clause in clauses]
    profiles = _profiles(options, known)
    claims = [_best(profile, clauses, offers) for profile in profiles]
    found = []
    for profile, claim in zip(profiles, claims, strict=True):
        enough = claim.score >= MATCHED_IN.get(profile.category, MATCHED)
        if not enough or claim.weight < LEAST or _beaten(claim, claims):
            found.append(Match(profile.option, "none", ""))
            continue
        clause = clauses[claim.place]
        full = claim.score >= FULL and not claim.broken
        evidence = answer[clause.start : clause.end]
        verdict: Verdict = "full" if full else "partial"
        found.append(Match(profile.option, verdict, evidence, clause.start))
    return found


def _profiles(options: Sequence[tuple[int, str, str]], known: Lexicon) -> list[Profile]:
    cut = [segments(text) for _, _, text in options]
    counts = Counter(
        chain.from_iterable({mark.key for part in parts for mark in part.marks} for parts in cut)
    )
    rarity = {key: max(0.1, log((len(options) + 1) / (n + 0.5)) + 0.1) for key, n in counts.items()}
    return [
        Profile(
            option,
            category,
            _needs(parts, rarity, known, alarm=category == "Contingency"),
            frozenset(act for part in parts for act in part.acts),
            tuple(key for part in parts for key in part.qualifiers),
        )
        for (option, category, _), parts in zip(options, cut, strict=True)
    ]


def _needs(
    parts: Sequence[Segment], rarity: dict[str, float], known: Lexicon, *, alarm: bool
) -> tuple[Need, ...]:
    best: dict[str, Need] = {}
    for place, part in enumerate(parts):
        rank = 0
        for mark in part.marks:
            weight = rarity[mark.key] * _kind_weight(mark.key, known)
            weight *= LATER if place else 1.0
            weight *= 1.0 if mark.polarity else TAIL
            weight *= TAIL if mark.conditional and not alarm else 1.0
            # A refusal added to an act ("without a taper") is a detail of it.
            weight *= TAIL if mark.polarity < 0 and place and "stop" not in part.acts else 1.0
            weight /= 1 if alarm else 1 + DECAY * rank
            rank += mark.key in known.named
            if mark.key not in best or best[mark.key].weight < weight:
                best[mark.key] = Need(mark.key, mark.polarity, mark.conditional, weight)
    return tuple(best.values())


def _kind_weight(key: str, known: Lexicon) -> float:
    weak = WEAK if key in known.weak else 1.0
    if known.is_drug(key):
        return weak * DRUG
    return weak if key in known.named else weak * UNNAMED


def _offers(clause: Segment, known: Lexicon) -> Offers:
    """What a clause offers: each concept, and what that stands for, with its credit."""
    offers: Offers = {}

    def add(marks: Iterable[Mark], credit: float) -> None:
        for mark in marks:
            offers.setdefault(mark.key, []).append((mark.polarity, mark.conditional, credit))
            for key, share in known.related.get(mark.key, {}).items():
                # Refusing one member is not refusing its class; refusing a class is refusing all.
                given = share if mark.polarity >= 0 else REFUSED - share
                offer = (mark.polarity, mark.conditional, credit * given)
                offers.setdefault(key, []).append(offer)

    add(clause.marks, 1.0)
    add(clause.lead, LEAD)
    return offers


def _credit(need: Need, offers: Offers, profile: Profile) -> float:
    best, opposed = 0.0, False
    for polarity, conditional, credit in offers.get(need.key, ()):
        if conditional and not (need.conditional or profile.alarm):
            continue
        best = max(best, credit * _polarity_credit(need.polarity, polarity, profile))
        opposed = opposed or (need.polarity * polarity < 0 and not profile.alarm)
    return OPPOSED if opposed and not best else best


def _polarity_credit(needed: int, offered: int, profile: Profile) -> float:
    if profile.alarm:
        return 1.0 if needed * offered >= 0 else 0.9
    if needed == offered or (profile.category == "Counseling" and needed * offered >= 0):
        return 1.0
    if needed == 0:
        return 0.9 if offered > 0 else 0.6
    return AIM if offered == 0 else 0.0


def _best(profile: Profile, clauses: Sequence[Segment], offers: Sequence[Offers]) -> Claim:
    needs, best = profile.needs, Claim()
    if not needs:
        return best
    total = sum(need.weight for need in needs)
    anchor = max(range(len(needs)), key=lambda at: (needs[at].weight, needs[at].key))
    earned = [[_credit(need, offer, profile) for need in needs] for offer in offers]
    for place, clause in enumerate(clauses):
        own = earned[place]
        if max(own) <= 0:
            continue
        near = [
            earned[other]
            for other in (place - 1, place + 1)
            if 0 <= other < len(clauses) and clauses[other].line == clause.line
        ]
        got = [_with_near(mine, [other[at] for other in near]) for at, mine in enumerate(own)]
        score = sum(need.weight * credit for need, credit in zip(needs, got, strict=True)) / total
        score *= _act_factor(profile, clause) * (1.0 if got[anchor] > 0 else ANCHORLESS)
        fit, broken = agreement(profile.qualifiers, clause.qualifiers)
        score *= FAR if fit < -1 else 1.0
        if (score, fit) > (best.score, best.agreement):
            covered = [(n, credit) for n, credit in zip(needs, own, strict=True) if credit > 0]
            weight = sum(need.weight * credit for need, credit in covered)
            keys = frozenset(need.key for need, _ in covered)
            best = Claim(score, fit, broken, place, keys, weight)
    return best


def _with_near(mine: float, near: Sequence[float]) -> float:
    return mine if mine or not near else NEIGHBOUR * (max(near) or min(near))


def _act_factor(profile: Profile, clause: Segment) -> float:
    """Less than 1 where the clause only states, or does something else than the option's act."""
    if clause.statement and profile.category != "Counseling" and "stop" not in profile.acts:
        return STATED
    if not clause.acts or not profile.acts or profile.acts & clause.acts:
        return 1.0
    return OTHER_ACT if (profile.acts | clause.acts) & TELLING_ACTS else 1.0


def _beaten(mine: Claim, claims: Sequence[Claim]) -> bool:
    """Whether another option makes a better claim on the same words of the same clause."""
    return any(
        rival.place == mine.place
        and rival.score >= MATCHED
        and len(rival.covered & mine.covered) >= SHARED * len(mine.covered)
        and rival.strength > mine.strength + MARGIN
        for rival in claims
    )
