"""A population of cases in ten specialties that differ, whose means are known by integration."""

from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from primum.cases.model import SPECIALTIES
from primum.core.arrays import Floats
from primum.evaluation.metrics.across_variants import f1_floor

LETTERS = 11
SPREAD = 0.5  # of the specialties' means, on the normal scale of a letter's difficulty
CASE, OWN, LETTER = 0.4, 0.3, 0.3  # of its variance: the case's, the ensemble's own, the letter's
HARDEST = 7.0  # standard deviations from its mean, beyond which nothing is integrated
STEP = 0.02

NORMAL = NormalDist()
NAMES = tuple(SPECIALTIES.values())
MEANS: Floats = SPREAD * np.array(
    [NORMAL.inv_cdf((place + 0.5) / len(NAMES)) for place in range(len(NAMES))]
)
GRID: Floats = np.arange(-HARDEST, HARDEST, STEP) + STEP / 2
DENSITY: Floats = np.array([NORMAL.pdf(z) for z in GRID]) * STEP
BELOW: Floats = np.array([NORMAL.cdf(z) for z in GRID])


class Ensemble(NamedTuple):
    """How often it does severe harm, and what is added to a letter's difficulty for its F1."""

    rate: float
    shift: float = 0.0


class Drawn(NamedTuple):
    """Values of simulated studies; shape (cases, studies, ensembles) each.

    `severe` is 1 or 0 and `f1` between 0 and 1, of one letter a case; `floor` is the worst of
    eleven letters.
    """

    severe: Floats
    f1: Floats
    floor: Floats


def specialties(cases: int) -> list[str]:
    """The specialties of so many cases, one after the other."""
    return [NAMES[case % len(NAMES)] for case in range(cases)]


def draw(
    rng: np.random.Generator, cases: int, studies: int, ensembles: Sequence[Ensemble]
) -> Drawn:
    """Studies of so many cases; the ensembles of a study answer the same letters.

    What is left after whole rounds of the specialties is drawn from them at random, each once.
    """
    rounds, rest = divmod(cases, len(MEANS))
    some = rng.permuted(np.tile(MEANS, (studies, 1)), axis=1).T[:rest]
    hard = np.concatenate([np.tile(MEANS[:, None], (rounds, studies)), some])
    hard = hard + np.sqrt(CASE) * rng.standard_normal((cases, studies))
    severe, f1, floor = (np.empty((cases, studies, len(ensembles))) for _ in range(3))
    for place, ensemble in enumerate(ensembles):
        own = hard + np.sqrt(OWN) * rng.standard_normal(hard.shape)
        letters = own[..., None] + np.sqrt(LETTER) * rng.standard_normal((*hard.shape, LETTERS))
        severe[..., place] = letters[..., 0] > _threshold(ensemble.rate)
        f1[..., place] = _f1(letters[..., 0] + ensemble.shift)
        floor[..., place] = f1_floor(_f1(letters + ensemble.shift))
    return Drawn(severe, f1, floor)


def true_f1(shift: float) -> float:
    """The mean of an ensemble's F1 over the population."""
    return float((_f1(MEANS[:, None] + GRID + shift) @ DENSITY).mean())


def true_floor(shift: float) -> float:
    """The mean of an ensemble's F1_floor: the F1 of the most difficult of eleven letters."""
    of_case = MEANS[:, None, None] + np.sqrt(CASE + OWN) * GRID[:, None]
    most_difficult = LETTERS * DENSITY * BELOW ** (LETTERS - 1)
    of_letters = _f1(of_case + np.sqrt(LETTER) * GRID + shift) @ most_difficult
    return float((of_letters @ DENSITY).mean())


def _f1(difficulty: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(0.9 * difficulty - 0.8)))


def _threshold(rate: float) -> float:
    """The difficulty above which a letter comes to severe harm, so that so many do."""
    low, high = -HARDEST, HARDEST
    for _ in range(60):
        level = (low + high) / 2
        above = sum(NORMAL.cdf(mean - level) for mean in MEANS) / len(MEANS)
        low, high = (level, high) if above > rate else (low, level)
    return level
