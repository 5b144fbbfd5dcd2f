"""graphs/execution/study_builder.py: which ensembles a study holds, and the id that follows from it."""

from collections.abc import Callable
from typing import Any

import pytest

from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.studies.panel import Panel
from primum.agents.studies.study import Study
from primum.agents.topologies.registry import ensemble_of
from primum.cases.model import Suite
from primum.core.errors import DataError, UsageError
from primum.graphs.baselines.controls import CONTROLS
from primum.graphs.execution.study_builder import StudySettings, plan_study

HASTY = AgentSpec(model="oak", instructions="Be brief.")


def agents(*names: str) -> tuple[AgentSpec, ...]:
    return tuple(AgentSpec(model=name) for name in names)


def panel(**changed: Any) -> Panel:
    models = {
        name: ModelSpec(id=f"x/{name}", family="gpt", access="open", params={"temperature": 0})
        for name in ("oak", "elm", "ash", "fir")
    }
    duo = ensemble_of(
        name="duo",
        graph="panel",
        generators=(HASTY, *agents("elm")),
        critics=agents("ash"),
        aggregator=AgentSpec(model="elm"),
    )
    pair = ensemble_of(
        name="pair", graph="panel", generators=agents("oak", "fir"), aggregator=agents("fir")[0]
    )
    return Panel.model_validate(
        {"name": "wood", "models": models, "ensembles": (duo, pair), **changed}
    )


def names(study: Study) -> list[str]:
    return [ensemble.name for ensemble in study.ensembles]


def plan(suite: Suite, *picked: str, against: str | None = None) -> Study:
    return plan_study(suite, panel(), "revision", StudySettings(names=picked, against=against))


def test_without_names_all_ensembles_solos_and_controls_are_in_it(tiny_suite: Suite) -> None:
    study = plan(tiny_suite)
    solos = {HASTY.label, "oak", "elm", "ash", "fir"}
    assert set(names(study)) == {"duo", "pair", *solos, *CONTROLS}
    assert len(names(study)) == len(set(names(study)))
    assert set(study.models) == {"oak", "elm", "ash", "fir"}


@pytest.mark.parametrize(
    ("picked", "found"),
    [
        (["duo"], ["duo", HASTY.label, "elm", "ash"]),
        (["pair"], ["pair", "oak", "fir"]),
        (["elm"], ["elm"]),
        (["control:coin"], ["control:coin"]),
        (["elm", "duo", "elm"], ["elm", "duo", HASTY.label, "ash"]),
        (["control:key", "pair"], ["control:key", "pair", "oak", "fir"]),
    ],
)
def test_a_named_ensemble_comes_with_the_solos_of_its_members_once(
    picked: list[str], found: list[str], tiny_suite: Suite
) -> None:
    study = plan(tiny_suite, *picked)
    assert sorted(names(study)) == sorted(found)
    asked = {agent.model for e in study.ensembles for _, _, agent in e.seats}
    assert set(study.models) == asked


def test_a_solo_is_asked_as_the_member_is_in_the_ensemble(tiny_suite: Suite) -> None:
    by_name = {ensemble.name: ensemble for ensemble in plan(tiny_suite, "duo").ensembles}
    assert by_name[HASTY.label].graph == "solo"
    assert by_name[HASTY.label].generators == by_name["duo"].generators[:1] == (HASTY,)


def test_what_is_compared_with_runs_too(tiny_suite: Suite) -> None:
    assert set(names(plan(tiny_suite, "elm", against="pair"))) == {"elm", "pair", "oak", "fir"}
    assert names(plan(tiny_suite, against="control:coin")) == names(plan(tiny_suite))


@pytest.mark.parametrize("name", ["duoo", "control:dice", "oak~000000", ""])
def test_an_unknown_name_is_a_usage_error_that_lists_the_known(
    name: str, tiny_suite: Suite
) -> None:
    with pytest.raises(UsageError) as caught:
        plan(tiny_suite, "duo", name)
    assert caught.value.exit_code == 2
    message = str(caught.value)
    assert message.startswith(f"--ensemble {name}: no such ensemble")
    assert all(known in message for known in ("duo", "pair", HASTY.label, "control:coin"))
    assert "\n" not in message


@pytest.mark.parametrize("picked", [[], ["duo"]])
def test_an_unknown_comparison_is_a_usage_error_under_its_own_option(
    picked: list[str], tiny_suite: Suite
) -> None:
    with pytest.raises(UsageError) as caught:
        plan(tiny_suite, *picked, against="duoo")
    assert caught.value.exit_code == 2
    assert str(caught.value).startswith("--against duoo: no such ensemble")


def study(suite: Suite, of: Panel | None = None, **chosen: Any) -> Study:
    return plan_study(suite, of or panel(), "revision", StudySettings(**chosen))


def other_score(suite: Suite) -> Suite:
    case = suite.cases[0]
    options = (*case.options[:-1], case.options[-1].model_copy(update={"score": 3}))
    changed = case.model_copy(update={"options": options})
    return suite.model_copy(update={"cases": (changed, *suite.cases[1:])})


def other_model(**update: Any) -> Panel:
    models = panel().models
    return panel(models={**models, "oak": models["oak"].model_copy(update=update)})


def test_the_same_plan_is_the_same_study(tiny_suite: Suite) -> None:
    again = Suite.model_validate_json(tiny_suite.model_dump_json(by_alias=True))
    assert study(tiny_suite).id == study(again, panel()).id
    assert study(tiny_suite).id.startswith("tiny-")
    assert Study.model_validate_json(study(tiny_suite).model_dump_json()) == study(tiny_suite)


@pytest.mark.parametrize(
    "change",
    [
        lambda suite: study(suite, seed=1),
        lambda suite: study(suite, trials=2),
        lambda suite: study(suite, names=["duo"]),
        lambda suite: study(other_score(suite)),
        lambda suite: study(suite.model_copy(update={"variants": ()})),
        lambda suite: study(suite, other_model(params={"temperature": 1})),
        lambda suite: study(suite, other_model(id="y/oak")),
        lambda suite: study(suite, other_model(revision="r2")),
        lambda suite: study(suite, panel(ensembles=panel().ensembles[1:])),
    ],
    ids="seed trials ensembles score variants params model revision panel".split(),
)
def test_whatever_is_changed_makes_another_study(
    change: Callable[[Suite], Study], tiny_suite: Suite
) -> None:
    assert change(tiny_suite).id != study(tiny_suite).id


def test_simulated_models_get_profile_and_key_and_mark_what_rests_on_them(
    tiny_suite: Suite,
) -> None:
    clinician = ModelSpec(id="sim/aspen-large", family="sim-aspen", access="open")
    mixed = panel(models={**panel().models, "ash": clinician})
    found = study(tiny_suite, mixed)
    assert found.models["ash"].revision == "revision"
    assert "simulation" in found.models["ash"].params
    assert found.models["oak"] == mixed.models["oak"]
    assert found.simulated
    assert {e.name for e in found.ensembles if found.rests_on_simulation(e)} == {"duo", "ash"}
    assert not study(tiny_suite, mixed, names=["pair"]).simulated


def test_a_simulated_model_without_a_profile_is_refused(tiny_suite: Suite) -> None:
    unknown = ModelSpec(id="sim/beech", family="sim-aspen", access="open")
    with pytest.raises(DataError, match=r"models\.ash\.id: no simulated clinician sim/beech"):
        study(tiny_suite, panel(models={**panel().models, "ash": unknown}))
