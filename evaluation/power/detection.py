"""The share of simulated studies in which Primum's own tests detect a difference."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from primum.core.arrays import Floats, Ints
from primum.evaluation.statistics.bootstrap import intervals, resample, sign_flip_p, strata_of
from primum.evaluation.statistics.estimates import RESAMPLES, nanmean

ALPHA = 0.05
TARGET_POWER = 0.8
STUDIES_AT_ONCE = 500


@dataclass(frozen=True)
class Detections:
    """The sign of the difference that each study detects, shape (studies,); 0 for none.

    Attributes:
        by_test: detected where the adjusted p of the sign-flip test is below .05.
        by_interval: detected where the 95% interval excludes 0.
    """

    by_test: Ints
    by_interval: Ints


@dataclass(frozen=True, slots=True)
class Power:
    """The share of studies of one design that detect the true difference with the right sign.

    `wrong_way` is the share that detect a difference of the wrong sign, by the test. Standard
    errors are those of the simulation (`monte_carlo_error`).
    """

    cases: int
    trials: int
    power: float
    power_se: float
    by_interval: float
    by_interval_se: float
    wrong_way: float


def detect(
    differences: Floats, specialties: Sequence[str], contrasts: int, seed: int
) -> Detections:
    """The differences that studies of the same specialties detect.

    p is multiplied by the number of contrasts: Holm's adjustment of the smallest p of a family, its
    largest factor.

    Args:
        differences: shape (cases, studies), NaN where a case has no pair.
        specialties: of the cases.
        contrasts: number of registered contrasts, this one included.
        seed: of resampling, as in a study.
    """
    weights = resample(strata_of(specialties), RESAMPLES, seed)
    by_test, by_interval = [], []
    for start in range(0, differences.shape[1], STUDIES_AT_ONCE):
        part = differences[:, start : start + STUDIES_AT_ONCE]
        p = np.minimum(contrasts * sign_flip_p(part, RESAMPLES, seed), 1)
        found = intervals(part, weights)
        by_test.append(np.where(p < ALPHA, np.sign(found.mean), 0))
        by_interval.append(1 * (found.lo > 0) - 1 * (found.hi < 0))
    return Detections(np.concatenate(by_test).astype(int), np.concatenate(by_interval))


def design_power(
    differences: Floats, specialties: Sequence[str], contrasts: int, seed: int, sign: int
) -> Power:
    """The power of one design.

    Args:
        differences: of each answer, shape (cases, studies, trials).
        specialties: of the cases.
        contrasts: number of registered contrasts.
        seed: of resampling.
        sign: of the true difference, 1 or -1.
    """
    cases, studies, trials = differences.shape
    seen = detect(nanmean(differences, 2), specialties, contrasts, seed)
    test, interval = (int((by == sign).sum()) for by in (seen.by_test, seen.by_interval))
    return Power(
        cases=cases,
        trials=trials,
        power=test / studies,
        power_se=monte_carlo_error(test, studies),
        by_interval=interval / studies,
        by_interval_se=monte_carlo_error(interval, studies),
        wrong_way=float((seen.by_test == -sign).mean()),
    )


def monte_carlo_error(seen: int, studies: int) -> float:
    """The standard error of a share, with one more study of either kind so that none is 0."""
    share = (seen + 1) / (studies + 2)
    return float(np.sqrt(share * (1 - share) / studies))


def smallest_design(found: Sequence[Power]) -> Power | None:
    """The design with 80% power that has the fewest answers, then cases; None if none has."""
    enough = [power for power in found if power.power >= TARGET_POWER]
    return min(enough, key=lambda power: (power.cases * power.trials, power.cases), default=None)
