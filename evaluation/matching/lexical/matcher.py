"""The offline matcher: which options a free-text answer commits to, by words alone.

It is no judge. It knows general medical vocabulary (lexicon.yaml, synonyms.yaml, medicines.yaml)
and nothing of any case: it compares concepts, refusals, conditions and doses, clause by clause, and
weighs a concept by how rare it is among the case's own options. It sees no score, and obeys nothing
that an answer says.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from primum.agents.turns.transcript import Verdict
from primum.evaluation.matching.lexical.clause_reading import Mark
from primum.evaluation.matching.lexical.clauses import Segment, segments
from primum.evaluation.matching.lexical.option_profiles import Need, Profile, profiles
from primum.evaluation.matching.lexical.qualifiers import agreement, rerouted
from primum.evaluation.matching.lexical.terms import Lexicon, lexicon

# How much of an option a clause has to cover; lists of tests or advice are often met in part.
MATCHED = 0.4
MATCHED_IN = {"Diagnostic": 0.35, "Counseling": 0.35}
FULL = 0.55
LEAST = 0.4  # the weight that must be covered: common words alone match nothing

# What an answer's concept is worth to an option.
NEIGHBOUR, LEAD = 0.8, 0.7  # it stands in the next clause of the line; in the lead-in
AIM = 0.8  # one gives it as an aim, the other as an act
TORN = 0.3  # one clause wants and refuses the same medicine
OPPOSED = -1.0  # one wants what the other refuses
REFUSED = 1.25  # see _offers

# What becomes of the score of a clause that ...
ANCHORLESS, STATED, OTHER_ACT, FAR = 0.6, 0.35, 0.8, 0.3
COURSES, VISITS = 2, 5  # times that are so many times one another are two plans
LATE = 0.6  # ... refers at quite another time
UNMEDICATED = 0.35  # ... leaves out the option's medicines
UNDIRECTED = 0.35  # ... does not say "more" or "less" of a medicine where the option does
TELLING_ACTS = {"lower", "raise", "continue", "refer", "record", "admit"}
SENDING, NOT_SENT = {"refer", "admit"}, 0.55
FITTING = 0.15  # what the agreement of qualifiers adds when clauses are compared
DIRECTED = {"lower", "raise"}
BEGINNING = {"start", "switch"}
ASKING = {"test", "inquire", "follow", "record", "call"}
NAMED = 0.5  # the credit, and the share of an option's medicines, from which it counts as named

# A claim of options on the same words: score, qualifiers, and weight explained.
CLAIM_QUALIFIERS, CLAIM_WEIGHT, MARGIN, SHARED = 0.3, 0.05, 0.05, 0.7

Offers = dict[str, list[tuple[int, bool, float]]]


class Match(NamedTuple):
    """The verdict on one option, and the words of the answer that it rests on ("" for none).

    `start` is where in the answer they begin; -1 for none.
    """

    option: int
    verdict: Verdict
    evidence: str = ""
    start: int = -1


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
    asked = profiles(options, known)
    claims = [_best(profile, clauses, offers) for profile in asked]
    found = []
    for profile, claim in zip(asked, claims, strict=True):
        enough = claim.score >= MATCHED_IN.get(profile.category, MATCHED)
        if not enough or claim.weight < LEAST or _beaten(claim, claims):
            found.append(Match(profile.option, "none", ""))
            continue
        clause = clauses[claim.place]
        full = claim.score >= FULL and not claim.broken and not clause.soft
        evidence = answer[clause.start : clause.end]
        verdict: Verdict = "full" if full else "partial"
        found.append(Match(profile.option, verdict, evidence, clause.start))
    return found


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
    if opposed and need.drug:
        best *= TORN
    return OPPOSED if opposed and not best else best


def _polarity_credit(needed: int, offered: int, profile: Profile) -> float:
    if profile.alarm:
        return 1.0 if needed * offered >= 0 else 0.9
    if needed == offered or (profile.category == "Counseling" and needed >= 0 <= offered):
        return 1.0
    if needed < 0 == offered:
        return 0.5
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
        apart = COURSES if profile.category == "Medication" else VISITS
        fit, broken = agreement(profile.qualifiers, clause.qualifiers, apart)
        score *= _act_factor(profile, clause, fit) * (1.0 if got[anchor] > 0 else ANCHORLESS)
        score *= 1.0 if _medicines(profile, got) >= NAMED else UNMEDICATED
        score *= (LATE if "refer" in profile.acts else FAR) if fit < -1 else 1.0
        if profile.category == "Medication" and rerouted(profile.qualifiers, clause.qualifiers):
            score *= FAR
        if score + FITTING * fit > best.score + FITTING * best.agreement:
            covered = [(n, credit) for n, credit in zip(needs, own, strict=True) if credit > 0]
            weight = sum(need.weight * credit for need, credit in covered)
            keys = frozenset(need.key for need, _ in covered)
            best = Claim(score, fit, broken, place, keys, weight)
    return best


def _medicines(profile: Profile, got: Sequence[float]) -> float:
    """The share of an option's medicines that a clause names; a class alone names none of them."""
    each = [
        (need.weight, credit)
        for need, credit in zip(profile.needs, got, strict=True)
        if need.drug and need.polarity and (profile.alarm or not need.conditional)
    ]
    if not each:
        return 1.0
    return sum(w for w, credit in each if credit >= NAMED) / sum(w for w, _ in each)


def _with_near(mine: float, near: Sequence[float]) -> float:
    return mine if mine or not near else NEIGHBOUR * (max(near) or min(near))


def _act_factor(profile: Profile, clause: Segment, fit: float) -> float:
    """Less than 1 where the clause only states, or does something else than the option's act."""
    if clause.statement and profile.category != "Counseling" and "stop" not in profile.acts:
        return STATED
    if _only_asks(profile, clause):
        return UNDIRECTED
    directed = frozenset() if profile.acts & BEGINNING else profile.acts & DIRECTED
    if profile.category == "Medication" and directed and not directed & clause.acts and fit <= 0:
        return UNDIRECTED
    if not clause.acts or not profile.acts or profile.acts & clause.acts:
        return 1.0
    if profile.acts & SENDING:
        return NOT_SENT
    return OTHER_ACT if (profile.acts | clause.acts) & TELLING_ACTS else 1.0


def _only_asks(profile: Profile, clause: Segment) -> bool:
    """Whether the clause tests, asks or records, where the option treats or counsels."""
    if not clause.acts or not clause.acts <= ASKING or profile.acts & clause.acts:
        return False
    treats = profile.category in {"Medication", "Counseling"}
    return treats or clause.acts in ({"record"}, {"inquire"})


def _beaten(mine: Claim, claims: Sequence[Claim]) -> bool:
    """Whether another option makes a better claim on the same words of the same clause."""
    return any(
        rival.place == mine.place
        and rival.score >= MATCHED
        and len(rival.covered & mine.covered) >= SHARED * len(mine.covered)
        and rival.strength > mine.strength + MARGIN
        for rival in claims
    )
