"""agents/simulation/profiles.py: the simulated clinicians' error rates, and what is wrong with one."""

from typing import Any

import pytest
from pydantic import ValidationError

from primum.agents.simulation.clinician import AnswerKey, believes
from primum.agents.simulation.profiles import Profile, default_profiles, with_profile
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.studies.panel import Panel
from primum.agents.topologies.registry import ensemble_of
from primum.core.errors import DataError

OWN: dict[str, Any] = {
    "family": "sim-aspen",
    "recall": {"severe": 90, "moderate": 80, "mild": 70},
    "false_positive": {"severe": 1, "moderate": 2.5, "mild": 3, "uncertain": 50},
}


def model(id_: str = "sim/aspen-large", family: str = "sim-aspen", **params: Any) -> ModelSpec:
    return ModelSpec(id=id_, family=family, access="open", params=params)


@pytest.mark.parametrize(
    ("score", "rate"),
    [
        (9, 0.9),
        (8, 0.8),
        (7, 0.7),
        (6, 0.5),
        (5, 0.5),
        (4, 0.5),
        (3, 0.03),
        (2, 0.025),
        (1, 0.01),
    ],
)
def test_the_rate_of_a_score_is_that_of_its_tier(score: int, rate: float) -> None:
    assert Profile.model_validate(OWN).rate(score) == pytest.approx(rate)


def test_seven_clinicians_of_three_families_are_shipped() -> None:
    families = [profile.family for profile in default_profiles().values()]
    assert {family: families.count(family) for family in families} == {
        "sim-aspen": 3,
        "sim-birch": 2,
        "sim-cedar": 2,
    }


@pytest.mark.parametrize("name", default_profiles())
def test_every_shipped_clinician_can_sit_in_a_panel(name: str) -> None:
    given = model(name, default_profiles()[name].family)
    agent = AgentSpec(model="it")
    solo = ensemble_of(name="alone", graph="solo", generators=(agent,))
    assert Panel(name="one", models={"it": given}, ensembles=(solo,)).models["it"].simulated
    found = with_profile("it", given, "digest-of-a-key")
    assert Profile.model_validate(found.params["simulation"]) == default_profiles()[name]
    assert found.revision == "digest-of-a-key"
    assert found.price is not None
    assert (found.price.input_per_million, found.price.output_per_million) == (0, 0)


def test_a_panels_own_profile_goes_before_the_shipped_one_and_keeps_other_parameters() -> None:
    found = with_profile("mine", model(simulation=OWN, temperature=0), "r")
    assert Profile.model_validate(found.params["simulation"]) == Profile.model_validate(OWN)
    assert found.params["temperature"] == 0
    unheard_of = with_profile("mine", model("sim/unheard-of", simulation=OWN), "r")
    assert Profile.model_validate(unheard_of.params["simulation"]).rate(9) == 0.9


def test_an_unknown_clinician_is_refused_with_those_there_are() -> None:
    with pytest.raises(DataError) as caught:
        with_profile("mine", model("sim/unheard-of"), "r")
    assert str(caught.value).startswith("models.mine.id: no simulated clinician sim/unheard-of")
    assert all(name in str(caught.value) for name in default_profiles())


@pytest.mark.parametrize("params", [{}, {"simulation": OWN}])
def test_a_clinician_of_another_family_is_refused(params: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=r"^models\.mine\.family: .* is of the family sim-aspen$"):
        with_profile("mine", model(family="gpt", **params), "r")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"recall": {**OWN["recall"], "severe": 101}}, "simulation.recall.severe: .*100"),
        ({"recall": {**OWN["recall"], "severe": -1}}, "simulation.recall.severe: .*0"),
        ({"recall": {"severe": 9, "mild": 9}}, "simulation.recall.moderate: Field required"),
        ({"false_positive": {**OWN["recall"], "certain": 1}}, "simulation.false_positive"),
        ({"recal": {}}, "simulation.recal: Extra"),
        ({"correlation": 1.1}, "simulation.correlation"),
        ({"consistency": "high"}, "simulation.consistency"),
        ({"correlation": 0.6, "difficulty": 0.5}, "simulation.*correlation and difficulty"),
    ],
)
def test_a_bad_profile_is_refused_with_its_field(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=f"^models.mine.params.{words}") as caught:
        with_profile("mine", model(simulation={**OWN, **changed}), "r")
    assert "\n" not in str(caught.value)


def test_shares_may_make_up_the_whole_and_no_more() -> None:
    Profile.model_validate({**OWN, "correlation": 0.75, "difficulty": 0.25})
    with pytest.raises(ValidationError, match="together exceed 1"):
        Profile.model_validate({**OWN, "correlation": 0.75, "difficulty": 0.26})


def test_what_is_left_of_a_belief_is_never_less_than_nothing() -> None:
    """1 - 0.9 - 0.1 is a little below 0, and its square root would be no number of ours."""
    known = Profile.model_validate({**OWN, "difficulty": 0.9, "correlation": 0.1})
    assert known.shares == (0.9, 0.1, 0, 0)
    key = AnswerKey(case="a", item="a", scores={1: 9})
    assert believes(known, "ash", key, 1, 1) in {True, False}
