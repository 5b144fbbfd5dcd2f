"""graphs/ablation/standard.py: every team over some roles, and the single model at their cost."""

from collections import Counter
from math import comb
from typing import Any

import pytest

from primum.agents.roles.critic import CRITIC
from primum.agents.roles.guardian import GUARDIAN
from primum.agents.specs.model import ModelSpec
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.panel import PanelOfAgents
from primum.agents.topologies.self_consistency import SelfConsistency
from primum.core.errors import UsageError
from primum.graphs.ablation.plan import ensembles_of
from primum.graphs.ablation.standard import ROLES, StandardPlanOptions, standard_plan

MODELS = {f"m{n}": ModelSpec(id=f"x/m{n}", family="gpt", access="open") for n in range(4)}


def planned(roles: str, models: Any = MODELS, **more: Any) -> tuple[EnsembleSpec, ...]:
    plan = standard_plan("mine", models, StandardPlanOptions(roles=roles.split(), **more))
    return ensembles_of(plan, models)


EVERY_ROLE = " ".join(role.name for role in ROLES)
SINGLE = 2 * 4  # samples x models
TEAMS = 6 + 4 + 1  # of two, three and four
WANTED = {
    "generator": {"vote": 2 * TEAMS},
    "generator rule": {"vote": 2 * TEAMS},
    "generator aggregator": {"panel": 3 * (4 + TEAMS)},
    "generator selector": {"panel": 3 * TEAMS},
    "generator aggregator selector": {"panel": 3 * (4 + TEAMS) + 3 * TEAMS},
    "generator aggregator critic": {"panel": 5 * 3 * (4 + TEAMS)},
    "generator aggregator rule": {"panel": 3 * (4 + TEAMS), "vote": 2 * TEAMS},
    "generator guardian": {"relay": 12 + 24, "vote": 2 * TEAMS},
    "generator debater": {"debate": TEAMS, "vote": 2 * TEAMS},
}


@pytest.mark.parametrize(("roles", "wanted"), WANTED.items())
def test_roles_say_which_graphs_there_are(roles: str, wanted: dict[str, int]) -> None:
    found = planned(roles)
    assert Counter(spec.graph for spec in found) == {"self-consistency": SINGLE, **wanted}
    assert len({spec.name for spec in found}) == len(found)


def test_all_roles_together_and_up_to_a_size() -> None:
    found = planned(EVERY_ROLE, up_to=2)
    assert max(len(spec.drafting) for spec in found if not isinstance(spec, SelfConsistency)) == 2
    assert {len(spec.wiring.with_role(GUARDIAN)) for spec in found} == {0, 1}
    assert {s.aggregation for s in found if isinstance(s, PanelOfAgents)} == {
        "synthesise",
        "select",
    }
    assert {len(spec.wiring.with_role(CRITIC)) for spec in found} == {0, 1}
    assert sum(spec.graph == "debate" for spec in found) == comb(4, 2)


def test_named_aggregators_alone_have_the_last_word() -> None:
    found = planned("generator aggregator", aggregators=("m3", "m3"))
    assert {s.concluding.model for s in found if s.concluding} == {"m3"}


@pytest.mark.parametrize("roles", ["generator", "generator aggregator guardian", EVERY_ROLE])
def test_of_one_model_there_is_not_much(roles: str) -> None:
    one = {"m0": MODELS["m0"]}
    found = planned(roles, one)
    graphs = {"self-consistency", "panel"} if "aggregator" in roles else {"self-consistency"}
    assert {spec.graph for spec in found} == graphs
    assert {s.graph for s in planned("generator selector", MODELS, up_to=1)} == {"self-consistency"}


def test_a_limit_leaves_the_single_model_in() -> None:
    found = planned("generator aggregator guardian", max_ensembles=12)
    assert Counter(spec.graph for spec in found) == {"self-consistency": 4, "panel": 4, "relay": 4}


@pytest.mark.parametrize(
    ("roles", "more", "says"),
    [
        ("generator judge", {}, "--roles judge: no such role; there are generator, critic,"),
        ("aggregator", {}, "generator is missing; there would be no drafts"),
        ("generator critic", {}, "critic and --aggregator need aggregator or selector"),
        ("generator rule", {"aggregators": ("m0",)}, "--aggregator need aggregator or selector"),
        ("generator aggregator", {"aggregators": ("m9",)}, "--aggregator m9: not in the panel"),
    ],
)
def test_roles_that_make_no_sense_are_refused(roles: str, more: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        planned(roles, **more)
