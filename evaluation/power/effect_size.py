"""A team whose members err less than a given team's, by a given difference in severe harm."""

import numpy as np

from primum.agents.simulation.profiles import FalsePositive, Profile, Recall
from primum.cases.model import Suite
from primum.core.errors import UsageError
from primum.evaluation.metrics.july_2026 import SEVERE_RATE
from primum.evaluation.power.beliefs import STANDARD, probit
from primum.evaluation.power.simulated_studies import simulate
from primum.evaluation.power.teams import Team

PILOT_CASES = 40_000
MAX_SHIFT = 4.0  # standard deviations on the probit scale
BISECTION_STEPS = 10


def effect_size(
    suite: Suite, team: Team, points: float, seed: int, cases: int = PILOT_CASES
) -> tuple[Team, float]:
    """A team with a given reduction of severe harm, and the shift of its members' error rates.

    The shift is found by bisection on the expected severe rate over many cases, with the same draws
    at every step. The members of the better team are other clinicians of the same families: they
    share the errors of the family, and none of a model's own. (With the same clinicians, errors
    would fall on the same cases, and fewer cases would be needed.)

    Args:
        suite: whose cases are drawn.
        team: the baseline.
        points: the reduction in percentage points.
        seed: of the draws.
        cases: number of cases simulated at every step.

    Returns:
        The better team, and by how many standard deviations its error rates are lower (probit).

    Raises:
        UsageError: the team's severe rate is below the reduction, or cannot be reduced so far.
    """
    own = _expected(suite, team, seed, cases)
    target = own - points / 100
    if target <= 0:
        raise UsageError(
            f"--difference {points:g}: {team.spec.name} does severe harm in {own:.1%} of {cases:,} "
            "simulated cases; name fewer points than that"
        )
    if _expected(suite, with_fewer_errors(team, MAX_SHIFT), seed, cases) > target:
        raise UsageError(
            f"--difference {points:g}: members of {team.spec.name} have error rates of 0 or "
            "100, which a shift on the probit scale does not change"
        )
    low, high = 0.0, MAX_SHIFT
    for _ in range(BISECTION_STEPS):
        middle = (low + high) / 2
        if _expected(suite, with_fewer_errors(team, middle), seed, cases) > target:
            low = middle
        else:
            high = middle
    better = with_fewer_errors(team, high)
    others = {seat: who._replace(name=f"{who.name}-better") for seat, who in better.seats.items()}
    return better._replace(seats=others), high


def with_fewer_errors(team: Team, by: float) -> Team:
    """A team whose members' error rates are `by` standard deviations lower on the probit scale."""
    seats = {s: who._replace(profile=_lessened(who.profile, by)) for s, who in team.seats.items()}
    return team._replace(seats=seats)


def _lessened(profile: Profile, by: float) -> Profile:
    """A profile with fewer omissions of scores 7 to 9 and commissions of 1 to 3."""

    def moved(percent: float, step: float) -> float:
        return 100 * STANDARD.cdf(probit(percent / 100) + step)

    recall = {tier: moved(rate, by) for tier, rate in profile.recall}
    wrong = {
        tier: rate if tier == "uncertain" else moved(rate, -by)
        for tier, rate in profile.false_positive
    }
    return profile.model_copy(
        update={"recall": Recall(**recall), "false_positive": FalsePositive(**wrong)}
    )


def _expected(suite: Suite, team: Team, seed: int, cases: int) -> float:
    """The severe rate over a number of cases, which repeat the suite's in turn."""
    drawn = (np.arange(cases) % len(suite.cases))[:, None]
    return float(simulate(suite, drawn, [team], [SEVERE_RATE], 1, seed).mean())
