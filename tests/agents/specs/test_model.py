"""agents/specs/model.py: labels, members and solos, families, seats."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from primum.agents.specs.model import FAMILIES, AgentSpec, ModelSpec, digest
from primum.agents.studies.panel import Panel
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.registry import ensemble_of

HASTY = AgentSpec(model="oak", instructions="Be brief.", params={"temperature": 1})
AGENTS = st.builds(
    AgentSpec,
    model=st.sampled_from(["oak", "elm"]),
    instructions=st.sampled_from(["", "Be brief.", "Be slow."]),
    params=st.sampled_from([{}, {"temperature": 1}, {"temperature": 0}, {"top_p": 1}]),
)


def panel(*ensembles: EnsembleSpec, models: str = "oak elm ash") -> Panel:
    known = {
        name: ModelSpec(id=f"x/{name}", family="gpt", access="open") for name in models.split()
    }
    return Panel(name="wood", models=known, ensembles=ensembles)


def team(
    name: str, *generators: AgentSpec, critic: str = "elm", aggregator: str = "elm"
) -> EnsembleSpec:
    return ensemble_of(
        name=name,
        graph="panel",
        generators=generators,
        critics=(AgentSpec(model=critic),),
        aggregator=AgentSpec(model=aggregator),
    )


def test_seats_are_named_and_numbered_by_role() -> None:
    spec = team("duo", AgentSpec(model="oak"), HASTY)
    assert [(seat, role, agent.model) for seat, role, agent in spec.seats] == [
        ("generator-1", "generator", "oak"),
        ("generator-2", "generator", "oak"),
        ("critic-1", "critic", "elm"),
        ("aggregator", "aggregator", "elm"),
    ]


@given(AGENTS, AGENTS)
def test_a_label_is_shared_by_those_alone_who_are_asked_alike(a: AgentSpec, b: AgentSpec) -> None:
    assert (a.label == b.label) == (a == b)
    assert (a.label == a.model) == (not a.instructions and not a.params)


def test_members_are_the_generators_then_the_models_that_only_check() -> None:
    spec = team("duo", HASTY, AgentSpec(model="ash"), critic="ash", aggregator="elm")
    assert spec.members == (HASTY.label, "ash", "elm")


def test_a_model_that_drafts_twice_is_one_member() -> None:
    same = AgentSpec(model="oak")
    assert team("self", same, same, same, critic="oak", aggregator="oak").members == ("oak",)


def test_solos_are_asked_as_in_their_ensemble_each_once() -> None:
    plain = AgentSpec(model="oak")
    solos = panel(team("duo", plain, HASTY), team("trio", HASTY, AgentSpec(model="ash"))).solos()
    assert {solo.name: solo.generators for solo in solos} == {
        "oak": (plain,),
        HASTY.label: (HASTY,),
        "elm": (AgentSpec(model="elm"),),
        "ash": (AgentSpec(model="ash"),),
    }
    assert len(solos) == 4
    assert {solo.graph for solo in solos} == {"solo"}


def test_a_model_of_the_longest_name_has_a_solo_with_its_instructions() -> None:
    longest = "m" * 80
    agent = AgentSpec(model=longest, instructions="Be brief.")
    found = panel(team("duo", agent, critic=longest, aggregator=longest), models=longest).solos()
    assert [solo.generators for solo in found] == [(agent,)]


@pytest.mark.parametrize("family", [*sorted(FAMILIES), "other:jais"])
def test_families_that_are_known_or_named_as_other(family: str) -> None:
    assert ModelSpec(id="x/y", family=family, access="rag").family == family


@pytest.mark.parametrize("family", ["", "GPT", "gtp", "other", "other:", "another:jais"])
def test_families_that_are_not(family: str) -> None:
    with pytest.raises(ValidationError, match="unknown family; write other:NAME"):
        ModelSpec(id="x/y", family=family, access="open")


def test_access_is_one_of_three() -> None:
    with pytest.raises(ValidationError, match="access"):
        ModelSpec.model_validate({"id": "x/y", "family": "gpt", "access": "secret"})


@pytest.mark.parametrize(
    ("id_", "simulated"), [("sim/aspen", True), ("x/sim", False), ("simple", False)]
)
def test_simulated_models_are_told_by_their_id(id_: str, simulated: bool) -> None:
    assert ModelSpec(id=id_, family="gpt", access="open").simulated is simulated


def test_a_digest_does_not_depend_on_the_order_of_keys() -> None:
    # sha256sum of {"a":"é","b":[1,2]}
    expected = "9cfb1f938a87f2b8"
    assert digest({"b": [1, 2], "a": "é"}) == digest({"a": "é", "b": [1, 2]})
    assert digest({"b": [1, 2], "a": "é"})[:16] == expected
    assert digest({"b": [2, 1], "a": "é"})[:16] != expected


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("api_base", "not a url", "an address such as https://host/v1"),
        ("api_base", "http://user:pass@host/v1", "without key, name or question mark"),
        ("api_base", "https://host/v1?api_key=secret", "without key, name or question mark"),
        ("api_base", "ftp://host/v1", "an address such as https://host/v1"),
        ("params", {"max_tokens": -1}, "a whole number above 0, not -1"),
        ("params", {"max_tokens": True}, "a whole number above 0, not True"),
        ("params", {"max_completion_tokens": "abc"}, "a whole number above 0, not 'abc'"),
        ("params", {"temperature": []}, "a number, not []"),
        (
            "params",
            {"timeout": 5},
            "timeout is no parameter of a model; key_env, api_base and timeout",
        ),
        ("timeout", 0, "greater than 0"),
        ("timeout", 3600.5, "less than or equal to 3600"),
        ("timeout", float("nan"), "a finite number"),
        ("timeout", True, "a valid number"),
        ("timeout", "600", "a valid number"),
    ],
)
def test_what_no_endpoint_and_no_model_takes_is_refused(field: str, value: Any, says: str) -> None:
    fields = {"id": "openai/x", "family": "gpt", "access": "open", field: value}
    with pytest.raises(ValidationError, match=re.escape(says)) as refused:
        ModelSpec.model_validate(fields)
    assert "pass@" not in str(refused.value.errors(include_input=False, include_url=False))


@pytest.mark.parametrize(
    "base", ["http://127.0.0.1:8000/v1", "https://host", "http://[::1]:80/v1/"]
)
def test_endpoints(base: str) -> None:
    fields = {"id": "openai/x", "family": "gpt", "access": "open", "api_base": base}
    assert ModelSpec.model_validate(fields).api_base == base
