"""graphs/ablation: plans in YAML, what they span, and what is said of those that cannot be had."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from primum.agents.specs.model import ModelSpec
from primum.agents.studies.study import REFERENCES, Contrast
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.core.errors import DataError, PrimumError, UsageError
from primum.graphs.ablation.contrasts import parse_contrast, with_metrics
from primum.graphs.ablation.design import AblationPlan, Design
from primum.graphs.ablation.plan import (
    ENUMERATED_AT_MOST,
    AblationOptions,
    ResolvedPlan,
    ensembles_of,
    load_plan,
    resolve_plan,
    write_plan,
)

TREES = {
    name: {"id": f"x/{name}", "family": family, "access": "open"}
    for name, family in (("ash", "gpt"), ("beech", "gpt"), ("cedar", "qwen"), ("date", "glm"))
}
MODELS = {name: ModelSpec.model_validate(model) for name, model in TREES.items()}
VOTE = {"graph": "vote", "rules": ["majority"]}
SINGLE = {"graph": "self-consistency", "samples": [3, 5], "rules": ["majority"]}
RELAY = {"graph": "relay", "sizes": [2]}
PANEL = {"graph": "panel", "aggregators": ["ash"], "aggregation": ["select", "synthesise"]}


def plan_of(*designs: dict[str, Any], **fields: Any) -> AblationPlan:
    whole = {"name": "mine", "designs": list(designs), **fields}
    return AblationPlan.model_validate_json(json.dumps(whole))


def written(folder: Path, *designs: dict[str, Any], **fields: Any) -> Path:
    """A plan's file beside its panel's."""
    panel = {
        "name": "trees",
        "models": TREES,
        "ensembles": [{"name": "one", "graph": "solo", "generators": ["ash"]}],
    }
    (folder / "trees.yaml").write_text(yaml.safe_dump(panel))
    path = folder / "plan.yaml"
    whole = {
        "name": "mine",
        "panel": str(folder / "trees.yaml"),
        "designs": list(designs),
        **fields,
    }
    path.write_text(yaml.safe_dump(whole, sort_keys=False))
    return path


def asked(path: Path | None, *contrasts: str, **more: Any) -> ResolvedPlan:
    return resolve_plan(AblationOptions(file=path, contrasts=contrasts, **more))


def names(specs: tuple[EnsembleSpec, ...]) -> list[str]:
    return [spec.name for spec in specs]


PLAN = """
name: by-hand
panel: simulated
designs:
  - graph: panel                       # every trio with one of two aggregators
    sizes: [3]
    aggregators: [aspen-large, birch-large]
    aggregation: [synthesise, select]
    authors: [anonymous, named]
  - graph: vote
    sizes: [2, 3]
    rules: [union, {name: k-of-n, k: 2}]
    families: mixed
  - {graph: self-consistency, samples: [3], rules: [majority]}
max_ensembles: 40
controls: [nothing, key]
contrasts:
  - ensemble: vote-union.aspen-large+birch-large
    against: same_cost
"""


def test_a_plan_is_written_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN)
    found = asked(path)
    assert with_metrics(found.plan, (), "Severe_rate", path)[0].metric == "Severe_rate"
    assert found.panel.name == "by-hand"
    assert found.names[-2:] == ("control:nothing", "control:key")
    assert len(found.names) == 40 + 2
    assert "vote-union.aspen-large+birch-large" in found.names
    assert tuple(spec.name for spec in found.panel.ensembles) == found.names[:-2]


def test_a_plan_that_is_saved_spans_the_same_again(tmp_path: Path) -> None:
    plans = [
        plan_of(VOTE, SINGLE, RELAY, PANEL),
        plan_of(
            {**PANEL, "critics": [[], ["ash", "beech"]], "shuffle": [None, 3], "families": "mixed"},
            {"graph": "layers", "depths": [1, 2], "aggregators": "all", "authors": ["named"]},
            {**RELAY, "guardians": "all", "repeats": True},
            {
                "graph": "vote",
                "of": ["ash", "date"],
                "rules": [{"name": "weighted", "weights": [2, 1]}],
            },
            {**VOTE, "orders": 3},
            max_ensembles=60,
            seed=4,
            controls=["learned"],
            contrasts=[{"ensemble": "relay.ash+date", "against": "ash", "metric": "Omissions"}],
            panel=str(tmp_path / "panels" / "mine.yaml"),
        ),
    ]
    for number, plan in enumerate(plans):
        path = tmp_path / f"{number}.yaml"
        write_plan(path, plan)
        again = load_plan(path)
        assert again == plan
        assert ensembles_of(again, MODELS) == ensembles_of(plan, MODELS)
        with pytest.raises(DataError, match=rf"{number}\.yaml"):
            write_plan(path, plan)


def test_a_panels_file_is_named_from_the_plans_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans, elsewhere = tmp_path / "plans", tmp_path / "elsewhere"
    plans.mkdir()
    elsewhere.mkdir()
    written(plans, VOTE, panel="trees.yaml")
    for here, plan, saved in (
        (tmp_path, "plans/plan.yaml", "elsewhere/again.yaml"),
        (elsewhere, "../plans/plan.yaml", "twice.yaml"),
        (plans, "plan.yaml", "thrice.yaml"),
    ):
        monkeypatch.chdir(here)
        made = asked(Path(plan))
        assert made.path.samefile(plans / "trees.yaml")
        write_plan(Path(saved), made.plan)
        monkeypatch.chdir("/")
        assert asked(here / saved).names == made.names
        assert not Path(load_plan(here / saved).panel).is_absolute()
    monkeypatch.chdir(plans)
    write_plan(Path("../standard.yaml"), asked(None, panel="trees.yaml", max_ensembles=3).plan)
    assert load_plan(tmp_path / "standard.yaml").panel == "plans/trees.yaml"
    (plans / "trees.yaml").unlink()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"plans/plan\.yaml:2: panel: plans/trees\.yaml: no"):
        asked(Path("plans/plan.yaml"))


def test_the_standard_plan_can_be_saved_and_changed(tmp_path: Path) -> None:
    made = asked(
        None, "relay.aspen-large+aspen-base:aspen-large:F1_weighted", max_ensembles=50, seed=3
    )
    path = tmp_path / "standard.yaml"
    write_plan(path, made.plan)
    assert asked(path).names == made.names
    assert len(made.panel.ensembles) == 50


def test_each_ensemble_comes_once() -> None:
    plan = plan_of(
        {**VOTE, "sizes": [2]}, {**VOTE, "sizes": [2, 3]}, {**VOTE, "of": ["date", "ash"]}
    )
    found = names(ensembles_of(plan, MODELS))
    assert len(found) == len({*found}) == 6 + 4
    assert "vote-majority.ash+date" in found


def test_two_ensembles_of_one_name_are_refused() -> None:
    """Names are joined by what model names may have too."""
    models = {"a": MODELS["ash"], "a.named": MODELS["ash"], "b": MODELS["ash"]}
    design = {"graph": "panel", "of": ["b"], "aggregators": ["a", "a.named"]}
    plan = plan_of({**design, "authors": ["anonymous", "named"]})
    with pytest.raises(
        DataError, match=r"designs\.0: panel\.b\.by-a\.named would name two ensembles"
    ):
        ensembles_of(plan, models)


def test_a_limit_is_shared_among_designs_and_reproduced_by_its_seed() -> None:
    designs = (PANEL, SINGLE, {**RELAY, "sizes": [2, 3, 4]})
    whole = ensembles_of(plan_of(*designs), MODELS)
    by_graph = {graph: [s for s in whole if s.graph == graph] for graph in ("panel", "relay")}
    assert (len(by_graph["panel"]), len(by_graph["relay"])) == (15 + 11, 12 + 24 + 24)
    for limit in (1, 2, 9, 30, len(whole), 500):
        found = ensembles_of(plan_of(*designs, max_ensembles=limit, seed=1), MODELS)
        assert len(found) == min(limit, len(whole))
        assert found == ensembles_of(plan_of(*designs, max_ensembles=limit, seed=1), MODELS)
        assert [spec for spec in whole if spec in found] == list(found)  # in their order
    thirty = [spec.graph for spec in ensembles_of(plan_of(*designs, max_ensembles=30), MODELS)]
    assert thirty.count("self-consistency") == 8  # all that there are
    assert abs(thirty.count("panel") - thirty.count("relay")) <= 1
    drawn = [
        names(ensembles_of(plan_of(*designs, max_ensembles=9, seed=s), MODELS)) for s in range(5)
    ]
    assert any(found != drawn[0] for found in drawn)


@pytest.mark.parametrize("seed", range(4))
def test_what_a_contrast_rests_on_stays_under_a_limit(seed: int) -> None:
    contrasts = [
        {"ensemble": "relay.ash+date", "against": "vote-majority.beech+cedar"},
        {"ensemble": "panel.ash+beech.by-ash", "against": "same_cost"},  # three calls
        {"ensemble": "relay.ash+date", "against": "cedar"},
        {"ensemble": "control:nothing", "against": "vote-majority.beech+cedar"},
    ]
    plan = plan_of(VOTE, SINGLE, RELAY, PANEL, max_ensembles=7, seed=seed, contrasts=contrasts)
    found = names(ensembles_of(plan, MODELS))
    assert len(found) == 7
    assert {
        *("relay.ash+date", "vote-majority.beech+cedar", "panel.ash+beech.by-ash"),
        *("self-consistency3-majority.ash", "self-consistency3-majority.beech"),
    } <= {*found}  # beech+cedar has cedar's solo run beside it
    alone = plan_of(
        RELAY, VOTE, max_ensembles=1, seed=seed, contrasts=[{"ensemble": "ash", "against": "date"}]
    )
    kept = ensembles_of(alone, MODELS)
    assert {"ash", "date"} <= {member for spec in kept for member in spec.members}


def test_a_space_too_large_asks_for_a_limit() -> None:
    many = {f"m{n}": MODELS["ash"] for n in range(30)}
    relay = {**RELAY, "sizes": [5]}
    with pytest.raises(DataError, match=r"designs\.1: it spans 33,390,720 ensembles"):
        ensembles_of(plan_of({**VOTE, "sizes": [2]}, relay), {**MODELS, **many})
    with pytest.raises(
        DataError, match=r"designs\.0: it spans 17,100,720 ensembles; set max_ensembles"
    ):
        ensembles_of(plan_of(relay), many)
    found = ensembles_of(plan_of(relay, VOTE, SINGLE, max_ensembles=20), many)
    assert [spec.graph for spec in found].count("relay") == 7
    assert len(found) == 20
    with pytest.raises(
        DataError, match=rf"no ensemble fits .*of {ENUMERATED_AT_MOST:,} drawn out of 17,1"
    ):
        ensembles_of(plan_of({**relay, "access": ["rag"]}, max_ensembles=20), many)


BAD: list[tuple[dict[str, Any], str, str]] = [
    (
        {"graph": "solo"},
        "graph",
        "no ablation spans a graph solo; there are self-consistency, vote",
    ),
    ({**VOTE, "rules": []}, "rules", "a design of graph vote needs rules"),
    ({"graph": "panel"}, "aggregators", "a design of graph panel needs aggregators"),
    (
        {"graph": "layers", "aggregators": ["ash"]},
        "depths",
        "a design of graph layers needs depths",
    ),
    ({**SINGLE, "samples": []}, "samples", "a design of graph self-consistency needs samples"),
    ({"graph": "debate", "rules": ["union"]}, "rounds", "a design of graph debate needs rounds"),
    ({"graph": "debate", "rounds": [1]}, "rules", "a debate needs rules or aggregators"),
    ({**VOTE, "aggregators": ["ash"]}, "aggregators", "aggregators is not for graph vote"),
    ({**VOTE, "critics": [["ash"]]}, "critics", "critics is not for graph vote"),
    ({**VOTE, "guardians": ["ash"]}, "guardians", "guardians is not for graph vote"),
    ({**VOTE, "samples": [3]}, "samples", "samples is not for graph vote"),
    ({**VOTE, "rounds": [3]}, "rounds", "rounds is not for graph vote"),
    ({**VOTE, "depths": [1]}, "depths", "depths is not for graph vote"),
    ({**VOTE, "aggregation": ["select"]}, "aggregation", "aggregation is not for graph vote"),
    ({**VOTE, "authors": ["named"]}, "authors", "authors is not for graph vote"),
    ({**VOTE, "shuffle": [1]}, "shuffle", "shuffle is not for graph vote"),
    ({**RELAY, "shuffle": [1]}, "shuffle", "shuffle is not for graph relay"),
    ({**PANEL, "rules": ["union"]}, "rules", "rules is not for graph panel"),
    (
        {"graph": "debate", "rounds": [1], "rules": ["union"], "aggregation": ["select"]},
        "aggregation",
        "only aggregators select, and there are none",
    ),
    ({**SINGLE, "sizes": [2]}, "sizes", "a self-consistency takes 1 model at most"),
    ({**RELAY, "sizes": [1, 2]}, "sizes", "a relay takes 2 models or more"),
    ({"graph": "debate", "rounds": [1], "rules": ["union"], "sizes": [1]}, "sizes", "2 models"),
    ({**VOTE, "sizes": [0]}, "sizes[0]", "greater than or equal to 1"),
    ({**VOTE, "sizes": [2, 2]}, "sizes", "sizes lists something twice"),
    ({**VOTE, "of": ["ash", "ash"]}, "of", "of lists something twice"),
    ({**PANEL, "aggregators": ["ash", "ash"]}, "aggregators", "aggregators lists something twice"),
    ({**VOTE, "of": "ash"}, "of", "write a list of models, or all"),
    ({**PANEL, "aggregators": "any"}, "aggregators", "write a list of models, or all"),
    ({**VOTE, "orders": 3, "sizes": [2]}, "orders", "orders goes with neither repeats nor sizes"),
    ({**VOTE, "orders": 3, "repeats": True}, "orders", "orders goes with neither"),
    ({**RELAY, "orders": 3}, "orders", "orders is not for graph relay"),
    ({**SINGLE, "orders": 3}, "orders", "orders is not for graph self-consistency"),
    (
        {**VOTE, "sizes": [2], "rules": ["union", {"name": "k-of-n", "k": 3}]},
        "rules[1].k",
        "k is 3, and there are 2 drafts",
    ),
    (
        {**SINGLE, "rules": [{"name": "k-of-n", "k": 6}]},
        "rules[0].k",
        "k is 6, and there are 5 drafts",
    ),
    (
        {**VOTE, "rules": [{"name": "weighted", "weights": [1, 2, 3]}]},
        "rules[0].weights",
        "weights are those of the models that `of` lists, one for each",
    ),
    (
        {**VOTE, "of": ["ash", "date"], "rules": [{"name": "weighted", "weights": [1, 2, 3]}]},
        "rules[0].weights",
        "weights are those of the models that `of` lists",
    ),
    (
        {**SINGLE, "of": ["ash"], "rules": [{"name": "weighted", "weights": [1]}]},
        "rules[0].weights",
        "weights are those of the models",
    ),
    ({**VOTE, "rules": ["weighted"]}, "rules[0].weights", "weights go with the rule weighted"),
    ({**VOTE, "team": 3}, "team", "no such field"),
    (
        {**VOTE, "of": ["ash", "elm"]},
        "of",
        "elm is not in the panel; it has ash, beech, cedar, date",
    ),
    ({**PANEL, "critics": [["ash"], ["elm"]]}, "critics", "elm is not in the panel"),
    ({**PANEL, "aggregators": ["elm"]}, "aggregators", "elm is not in the panel"),
    ({**RELAY, "guardians": ["elm"]}, "guardians", "elm is not in the panel"),
    ({**VOTE, "sizes": [5]}, "", "no ensemble fits its sizes and filters"),
    ({**VOTE, "access": ["rag"]}, "", "no ensemble fits its sizes and filters"),
    ({**VOTE, "of": ["ash"]}, "", "no ensemble fits its sizes and filters"),
    ({**PANEL, "sizes": [1], "aggregation": ["select"]}, "", "no ensemble fits its sizes"),
]


@pytest.mark.parametrize(("bad", "field", "says"), BAD)
def test_a_design_that_makes_no_sense_is_said_in_one_line_with_its_place(
    bad: dict[str, Any], field: str, says: str, tmp_path: Path
) -> None:
    path = written(tmp_path, {**RELAY, "of": ["ash", "beech"]}, bad)
    with pytest.raises(DataError) as refused:
        asked(path)
    (line,) = str(refused.value).splitlines()
    place, where, said = line.removeprefix(f"{path}:").split(": ", 2)
    dotted = where.replace("designs.1", "designs[1]")
    assert dotted == f"designs[1].{field}".rstrip(".")
    assert says in said
    text = path.read_text().splitlines()
    begins = text.index(f"- graph: {bad['graph']}", text.index("- graph: relay") + 1)
    key = field.partition("[")[0].partition(".")[0]
    keyed = [
        n for n, row in enumerate(text) if n >= begins and row.strip(" -").startswith(f"{key}:")
    ]
    assert int(place) - 1 >= (keyed[0] if keyed and key else begins)


PLANS: list[tuple[dict[str, Any], str, str]] = [
    ({"controls": ["none"]}, "controls[0]", "not 'none'"),
    ({"max_ensembles": 0}, "max_ensembles", "greater than or equal to 1, not 0"),
    ({"seed": -1}, "seed", "greater than or equal to 0"),
    ({"designs": []}, "designs", "at least 1 item"),
    ({"name": "my plan"}, "name", "pattern"),
    ({"contrast": []}, "contrast", "no such field"),
    ({"panel": "nosuch"}, "panel", "nosuch: no such panel; name a .yaml file or one of"),
    ({"contrasts": [{"ensemble": "relay.ash+date"}]}, "contrasts[0].against", "Field required"),
    (
        {"contrasts": [{"ensemble": "relay.ash+datte", "against": "ash"}]},
        "contrasts.0.ensemble",
        "no ensemble relay.ash+datte among the plan's 21; near it: relay.ash+date",
    ),
    (
        {"contrasts": [{"ensemble": "relay.ash+date", "against": "zzz"}]},
        "contrasts.0.against",
        "no ensemble zzz among the plan's 21; --dry-run --json names them all",
    ),
    (
        {"contrasts": [{"ensemble": "relay.ash+date", "against": "relay.ash+date"}]},
        "contrasts.0.against",
        "cannot be compared with itself",
    ),
    (
        {"contrasts": [{"ensemble": "ash", "against": "best_solo"}]},
        "contrasts.0.against",
        "ash is not a team, and best_solo is a reference for teams only",
    ),
    (
        {"contrasts": [{"ensemble": "control:key", "against": "mean_member"}]},
        "contrasts.0.against",
        "control:key is not a team",
    ),
    (
        {"contrasts": [{"ensemble": "relay.ash+date", "against": "same_cost"}]},
        "contrasts.0.against",
        "no self-consistency of one of its members is in this plan",
    ),
    (
        {"contrasts": [{"ensemble": "best_solo", "against": "ash"}]},
        "contrasts.0.ensemble",
        "no ensemble best_solo",
    ),
    (
        {"controls": ["key"], "contrasts": [{"ensemble": "ash", "against": "control:coin"}]},
        "contrasts.0.against",
        "no ensemble control:coin",
    ),
]


@pytest.mark.parametrize(("fields", "field", "says"), PLANS)
def test_a_plan_that_makes_no_sense_is_said_in_one_line_with_its_place(
    fields: dict[str, Any], field: str, says: str, tmp_path: Path
) -> None:
    path = written(tmp_path, **({"designs": [RELAY]} | fields))
    with pytest.raises(DataError) as refused:
        asked(path)
    (line,) = str(refused.value).splitlines()
    place, where, said = line.removeprefix(f"{path}:").split(": ", 2)
    assert where == field
    assert says in said
    key = field.replace("[", ".").split(".")[0]
    text = path.read_text().splitlines()
    assert int(place) - 1 >= next(n for n, row in enumerate(text) if row.startswith(f"{key}:"))


CONTRASTS = [
    ("a:b", ("a", "b", "")),
    ("a:b:Omissions", ("a", "b", "Omissions")),
    ("a:best_solo", ("a", "best_solo", "")),
    ("control:key:b", ("control:key", "b", "")),
    ("a:control:key", ("a", "control:key", "")),
    ("control:nothing:control:key:Safety", ("control:nothing", "control:key", "Safety")),
    ("panel.a+b.by-c:same_cost:F1_weighted", ("panel.a+b.by-c", "same_cost", "F1_weighted")),
]


@pytest.mark.parametrize(("text", "wanted"), CONTRASTS)
def test_contrasts_on_the_command_line(text: str, wanted: tuple[str, str, str]) -> None:
    ensemble, against, metric = wanted
    assert parse_contrast(text) == Contrast(ensemble=ensemble, against=against, metric=metric)


@pytest.mark.parametrize(
    "text", ["", "a", "a:", ":b", "a::Omissions", "control:", "control:key", ":"]
)
def test_what_is_no_contrast_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=f"--contrast {text}: write ENSEMBLE:AGAINST or"):
        parse_contrast(text)


def test_a_parse_contrast_the_command_line_is_named_as_one(tmp_path: Path) -> None:
    path = written(tmp_path, RELAY, contrasts=[{"ensemble": "relay.ash+date", "against": "ash"}])
    found = asked(path, "relay.date+ash:best_solo", "control:nothing:relay.ash+date:Omissions")
    assert [c.against for c in found.plan.contrasts] == ["ash", "best_solo", "relay.ash+date"]
    with pytest.raises(
        DataError, match=r"^--contrast relay\.ash:ash: no ensemble relay\.ash among"
    ):
        asked(path, "relay.ash:ash")
    for reference in [*REFERENCES][:3]:
        asked(path, f"relay.ash+date:{reference}")


def test_the_command_line_goes_over_the_file_where_it_can(tmp_path: Path) -> None:
    path = written(tmp_path, RELAY, max_ensembles=9)
    assert len(asked(path).panel.ensembles) == 9
    assert len(asked(path, max_ensembles=2).panel.ensembles) == 2
    simulated = asked(path, panel="simulated")
    assert simulated.plan.panel == "simulated"
    assert "aspen-large" in simulated.panel.models
    given: list[dict[str, Any]] = [{"roles": "generator"}, {"up_to": 2}, {"aggregators": ("ash",)}]
    for more in given:
        with pytest.raises(UsageError, match="cannot be combined with --plan"):
            asked(path, **more)
    with pytest.raises(PrimumError, match=r"absent\.yaml: cannot be read"):
        asked(tmp_path / "absent.yaml")


def test_every_design_of_a_plan_spans_at_least_one() -> None:
    assert Design(graph="relay").sizes == ()
    assert len(ensembles_of(plan_of({"graph": "relay"}), MODELS)) == 12
