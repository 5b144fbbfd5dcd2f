"""Simulated clinicians' beliefs and actions as arrays: agents/simulation/clinician.py, in bulk.

Decisions are arrays of shape (cases, trials, options), True where an option is recommended.
"""

from dataclasses import dataclass, field
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from primum.agents.simulation.profiles import Profile
from primum.core.arrays import Bools, Floats, Ints
from primum.evaluation.power.normal_draws import Draws
from primum.evaluation.scoring.answer_key import APPROPRIATE

STANDARD = NormalDist()


class Clinician(NamedTuple):
    """A simulated clinician: the name that identifies its random draws, and which sample it is."""

    name: str
    profile: Profile
    sample: int = 1


@dataclass(frozen=True)
class Beliefs:
    """Which options of one case simulated clinicians hold to be appropriate, over many answers.

    Attributes:
        scores: of the options, shape (n,).
        draws: the normal variables that are compared with thresholds.
    """

    scores: Ints
    draws: Draws
    _own: dict[str, Bools] = field(default_factory=dict)

    def own(self, who: Clinician) -> Bools:
        """Which options a clinician holds to be appropriate, as `Clinician.believes` says."""
        known = f"{who.name}|{who.sample}|{who.profile.model_dump_json()}"
        if known not in self._own:
            z = self._latent(who)
            self._own[known] = np.where(self.scores >= APPROPRIATE, z, -z) < self._level(who)
        return self._own[known]

    def acts(self, who: Clinician) -> Bools:
        """Whether a clinician makes a change where its role lets it choose, by option."""
        return np.asarray(
            self.draws.per_trial(f"{who.profile.seed}|act|{who.name}", who.sample) > 0
        )

    def draft_positions(self, shuffle: int | None, drafts: int) -> Ints:
        """The positions at which drafts are shown: those of their seats, or drawn for each case."""
        if shuffle is None:
            return np.arange(drafts)[None, None]
        return self.draws.draft_positions(shuffle, drafts)

    def _latent(self, who: Clinician) -> Floats:
        profile, draws = who.profile, self.draws
        shared, family, stays, varies = profile.shares
        return np.asarray(
            shared**0.5 * draws.per_case(f"{profile.seed}|all")
            + family**0.5 * draws.per_case(f"{profile.seed}|family|{profile.family}")
            + stays**0.5 * draws.per_case(f"{profile.seed}|model|{who.name}")
            + varies**0.5 * draws.per_trial(f"{profile.seed}|draw|{who.name}", who.sample)
        )

    def _level(self, who: Clinician) -> Floats:
        return np.array([probit(who.profile.rate(score)) for score in self.scores.tolist()])


def probit(rate: float) -> float:
    """The standard normal quantile of a rate from 0 to 1; infinite for 0 and 1."""
    if rate in {0.0, 1.0}:
        return np.inf if rate else -np.inf
    return STANDARD.inv_cdf(rate)
