"""The lexical matcher: which options a free-text answer recommends, from its words alone.

It is not a judge. It uses a general medical vocabulary (lexicon.yaml, synonyms.yaml,
medicines.yaml) and no knowledge of any case: it compares concepts, refusals, conditions and doses
clause by clause, and weighs a concept by its rarity among the case's options. It is given no
scores, and follows no instruction in an answer.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from primum.agents.turns.transcript import Verdict
from primum.evaluation.matching.lexical.clause_reading import Mark
from primum.evaluation.matching.lexical.clauses import Segment, segments
from primum.evaluation.matching.lexical.option_profiles import Need, Profile, profiles
from primum.evaluation.matching.lexical.qualifiers import agreement, rerouted
from primum.evaluation.matching.lexical.terms import Lexicon, lexicon

# The share of an option that a clause has to cover; lists of tests or advice are often met in part.
PARTIAL_THRESHOLD = 0.4
PARTIAL_THRESHOLDS = {"Diagnostic": 0.35, "Counseling": 0.35}
FULL_THRESHOLD = 0.55
MIN_WEIGHT = 0.4  # the weight that a clause has to cover: common words alone match nothing

# The credit of a concept of the answer for a concept of the option.
NEIGHBOUR_CREDIT, LEAD_IN_CREDIT = 0.8, 0.7  # in the next clause of the line; in the lead-in
AIM_CREDIT = 0.8  # an aim in one, an act in the other
CONTRADICTED_FACTOR = 0.3  # the clause recommends and refuses the same medicine
OPPOSED_CREDIT = -1.0  # one recommends what the other refuses
REFUSED_CLASS_CREDIT = 1.25  # see _offers

# Factors of the score of a clause: without the heaviest concept; a mere statement; another act.
NO_ANCHOR_FACTOR, STATEMENT_FACTOR, OTHER_ACT_FACTOR, OTHER_TIME_FACTOR = 0.6, 0.35, 0.8, 0.3
COURSE_RATIO, VISIT_RATIO = 2, 5  # ratios from which two times are different plans
OTHER_REFERRAL_TIME_FACTOR = 0.6  # a referral at a different time
NO_MEDICINE_FACTOR = 0.35  # without the option's medicines
NO_DIRECTION_FACTOR = 0.35  # without the direction of a change of dose
DISTINCTIVE_ACTS = {"lower", "raise", "continue", "refer", "record", "admit"}
REFERRAL_ACTS, NO_REFERRAL_FACTOR = {"refer", "admit"}, 0.55
QUALIFIER_BONUS = 0.15  # for the agreement of qualifiers, when clauses are compared
DIRECTION_ACTS = {"lower", "raise"}
STARTING_ACTS = {"start", "switch"}
ASSESSMENT_ACTS = {"test", "inquire", "follow", "record", "call"}
NAMED_SHARE = 0.5  # the credit and share from which an option's medicines are named

# When several options claim the same words.
CLAIM_QUALIFIERS, CLAIM_WEIGHT, CLAIM_MARGIN, CLAIM_OVERLAP = 0.3, 0.05, 0.05, 0.7

Offers = dict[str, list[tuple[int, bool, float]]]


class Match(NamedTuple):
    """The verdict on one option, with its evidence in the answer ("" for none).

    `start` is the position of the evidence in the answer; -1 for none.
    """

    option: int
    verdict: Verdict
    evidence: str = ""
    start: int = -1


class Claim(NamedTuple):
    """The best clause for an option: the share of the option that it covers, and details.

    Attributes:
        agreement: of the qualifiers, see `qualifiers.agreement`.
        broken: whether a qualifier differs: another dose, urgency, setting or time.
        place: index of the clause.
        covered: concepts of the option in the clause itself.
        weight: the sum of their weights.
    """

    score: float = 0.0
    agreement: float = 0.0
    broken: bool = False
    place: int = 0
    covered: frozenset[str] = frozenset()
    weight: float = 0.0

    @property
    def strength(self) -> float:
        """The criterion when several options claim the same words."""
        return self.score + CLAIM_QUALIFIERS * self.agreement + CLAIM_WEIGHT * self.weight


def match_text(options: Sequence[tuple[int, str, str]], answer: str) -> list[Match]:
    """Verdicts on options (id, category, text) in their order, with verbatim evidence."""
    clauses = segments(answer)
    known = lexicon()
    offers = [_offers(clause, known) for clause in clauses]
    asked = profiles(options, known)
    claims = [_best(profile, clauses, offers) for profile in asked]
    found = []
    for profile, claim in zip(asked, claims, strict=True):
        enough = claim.score >= PARTIAL_THRESHOLDS.get(profile.category, PARTIAL_THRESHOLD)
        if not enough or claim.weight < MIN_WEIGHT or _beaten(claim, claims):
            found.append(Match(profile.option, "none", ""))
            continue
        clause = clauses[claim.place]
        full = claim.score >= FULL_THRESHOLD and not claim.broken and not clause.soft
        evidence = answer[clause.start : clause.end]
        verdict: Verdict = "full" if full else "partial"
        found.append(Match(profile.option, verdict, evidence, clause.start))
    return found


def _offers(clause: Segment, known: Lexicon) -> Offers:
    """The concepts of a clause, and those they imply, with polarity, condition and credit."""
    offers: Offers = {}

    def add(marks: Iterable[Mark], credit: float) -> None:
        for mark in marks:
            offers.setdefault(mark.key, []).append((mark.polarity, mark.conditional, credit))
            for key, share in known.related.get(mark.key, {}).items():
                # Refusing one member is not refusing its class; refusing a class is refusing all.
                given = share if mark.polarity >= 0 else REFUSED_CLASS_CREDIT - share
                offer = (mark.polarity, mark.conditional, credit * given)
                offers.setdefault(key, []).append(offer)

    add(clause.marks, 1.0)
    add(clause.lead, LEAD_IN_CREDIT)
    return offers


def _credit(need: Need, offers: Offers, profile: Profile) -> float:
    best, opposed = 0.0, False
    for polarity, conditional, credit in offers.get(need.key, ()):
        if conditional and not (need.conditional or profile.alarm):
            continue
        best = max(best, credit * _polarity_credit(need.polarity, polarity, profile))
        opposed = opposed or (need.polarity * polarity < 0 and not profile.alarm)
    if opposed and need.drug:
        best *= CONTRADICTED_FACTOR
    return OPPOSED_CREDIT if opposed and not best else best


def _polarity_credit(needed: int, offered: int, profile: Profile) -> float:
    if profile.alarm:
        return 1.0 if needed * offered >= 0 else 0.9
    if needed == offered or (profile.category == "Counseling" and needed >= 0 <= offered):
        return 1.0
    if needed < 0 == offered:
        return 0.5
    if needed == 0:
        return 0.9 if offered > 0 else 0.6
    return AIM_CREDIT if offered == 0 else 0.0


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
        apart = COURSE_RATIO if profile.category == "Medication" else VISIT_RATIO
        fit, broken = agreement(profile.qualifiers, clause.qualifiers, apart)
        score *= _act_factor(profile, clause, fit) * (1.0 if got[anchor] > 0 else NO_ANCHOR_FACTOR)
        score *= 1.0 if _medicines(profile, got) >= NAMED_SHARE else NO_MEDICINE_FACTOR
        score *= (
            (OTHER_REFERRAL_TIME_FACTOR if "refer" in profile.acts else OTHER_TIME_FACTOR)
            if fit < -1
            else 1.0
        )
        if profile.category == "Medication" and rerouted(profile.qualifiers, clause.qualifiers):
            score *= OTHER_TIME_FACTOR
        if score + QUALIFIER_BONUS * fit > best.score + QUALIFIER_BONUS * best.agreement:
            covered = [(n, credit) for n, credit in zip(needs, own, strict=True) if credit > 0]
            weight = sum(need.weight * credit for need, credit in covered)
            keys = frozenset(need.key for need, _ in covered)
            best = Claim(score, fit, broken, place, keys, weight)
    return best


def _medicines(profile: Profile, got: Sequence[float]) -> float:
    """The share, by weight, of an option's medicines that a clause names; a class names none."""
    each = [
        (need.weight, credit)
        for need, credit in zip(profile.needs, got, strict=True)
        if need.drug and need.polarity and (profile.alarm or not need.conditional)
    ]
    if not each:
        return 1.0
    return sum(w for w, credit in each if credit >= NAMED_SHARE) / sum(w for w, _ in each)


def _with_near(mine: float, near: Sequence[float]) -> float:
    return mine if mine or not near else NEIGHBOUR_CREDIT * (max(near) or min(near))


def _act_factor(profile: Profile, clause: Segment, fit: float) -> float:
    """A factor below 1 where the clause only states something, or has another act."""
    if clause.statement and profile.category != "Counseling" and "stop" not in profile.acts:
        return STATEMENT_FACTOR
    if _only_asks(profile, clause):
        return NO_DIRECTION_FACTOR
    directed = frozenset() if profile.acts & STARTING_ACTS else profile.acts & DIRECTION_ACTS
    if profile.category == "Medication" and directed and not directed & clause.acts and fit <= 0:
        return NO_DIRECTION_FACTOR
    if not clause.acts or not profile.acts or profile.acts & clause.acts:
        return 1.0
    if profile.acts & REFERRAL_ACTS:
        return NO_REFERRAL_FACTOR
    return OTHER_ACT_FACTOR if (profile.acts | clause.acts) & DISTINCTIVE_ACTS else 1.0


def _only_asks(profile: Profile, clause: Segment) -> bool:
    """Whether the clause only assesses (tests, asks, records) where the option treats."""
    if not clause.acts or not clause.acts <= ASSESSMENT_ACTS or profile.acts & clause.acts:
        return False
    treats = profile.category in {"Medication", "Counseling"}
    return treats or clause.acts in ({"record"}, {"inquire"})


def _beaten(mine: Claim, claims: Sequence[Claim]) -> bool:
    """Whether another option has a stronger claim on the same words of the same clause."""
    return any(
        rival.place == mine.place
        and rival.score >= PARTIAL_THRESHOLD
        and len(rival.covered & mine.covered) >= CLAIM_OVERLAP * len(mine.covered)
        and rival.strength > mine.strength + CLAIM_MARGIN
        for rival in claims
    )
