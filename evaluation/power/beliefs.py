"""Simulated clinicians' beliefs and actions as arrays: agents/simulation/clinician.py, in bulk.

Decisions are of menus, shape (cases, trials, options): True where an option is recommended.
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
