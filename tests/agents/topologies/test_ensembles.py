"""agents/topologies: which seats and settings make an ensemble, and how a panel file says so."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from primum.agents.specs.rule import Rule
from primum.agents.studies.panel import same_cost, solos_of
from primum.agents.studies.panels import load_panel
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.registry import GRAPHS as RECORDS
from primum.core.errors import DataError

MODELS = {n: {"id": f"x/{n}", "family": "gpt", "access": "open"} for n in "abc"}
# One of each graph, as a panel file says it.
GRAPHS: dict[str, dict[str, Any]] = {
    "solo": {"generators": ["a"]},
    "self-consistency": {"generators": ["a"], "samples": 3, "rule": "majority"},
    "vote": {"generators": ["a", "b"], "rule": {"name": "weighted", "weights": [2, 0.5]}},
    "panel": {
        "generators": ["a", {"model": "b", "instructions": "Be brief."}],
        "critics": ["c"],
        "aggregator": "c",
        "aggregation": "select",
        "authors": "named",
        "shuffle": 7,
    },
    "layers": {"generators": ["a", "b"], "layers": [["a", "b"], ["c"]], "aggregator": "a"},
    "relay": {"generators": ["a"], "guardians": ["b", "a"], "authors": "named"},
    "debate": {"generators": ["a", "b"], "rounds": 2, "rule": {"name": "k-of-n", "k": 2}},
}


def team(graph: str, **changed: Any) -> dict[str, Any]:
    """A graph's fields with others in their place; None takes one out."""
    fields = {"name": "team", "graph": graph, **GRAPHS.get(graph, {}), **changed}
    return {field: value for field, value in fields.items() if value is not None}


def load(tmp_path: Path, *ensembles: dict[str, Any]) -> tuple[EnsembleSpec, ...]:
    path = tmp_path / "panel.yaml"
    whole = {"name": "mine", "models": MODELS, "ensembles": list(ensembles)}
    path.write_text(yaml.safe_dump(whole, sort_keys=False))
    return load_panel(str(path)).ensembles


@pytest.mark.parametrize("graph", GRAPHS)
def test_a_panel_file_may_have_every_graph(graph: str, tmp_path: Path) -> None:
    (found,) = load(tmp_path, team(graph))
    assert found == RECORDS[graph].model_validate_json(found.model_dump_json())
    assert found.graph == graph


CALLS = {
    "solo": 1,
    "self-consistency": 3,
    "vote": 2,
    "panel": 2 + 2 + 1,
    "layers": 2 + 2 + 1 + 1,
    "relay": 3,
    "debate": 2 + 2 * 2,
}
SEATS = {
    "solo": ["generator-1"],
    "self-consistency": ["generator-1", "generator-2", "generator-3"],
    "vote": ["generator-1", "generator-2"],
    "panel": ["generator-1", "generator-2", "critic-1", "aggregator"],
    "layers": ["generator-1", "generator-2", "layer-2-1", "layer-2-2", "layer-3-1", "aggregator"],
    "relay": ["generator-1", "guardian-1", "guardian-2"],
    "debate": ["generator-1", "generator-2"],
}
LAST = {"self-consistency": "rule", "vote": "rule", "debate": "rule", "relay": "guardian-2"}
AT_ONCE = {"panel": 2, "layers": 2, "relay": 1, "debate": 1}


@pytest.mark.parametrize("graph", GRAPHS)
def test_what_an_ensemble_says_of_itself(graph: str, tmp_path: Path) -> None:
    (found,) = load(tmp_path, team(graph))
    assert [seat for seat, _, _ in found.seats] == SEATS[graph]
    assert found.calls == CALLS[graph]
    assert found.wiring.last.seat == LAST.get(graph, SEATS[graph][-1])
    assert found.wiring.most_read == AT_ONCE.get(graph, 0)
    members = {"solo": "a", "self-consistency": "a", "panel": "abc", "layers": "abc"}
    assert "".join(re.sub("~.*", "", name) for name in found.members) == members.get(graph, "ab")
    solos = solos_of((found,))
    assert tuple(solo.name for solo in solos) == found.members
    assert {solo.graph for solo in solos} == {"solo"}


NO_FIELD = "no such field; remove it"
BAD = [
    (team("solo", generators=["a", "b"]), "generators", "at most 1 item"),
    (team("solo", generators=None), "generators", "Field required"),
    (team("solo", aggregator="b"), "aggregator", NO_FIELD),
    (team("solo", rule="union"), "rule", NO_FIELD),
    (team("solo", samples=3), "samples", NO_FIELD),
    (team("solo", aggregation="select"), "aggregation", NO_FIELD),
    (team("solo", authors="named"), "authors", NO_FIELD),
    (team("solo", shuffle=1), "shuffle", NO_FIELD),
    (team("self-consistency", samples=None), "samples", "Field required"),
    (team("self-consistency", samples=1), "samples", "greater than or equal to 2, not 1"),
    (team("self-consistency", rule=None), "rule", "Field required"),
    (team("self-consistency", generators=["a", "b"]), "generators", "at most 1 item"),
    (
        team("self-consistency", rule={"name": "k-of-n", "k": 4}),
        "rule.k",
        "k is 4, and there are 3",
    ),
    (
        team("self-consistency", rule={"name": "weighted", "weights": [1]}),
        "rule.weights",
        "samples of one agent weigh the same",
    ),
    (
        team("self-consistency", rule={"name": "weighted", "weights": [1, 1, 2]}),
        "rule.weights",
        "samples of one agent weigh the same",
    ),
    (team("vote", rule=None), "rule", "Field required"),
    (team("vote", aggregator="c"), "aggregator", NO_FIELD),
    (team("vote", critics=["c"]), "critics", NO_FIELD),
    (team("vote", rounds=2), "rounds", NO_FIELD),
    (team("vote", rule={"name": "weighted", "weights": [1]}), "rule.weights", "as many weights as"),
    (team("vote", rule={"name": "k-of-n", "k": 3}), "rule.k", "k is 3, and there are 2 drafts"),
    (
        team("vote", rule={"name": "k-of-n"}),
        "rule.k",
        "k goes with the rule k-of-n, which needs it",
    ),
    (team("vote", rule={"name": "k-of-n", "k": 0}), "rule.k", "greater than or equal to 1"),
    (team("vote", rule={"name": "union", "k": 1}), "rule.k", "k goes with the rule k-of-n"),
    (team("vote", rule="weighted"), "rule.weights", "weights go with the rule weighted"),
    (
        team("vote", rule={"name": "majority", "weights": [1, 1]}),
        "rule.weights",
        "weights go with the rule weighted",
    ),
    (
        team("vote", rule={"name": "weighted", "weights": [1, 0]}),
        "rule.weights[1]",
        "greater than 0",
    ),
    (team("vote", rule={"name": "union", "tie": "include"}), "rule.tie", "union knows no tie"),
    (team("vote", rule="most"), "rule.name", "not 'most'"),
    (team("vote", authors="named"), "authors", NO_FIELD),
    (team("vote", shuffle=0), "shuffle", NO_FIELD),
    (team("panel", aggregator=None), "aggregator", "Field required"),
    (team("panel", generators=None), "generators", "Field required"),
    (team("panel", guardians=["a"]), "guardians", NO_FIELD),
    (team("panel", rule="union"), "rule", NO_FIELD),
    (team("panel", generators=["a"], shuffle=None), "aggregation", "two drafts or more"),
    (team("panel", generators=["a"], aggregation=None), "shuffle", "two drafts or more"),
    (team("panel", aggregation="choose"), "aggregation", "not 'choose'"),
    (team("panel", authors="secret"), "authors", "not 'secret'"),
    (team("layers", layers=None), "layers", "Field required"),
    (team("layers", layers=[[]]), "layers[0]", "at least 1 item"),
    (team("layers", aggregator=None), "aggregator", "Field required"),
    (team("layers", critics=["a"]), "critics", NO_FIELD),
    (team("layers", aggregation="select"), "aggregation", "two drafts or more"),  # of one agent
    (team("relay", guardians=None), "guardians", "Field required"),
    (team("relay", generators=["a", "b"]), "generators", "at most 1 item"),
    (team("relay", aggregator="c"), "aggregator", NO_FIELD),
    (team("relay", shuffle=1), "shuffle", NO_FIELD),
    (team("debate", rule=None), "rule", "an aggregator or a rule"),
    (team("debate", aggregator="c"), "rule", "an aggregator or a rule"),
    (team("debate", rounds=None), "rounds", "Field required"),
    (team("debate", rounds=10), "rounds", "less than or equal to 9"),
    (team("debate", generators=["a"]), "generators", "at least 2 items"),
    (team("debate", aggregation="select"), "aggregation", "to select takes an aggregator"),
    (team("debate", shuffle=1), "shuffle", "no agent reads two drafts or more"),  # each reads one
    (
        team("ring", generators=["a"]),
        "graph",
        "there is no graph ring; there are solo, self-consistency, vote, panel, layers, relay,",
    ),
    ({"name": "team", "generators": ["a"]}, "graph", "there are solo,"),
    (team("control", name="control:nothing"), "name", "control is not for panels"),
    (team("control", name="mine"), "", "controls are built in"),
    (team("control", name="control:coin", generators=["a"]), "generators", NO_FIELD),
    (team("solo", name="control:mine"), "", "controls are built in"),
    (team("imported"), "name", "imported is not for panels"),
    (team("imported", generators=["a"]), "generators", NO_FIELD),
    (team("panel", name="a"), "name", "a is used twice; names are unique"),
    (
        team("layers", layers=[["a"], ["b", "z"]]),
        "layers[1][1]",
        "layer-3-2 is z, not one of a, b, c",
    ),
    (
        team("debate", generators=["a", "z"]),
        "generators[1]",
        "generator-2 is z, not one of a, b, c",
    ),
    (team("self-consistency", generators=["z"]), "generators[0]", "generator-1 is z"),
    (team("panel", aggregator="z"), "aggregator", "aggregator is z, not one of a, b, c"),
]


@pytest.mark.parametrize(("bad", "field", "says"), BAD)
def test_what_makes_no_ensemble_is_said_in_one_line_with_its_place(
    bad: dict[str, Any], field: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError) as refused:
        load(tmp_path, {"name": "good", "graph": "solo", "generators": ["a"]}, bad)
    (line,) = str(refused.value).splitlines()
    place, where, said = line.removeprefix(f"{tmp_path}/panel.yaml:").split(": ", 2)
    whole = (tmp_path / "panel.yaml").read_text().splitlines()
    assert where == f"ensembles[1].{field}".rstrip(".")
    assert says in said
    begins = whole.index("- name: good") + 3
    key = field.rpartition(".")[2]
    lines = [
        n for n, text in enumerate(whole) if n >= begins and text.strip(" -").startswith(key + ":")
    ]
    assert int(place) - 1 in (lines if lines and key != "name" else range(begins, len(whole)))


def test_labels_tell_rules_apart() -> None:
    rules = [
        Rule(name="union"),
        Rule(name="intersection"),
        Rule(name="majority"),
        Rule(name="majority", tie="include"),
        Rule(name="k-of-n", k=2),
        Rule(name="k-of-n", k=3),
        Rule(name="weighted", weights=(1.0, 2.0)),
        Rule(name="weighted", weights=(1.5, 1e-7)),
        Rule(name="weighted", weights=(0.1234567, 1.0)),
        Rule(name="weighted", weights=(0.1234568, 1.0)),
        Rule(name="weighted", weights=(1e20, 1.0), tie="include"),
    ]
    labels = [rule.label for rule in rules]
    assert len({*labels}) == len(rules)
    assert labels[4:8] == ["2-of-n", "3-of-n", "weighted-1-2", "weighted-1.5-1e-07"]
    for label in labels:
        RECORDS["solo"].model_validate_json(
            f'{{"name": "vote-{label}", "graph": "solo", "generators": ["a"]}}'
        )


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan"), float("inf")])
def test_a_weight_is_a_number_above_nothing(weight: float) -> None:
    with pytest.raises(ValueError, match=r"greater than 0|finite number"):
        Rule(name="weighted", weights=(weight,))


def test_the_same_cost_is_the_nearest_number_of_calls() -> None:
    def many(name: str, model: str, samples: int) -> EnsembleSpec:
        fields = team("self-consistency", name=name, generators=[model], samples=samples)
        return parsed(fields)

    def parsed(fields: dict[str, Any]) -> EnsembleSpec:
        return RECORDS[fields["graph"]].model_validate_json(json.dumps(fields))

    single = [many("a3", "a", 3), many("a5", "a", 5), many("b5", "b", 5), many("c4", "c", 4)]
    relay, vote = parsed(team("relay", name="r")), parsed(team("vote", name="v"))
    four = parsed(team("debate", name="d", rounds=1))
    assert names(same_cost(relay, [*single, vote])) == ["a3"]
    assert names(same_cost(vote, single)) == ["a3"]
    assert names(same_cost(four, single)) == ["a3", "a5", "b5"]  # c has no seat in it
    assert names(same_cost(vote, [relay, four])) == []
    assert names(same_cost(single[0], single)) == []


def names(specs: tuple[EnsembleSpec, ...]) -> list[str]:
    return [spec.name for spec in specs]
