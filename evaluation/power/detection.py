"""Whether studies see a difference: the tool's own tests, on every simulated study at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from primum.core.arrays import Floats, Ints
from primum.evaluation.statistics.bootstrap import intervals, resample, sign_flip_p, strata_of
from primum.evaluation.statistics.estimates import RESAMPLES, nanmean

SURE = 0.05
WANTED = 0.8
AT_ONCE = 500  # studies


@dataclass(frozen=True)
class Seen:
    """Which way each study sees a difference, shape (studies,): 1 above 0, -1 below, 0 not seen.

    Attributes:
        by_test: the sign-flip test's adjusted p is below .05.
        by_interval: the 95% interval leaves out 0.
    """

    by_test: Ints
    by_interval: Ints


@dataclass(frozen=True, slots=True)
class Power:
    """The share of studies of one size that see a difference, the way that it is.

    `wrong_way` is the share that see it the other way round, by the test. Standard errors are those
    of the simulation, with one study more of either kind, so that none is 0.
    """

    cases: int
    trials: int
    power: float
    power_se: float
    by_interval: float
    by_interval_se: float
    wrong_way: float


def detect(differences: Floats, specialties: Sequence[str], contrasts: int, seed: int) -> Seen:
    """What studies with the same specialties make of their differences.

    Holm's adjustment at its worst, where no other of the registered contrasts is seen: p times
    their number.

    Args:
        differences: shape (cases, studies), NaN where a case has no pair.
        specialties: of the cases.
        contrasts: how many are registered, this one among them.
        seed: of resampling, as a study's.
    """
    weights = resample(strata_of(specialties), RESAMPLES, seed)
    by_test, by_interval = [], []
    for start in range(0, differences.shape[1], AT_ONCE):
        part = differences[:, start : start + AT_ONCE]
        p = np.minimum(contrasts * sign_flip_p(part, RESAMPLES, seed), 1)
        found = intervals(part, weights)
        by_test.append(np.where(p < SURE, np.sign(found.mean), 0))
        by_interval.append(1 * (found.lo > 0) - 1 * (found.hi < 0))
    return Seen(np.concatenate(by_test).astype(int), np.concatenate(by_interval))


def power_of(
    differences: Floats, specialties: Sequence[str], contrasts: int, seed: int, way: int
) -> Power:
    """The power of one design.

    Args:
        differences: of each answer, shape (cases, studies, trials).
        specialties: of the cases.
        contrasts: how many are registered.
        seed: of resampling.
        way: of the true difference, 1 or -1.
    """
    cases, studies, trials = differences.shape
    seen = detect(nanmean(differences, 2), specialties, contrasts, seed)
    test, interval = (int((by == way).sum()) for by in (seen.by_test, seen.by_interval))
    return Power(
        cases=cases,
        trials=trials,
        power=test / studies,
        power_se=monte_carlo_error(test, studies),
        by_interval=interval / studies,
        by_interval_se=monte_carlo_error(interval, studies),
        wrong_way=float((seen.by_test == -way).mean()),
    )


def monte_carlo_error(seen: int, studies: int) -> float:
    """The standard error of a share, with one more study of either kind."""
    share = (seen + 1) / (studies + 2)
    return float(np.sqrt(share * (1 - share) / studies))


def smallest(found: Sequence[Power]) -> Power | None:
    """The design of the fewest answers, then of the fewest cases, with 80% power."""
    enough = [power for power in found if power.power >= WANTED]
    return min(enough, key=lambda power: (power.cases * power.trials, power.cases), default=None)
