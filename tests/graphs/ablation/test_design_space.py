"""graphs/ablation/design_space.py: what a design spans, against the product of its lists, one by one."""

from collections.abc import Iterator
from itertools import combinations, permutations, product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.specs.rule import Rule
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.registry import ensemble_of
from primum.graphs.ablation.design import Design
from primum.graphs.ablation.design_space import (
    LONGEST_NAME,
    design_space,
    ensemble_at,
    enumerate_ensembles,
)

MODELS = {
    "ash": ModelSpec(id="x/ash", family="gpt", access="proprietary"),
    "beech": ModelSpec(id="x/beech", family="gpt", access="open"),
    "cedar": ModelSpec(id="x/cedar", family="qwen", access="open"),
    "date": ModelSpec(id="x/date", family="sonar", access="rag"),
}
ALL = tuple(MODELS)
MANY = {f"m{n:02}": MODELS[ALL[n % 3]] for n in range(30)}
MAJORITY, UNION = Rule(name="majority"), Rule(name="union")
K2, K3 = (Rule(name="k-of-n", k=k) for k in (2, 3))
EVERY = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def agents(names: tuple[str, ...]) -> tuple[AgentSpec, ...]:
    return tuple(AgentSpec(model=name) for name in names)


def drawn(design: Design, models: Any = MODELS, seed: int = 0, most: int = 10**6) -> list[Any]:
    return list(enumerate_ensembles(design, models, seed, most))


def built(graph: Any, last: Any, **fields: Any) -> EnsembleSpec | None:
    """An ensemble of these parts, if they make one."""
    if isinstance(last, Rule):
        fields["rule"] = last
    elif last:
        fields |= {"aggregator": AgentSpec(model=last[0]), "aggregation": last[1]}
    usual = (None, (), "anonymous")  # what says nothing, and is no field of some graphs
    fields = {name: value for name, value in fields.items() if value not in usual}
    try:
        return ensemble_of(name="x", graph=graph, **fields)
    except ValidationError:
        return None


def slow(design: Design) -> Iterator[EnsembleSpec]:
    """Everything that the lists can make, tried one after the other."""
    names = [name for name in ALL if design.of == "all" or name in design.of]
    least = {"vote": 2, "relay": 2, "debate": 2}.get(design.graph, 1)
    most = {"relay": 2, "self-consistency": 1}.get(design.graph, len(names))
    arranged = permutations if design.graph == "relay" else combinations
    last: list[Any] = list(design.rules)
    tails = ALL if design.aggregators == "all" else design.aggregators
    last += product(tails, design.aggregation)
    for size in design.sizes or range(least, most + 1):
        for team in arranged(names, size):
            for ends, critics, samples, rounds, depth, authors, shuffle in product(
                last or [None],
                design.critics,
                design.samples or [None],
                design.rounds or [None],
                design.depths or [0],
                design.authors,
                design.shuffle,
            ):
                relay = design.graph == "relay"
                spec = built(
                    *(design.graph, ends),
                    generators=agents(team[:1] if relay else team),
                    guardians=agents(team[1:] if relay else ()),
                    critics=agents(critics),
                    layers=(agents(team),) * depth,
                    samples=samples,
                    rounds=rounds,
                    authors=authors,
                    shuffle=shuffle,
                )
                if spec:
                    yield spec


def few(items: Any, least: int = 0) -> Any:
    return st.lists(st.sampled_from(items), unique=True, min_size=least, max_size=2).map(tuple)


@st.composite
def designs(draw: st.DrawFn) -> Design:
    graph: Any = draw(st.sampled_from("self-consistency vote panel layers relay debate".split()))
    consolidated = graph in {"panel", "layers", "debate"}
    counted = graph in {"self-consistency", "vote", "debate"}
    fields: dict[str, Any] = {"of": draw(st.just("all") | few(ALL, 2))}
    if counted:
        fields["rules"] = draw(few([MAJORITY, UNION, K2, K3], 1))
    if consolidated:
        fields["aggregators"] = draw(st.just("all") | few(ALL, 1))
        fields["aggregation"] = draw(few(["synthesise", "select"], 1))
        fields["shuffle"] = draw(few([None, 0, 7], 1))
    if consolidated or graph == "relay":
        fields["authors"] = draw(few(["anonymous", "named"], 1))
    if graph == "panel":
        fields["critics"] = draw(few([(), ("ash",), ("ash", "cedar")], 1))
    if graph != "self-consistency":
        fields["sizes"] = draw(few([2, 3]))
    for name, of, values in (
        ("samples", "self-consistency", [2, 5]),
        ("rounds", "debate", [1, 3]),
        ("depths", "layers", [1, 2]),
    ):
        if graph == of:
            fields[name] = draw(few(values, 1))
    try:
        return Design(graph=graph, **fields)
    except ValidationError as error:
        assert "there are 2 drafts" in str(error)  # noqa: PT017
        return Design(graph=graph, **(fields | {"rules": (MAJORITY,)}))


@given(designs())
@EVERY
def test_a_design_spans_everything_that_its_lists_can_make_and_nothing_else(design: Design) -> None:
    found = drawn(design)
    unnamed = [spec.model_copy(update={"name": "x"}) for spec in found]
    wanted = list(slow(design))
    assert sorted(map(repr, unnamed)) == sorted(map(repr, wanted))
    assert len({spec.name for spec in found}) == len(found)
    assert all(ensemble_of(**spec.model_dump()) == spec for spec in found)


NAMES = [
    (Design(graph="vote", of=("ash", "cedar"), rules=(K2,)), "vote-2-of-n.ash+cedar"),
    (
        Design(graph="self-consistency", of=("ash",), samples=(5,), rules=(MAJORITY,)),
        "self-consistency5-majority.ash",
    ),
    (
        Design(
            graph="panel",
            of=("beech", "ash"),
            sizes=(2,),
            critics=(("date", "ash"),),
            aggregators=("cedar",),
            aggregation=("select",),
            authors=("named",),
            shuffle=(3,),
        ),
        "panel.ash+beech.read-by-date+ash.select-by-cedar.named.shuffled-3",
    ),
    (
        Design(graph="layers", of=("ash",), depths=(2,), aggregators=("date",)),
        "layers2.ash.by-date",
    ),
    (
        Design(graph="debate", of=("ash", "beech"), rounds=(1,), rules=(UNION,)),
        "debate1-union.ash+beech",
    ),
    (
        Design(graph="relay", of=("ash",), guardians=("date",), authors=("named",)),
        "relay.ash+date.named",
    ),
]


@pytest.mark.parametrize(("design", "name"), NAMES)
def test_names_say_what_an_ensemble_is(design: Design, name: str) -> None:
    assert [spec.name for spec in drawn(design)] == [name]


def test_long_names_end_in_a_digest_and_stay_apart() -> None:
    models = {f"a-model-of-a-long-name-{n}": MODELS["ash"] for n in range(9)}
    found = drawn(Design(graph="vote", sizes=(7, 8), rules=(MAJORITY,)), models)
    assert len({spec.name for spec in found}) == len(found) == 36 + 9
    assert {len(spec.name) for spec in found} == {LONGEST_NAME}


def test_every_order_of_a_relay_and_guardians_of_their_own_pool() -> None:
    chains = drawn(Design(graph="relay", of=("ash", "beech", "cedar"), sizes=(3,)))
    assert len(chains) == 6
    chains = drawn(
        Design(graph="relay", of=("ash", "beech"), guardians=("date", "ash"), sizes=(2,))
    )
    assert [spec.name for spec in chains] == [
        "relay.ash+date",
        "relay.beech+ash",
        "relay.beech+date",
    ]
    chains = drawn(
        Design(graph="relay", of=("ash",), guardians=("ash", "date"), sizes=(2,), repeats=True)
    )
    assert [spec.name for spec in chains] == ["relay.ash+ash", "relay.ash+date"]


def test_repeats_let_a_model_sit_twice() -> None:
    design = Design(graph="vote", of=("ash", "beech"), sizes=(2,), rules=(UNION,), repeats=True)
    assert [spec.name for spec in drawn(design)] == [
        "vote-union.ash+ash",
        "vote-union.ash+beech",
        "vote-union.beech+beech",
    ]


def test_the_weights_of_a_team_are_its_members() -> None:
    rule = Rule(name="weighted", weights=(3.0, 2.0, 1.5))
    design = Design(graph="vote", of=("cedar", "ash", "date"), rules=(rule,))
    found = {
        tuple(agent.model for agent in spec.generators): spec.rule.weights for spec in drawn(design)
    }
    assert found == {
        ("ash", "cedar"): (2, 3),
        ("ash", "date"): (2, 1.5),
        ("cedar", "date"): (3, 1.5),
        ("ash", "cedar", "date"): (2, 3, 1.5),
    }


FILTERS: list[tuple[dict[str, Any], set[str]]] = [
    ({"families": "same"}, {"ash+beech"}),
    (
        {"families": "mixed", "sizes": (2,)},
        {"ash+cedar", "ash+date", "beech+cedar", "beech+date", "cedar+date"},
    ),
    ({"access": ("open",)}, {"beech+cedar"}),
    ({"access": ("open", "rag")}, {"beech+date", "cedar+date", "beech+cedar+date"}),
    (
        {"access": ("rag", "open", "proprietary"), "sizes": (3,)},
        {"ash+beech+date", "ash+cedar+date"},
    ),
    ({"access": ("open",), "families": "same"}, set()),
]


@pytest.mark.parametrize(("filters", "teams"), FILTERS)
def test_filters_keep_families_and_kinds_of_access(
    filters: dict[str, Any], teams: set[str]
) -> None:
    found = drawn(Design(graph="vote", rules=(MAJORITY,), **filters))
    assert {spec.name.removeprefix("vote-majority.") for spec in found} == teams


def test_filters_count_every_seat() -> None:
    fields: dict[str, Any] = {"graph": "panel", "of": ("ash", "beech"), "sizes": (2,)}
    critics = ((), ("cedar",))
    same = Design(**fields, aggregators=("ash", "date"), critics=critics, families="same")
    assert [spec.name for spec in drawn(same)] == ["panel.ash+beech.by-ash"]
    chains = Design(graph="relay", access=("open",))
    assert {spec.name for spec in drawn(chains)} == {"relay.beech+cedar", "relay.cedar+beech"}


def test_orders_of_joining_span_the_teams_that_come_about() -> None:
    design = Design(graph="vote", rules=(MAJORITY,), orders=3)
    found = drawn(design, MANY, seed=1)
    assert found == drawn(design, MANY, seed=1) != drawn(design, MANY, seed=2)
    sizes = [len(spec.generators) for spec in found]
    assert {sizes.count(size) for size in range(2, 30)} <= {1, 2, 3}
    assert sizes.count(30) == 1
    assert min(sizes) == 2  # of one there is the solo
    panels = drawn(Design(graph="panel", aggregators=("m00",), orders=3), MANY)
    assert min(len(spec.generators) for spec in panels) == 1


HUGE: list[tuple[dict[str, Any], int]] = [
    ({"graph": "relay", "sizes": (5,)}, 30 * 29 * 28 * 27 * 26),
    ({"graph": "vote", "rules": (MAJORITY, UNION)}, 2 * (2**30 - 31)),
    ({"graph": "relay", "sizes": (5,), "families": "same"}, 30 * 29 * 28 * 27 * 26),
]


@pytest.mark.parametrize(("fields", "total"), HUGE)
def test_of_a_huge_space_some_are_drawn_by_seed(fields: dict[str, Any], total: int) -> None:
    design = Design(**fields)
    assert design_space(design, list(MANY)).total == total
    found = list(enumerate_ensembles(design, MANY, 5, 1000, 9))
    assert len({spec.name for spec in found}) == 9
    assert found == list(enumerate_ensembles(design, MANY, 5, 1000, 9))
    assert found != list(enumerate_ensembles(design, MANY, 6, 1000, 9))
    if design.families == "same":
        assert all(len({MANY[a.model].family for _, _, a in s.seats}) == 1 for s in found)


def test_a_filter_that_keeps_nothing_ends() -> None:
    design = Design(graph="relay", sizes=(5,), access=("rag",), families="same")
    assert list(enumerate_ensembles(design, {**MANY, "r": MODELS["date"]}, 0, 10_000)) == []


def test_a_space_has_no_number_that_it_has_not() -> None:
    space = design_space(Design(graph="vote", rules=(MAJORITY,)), ALL)
    assert [ensemble_at("vote", space[n]).name for n in (0, space.total - 1)] == [
        "vote-majority.ash+beech",
        "vote-majority.ash+beech+cedar+date",
    ]
    for number in (-1, space.total):
        with pytest.raises(IndexError):
            space[number]
