"""A team like another, whose members err less: by so many points of severe harm."""

import numpy as np

from primum.agents.simulation.profiles import FalsePositive, Profile, Recall
from primum.cases.model import Suite
from primum.core.errors import UsageError
from primum.evaluation.metrics.july_2026 import SEVERE_RATE
from primum.evaluation.power.beliefs import STANDARD, probit
from primum.evaluation.power.simulated_studies import simulate
from primum.evaluation.power.teams import Team

PILOT = 40_000
MOST = 4.0  # standard deviations
STEPS = 10


def effect_size(
    suite: Suite, team: Team, points: float, seed: int, cases: int = PILOT
) -> tuple[Team, float]:
    """A team with so many points less severe harm, and how much less its members err.

    Bisection on the expected severe rate over many cases, with the same draws at every step. The
    members of the better team are others of the same families: they have in common with the team's
    own what a family has, and no more. (Were they the same clinicians, made better, they would err
    on the same cases, and fewer of these would do.)

    Args:
        suite: whose cases are drawn.
        team: the baseline.
        points: how many percentage points less.
        seed: of the draws.
        cases: simulated at every step.

    Returns:
        The better team, and the standard deviations by which its members' errors are reduced_rates.

    Raises:
        UsageError: the team does no more severe harm than that, or cannot do so much less.
    """
    own = _expected(suite, team, seed, cases)
    target = own - points / 100
    if target <= 0:
        raise UsageError(
            f"--difference {points:g}: {team.spec.name} does severe harm in {own:.1%} of {cases:,} "
            "simulated cases; name fewer points than that"
        )
    if _expected(suite, reduced_rates(team, MOST), seed, cases) > target:
        raise UsageError(
            f"--difference {points:g}: members of {team.spec.name} err for sure (rates of 0 or "
            "100), which no better ones would do less"
        )
    low, high = 0.0, MOST
    for _ in range(STEPS):
        middle = (low + high) / 2
        if _expected(suite, reduced_rates(team, middle), seed, cases) > target:
            low = middle
        else:
            high = middle
    better = reduced_rates(team, high)
    others = {seat: who._replace(name=f"{who.name}-better") for seat, who in better.seats.items()}
    return better._replace(seats=others), high


def reduced_rates(team: Team, by: float) -> Team:
    """A team whose members' errors are so many standard deviations rarer on the probit scale."""
    seats = {s: who._replace(profile=_lessened(who.profile, by)) for s, who in team.seats.items()}
    return team._replace(seats=seats)


def _lessened(profile: Profile, by: float) -> Profile:
    """What is left out of 7 to 9 and done of 1 to 3 are errors; what is uncertain is none."""

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
    """The severe rate over so many cases, the suite's own in turn."""
    drawn = (np.arange(cases) % len(suite.cases))[:, None]
    return float(simulate(suite, drawn, [team], [SEVERE_RATE], 1, seed).mean())
