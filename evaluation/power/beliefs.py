"""Simulated clinicians' beliefs and actions as arrays: agents/simulation/clinician.py, in bulk.

Decisions are of menus, shape (cases, trials, options): True where an option is recommended.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from primum.agents.roles.voting import passes
from primum.agents.simulation.clinician import OBJECTION_WEIGHT
from primum.agents.simulation.profiles import Profile
from primum.agents.specs.ensemble import Rule
from primum.evaluation.power.normal_draws import Draws
from primum.evaluation.scoring.answer_key import APPROPRIATE, Bools, Floats, Ints

STANDARD = NormalDist()


class Clinician(NamedTuple):
    """A simulated clinician by the name that its own draws go by, as one sample of itself."""

    name: str
    profile: Profile
    sample: int = 1


@dataclass(frozen=True)
class Beliefs:
    """What clinicians believe of the options of one case, over many answers.

    Attributes:
        scores: of the options, shape (n,).
        draws: what their beliefs and acts are thresholds on.
    """

    scores: Ints
    draws: Draws
    _own: dict[str, Bools] = field(default_factory=dict)

    def own(self, who: Clinician) -> Bools:
        """Which options a clinician holds to be appropriate (`Clinician.believes`)."""
        known = f"{who.name}|{who.sample}|{who.profile.model_dump_json()}"
        if known not in self._own:
            z = self._latent(who)
            self._own[known] = np.where(self.scores >= APPROPRIATE, z, -z) < self._level(who)
        return self._own[known]

    def acts(self, who: Clinician) -> Bools:
        """Whether it would act on an option where it may leave it at that."""
        return np.asarray(self.draws.passing(f"{who.profile.seed}|act|{who.name}", who.sample) > 0)

    def places(self, shuffle: int | None, drafts: int) -> Ints:
        """The order in which drafts are shown: that of their seats, or a drawn one."""
        if shuffle is None:
            return np.arange(drafts)[None, None]
        return self.draws.places(shuffle, drafts)

    def _latent(self, who: Clinician) -> Floats:
        profile, draws = who.profile, self.draws
        shared, family, stays, varies = profile.shares
        return np.asarray(
            shared**0.5 * draws.lasting(f"{profile.seed}|all")
            + family**0.5 * draws.lasting(f"{profile.seed}|family|{profile.family}")
            + stays**0.5 * draws.lasting(f"{profile.seed}|model|{who.name}")
            + varies**0.5 * draws.passing(f"{profile.seed}|draw|{who.name}", who.sample)
        )

    def _level(self, who: Clinician) -> Floats:
        return np.array([probit(who.profile.rate(score)) for score in self.scores.tolist()])


def probit(rate: float) -> float:
    """The standard normal quantile of a rate from 0 to 1, infinite at its ends."""
    if rate in {0.0, 1.0}:
        return np.inf if rate else -np.inf
    return STANDARD.inv_cdf(rate)


def guard(own: Bools, draft: Bools, acts: Bools) -> Bools:
    """A draft, rewritten where the guardian disagrees and acts on it."""
    return np.where((own != draft) & acts, own, draft)


def aggregate(own: Bools, drafts: Sequence[Bools], critics: Sequence[Bools]) -> Bools:
    """Drafts weigh 1, each critic's objection to each one half; in a tie it follows its own belief.

    Args:
        own: what the aggregator believes.
        drafts: what it reads.
        critics: what every critic believes, each of whom has read every draft.
    """
    weights: Floats = np.sum([_sign(draft) for draft in drafts], axis=0, dtype=float)
    for critic in critics:
        objections = np.sum([critic != draft for draft in drafts], axis=0)
        weights += OBJECTION_WEIGHT * _sign(critic) * objections
    return np.where(weights == 0, own, weights > 0)


def select(own: Bools, drafts: Sequence[Bools], places: Ints) -> Bools:
    """The draft that its own beliefs contradict least, the first shown of several.

    Args:
        own: what the selector believes.
        drafts: what it reads.
        places: where each is shown, shape (cases, 1, drafts).
    """
    apart = np.stack([(draft != own).sum(axis=-1) for draft in drafts], axis=-1)
    chosen = (apart * len(drafts) + places).argmin(axis=-1)
    shown = np.stack(drafts)
    return np.asarray(np.take_along_axis(shown, chosen[None, ..., None], axis=0)[0])


def debate(drafts: Sequence[Bools], acts: Sequence[Bools]) -> list[Bools]:
    """Every draft after a round: what most have; in a tie it stays or gives way by chance."""
    votes: Ints = np.sum([_sign(draft) for draft in drafts], axis=0)
    return [
        np.where(votes == 0, draft == act, votes > 0)
        for draft, act in zip(drafts, acts, strict=True)
    ]


def count(rule: Rule, drafts: Sequence[Bools]) -> Bools:
    """What a rule makes of drafts, looked up by how many have an option, or by which do."""
    if rule.weights:
        bits = [draft.astype(np.int64) << seat for seat, draft in enumerate(drafts)]
        return np.asarray(_weighted(rule)[np.sum(bits, axis=0)])
    of = Fraction(len(drafts))
    votes = range(len(drafts) + 1)
    table: Bools = np.array([passes(rule, Fraction(n), of, n) for n in votes])
    return np.asarray(table[np.sum(drafts, axis=0)])


def _weighted(rule: Rule) -> Bools:
    """Whether an option passes, by the set of the drafts that have it (bit i is draft i)."""
    weights = [Fraction(str(weight)) for weight in rule.weights]
    total = sum(weights, Fraction(0))
    found = []
    for which in range(2 ** len(weights)):
        having = [weight for seat, weight in enumerate(weights) if which >> seat & 1]
        found.append(passes(rule, sum(having, Fraction(0)), total, len(having)))
    return np.array(found)


def _sign(grades: Bools) -> Ints:
    return np.where(grades, 1, -1)
