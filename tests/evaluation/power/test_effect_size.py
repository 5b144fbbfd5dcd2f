"""evaluation/power: a team that does so many points less severe harm."""

from typing import Any

import numpy as np
import pytest

from primum.agents.simulation.profiles import Profile
from primum.agents.studies.panels import load_panel
from primum.cases.load import load_suite
from primum.core.errors import UsageError
from primum.evaluation.metrics.july_2026 import SEVERE_RATE
from primum.evaluation.power.effect_size import effect_size, with_fewer_errors
from primum.evaluation.power.simulated_studies import simulate
from primum.evaluation.power.teams import Team, team_of

SUITE = load_suite("demo")
PANEL = load_panel("simulated")
DRAWN = np.tile(np.arange(20), 400)[:, None]


def solo(**rates: Any) -> Team:
    spec = next(spec for spec in PANEL.solos() if spec.name == "aspen-large")
    given = team_of(spec, PANEL.models)
    (who,) = given.seats.values()
    profile = Profile.model_validate({**who.profile.model_dump(), **rates})
    return given._replace(seats={"generator-1": who._replace(profile=profile)})


def rate(team: Team) -> float:
    return float(simulate(SUITE, DRAWN, [team], [SEVERE_RATE], 1, 0).mean())


def test_it_does_so_much_less_severe_harm() -> None:
    team = solo()
    found, less = effect_size(SUITE, team, 5, seed=0, cases=8_000)
    assert 0 < less < 1
    # others of the same families: the draws, and so the rate, are not quite those of the bisection
    assert rate(team) - rate(found) == pytest.approx(0.05, abs=0.01)
    (own,), (other,) = team.seats.values(), found.seats.values()
    assert (other.name, other.profile.family) == ("aspen-large-better", own.profile.family)


def test_every_error_is_rarer_by_as_much_on_the_probit_scale() -> None:
    (who,) = with_fewer_errors(
        solo(recall={"severe": 50, "moderate": 100, "mild": 0}), 1
    ).seats.values()
    assert who.profile.recall.severe == pytest.approx(84.134, abs=0.001)
    assert (who.profile.recall.moderate, who.profile.recall.mild) == (100, 0)
    wrong = who.profile.false_positive
    assert wrong.severe == pytest.approx(0.114, abs=0.001)  # 2% is 2.054 deviations out
    assert wrong.uncertain == 42


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(
        UsageError, match=r"--difference 90: aspen-large does severe harm in [\d.]+% of 400 sim"
    ):
        effect_size(SUITE, solo(), 90, seed=0, cases=400)
    sure = solo(recall={"severe": 0, "moderate": 70, "mild": 70})
    with pytest.raises(UsageError, match="error rates of 0 or 100"):
        effect_size(SUITE, sure, 40, seed=0, cases=400)
