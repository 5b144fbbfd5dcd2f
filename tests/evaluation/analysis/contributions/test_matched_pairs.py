"""evaluation/analysis/contributions/matched_pairs.py: ensembles that differ in one seat, against a slow twin."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.agents.roles.critic import CRITIC
from primum.agents.roles.generator import GENERATOR
from primum.agents.roles.guardian import GUARDIAN
from primum.agents.specs.model import AgentSpec
from primum.agents.specs.rule import Rule
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.registry import ensemble_of
from primum.evaluation.analysis.contributions.matched_pairs import Pair, pairs_of

A, B, C = (AgentSpec(model=name) for name in "abc")
MODELS = (A, B, C, AgentSpec(model="a", instructions="Be brief."))
MAJORITY, UNION = Rule(name="majority"), Rule(name="union")
EVERY = settings(deadline=None, max_examples=150)


def seats(least: int, most: int) -> st.SearchStrategy[Any]:
    return st.lists(st.sampled_from(MODELS), min_size=least, max_size=most).map(tuple)


@st.composite
def specs(draw: st.DrawFn) -> EnsembleSpec:
    graph: Any = draw(st.sampled_from([*PARTS]))
    most = 1 if graph in {"solo", "self-consistency", "relay"} else 3
    generators = draw(seats(2 if graph in {"vote", "debate"} else 1, most))
    fields = {name: draw(values) for name, values in PARTS[graph].items()}
    if fields.pop("weighted", False):
        fields["rule"] = Rule(name="weighted", weights=(1.0,) * len(generators))
    if len(generators) == 1:
        fields.pop("aggregation", None)
    return ensemble_of(name="x", graph=graph, generators=generators, **fields)


RULES, AUTHORS = st.sampled_from([MAJORITY, UNION]), st.sampled_from(["anonymous", "named"])
WHO, HOW = st.sampled_from(MODELS), st.sampled_from(["synthesise", "select"])
PARTS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "solo": {},
    "self-consistency": {"rule": RULES, "samples": st.just(3)},
    "vote": {"rule": RULES, "weighted": st.booleans()},
    "panel": {"critics": seats(0, 2), "aggregator": WHO, "aggregation": HOW, "authors": AUTHORS},
    "layers": {"layers": st.tuples(seats(1, 2)), "aggregator": WHO},
    "relay": {"guardians": seats(1, 3), "authors": AUTHORS},
    "debate": {"rule": RULES, "rounds": st.integers(1, 2)},
}
Seats = dict[str, list[str]]


def seated(spec: EnsembleSpec) -> Seats:
    last = [spec.concluding] if spec.concluding else []
    parts = (*(spec.wiring.with_role(role) for role in (GENERATOR, CRITIC, GUARDIAN)), last)
    roles = ("generator", "critic", "guardian", "aggregator")
    return {role: [a.label for a in part] for role, part in zip(roles, parts, strict=True)}


def key(spec: EnsembleSpec, seats: Seats) -> str:
    """What an ensemble with these seats is: a solo, if nobody reads its one draft."""
    readers = [name for role in ("critic", "guardian", "aggregator") for name in seats[role]]
    if len(seats["generator"]) == 1 and not readers and spec.graph != "self-consistency":
        return f"solo of {seats['generator'][0]}"
    empty = {"name": "x", "generators": (), "critics": (), "guardians": (), "aggregator": None}
    nobody = {field: value for field, value in empty.items() if field in type(spec).model_fields}
    ordered = {
        role: names if role == "guardian" else sorted(names) for role, names in seats.items()
    }
    return repr((spec.model_copy(update=nobody), ordered))


def once(found: list[EnsembleSpec]) -> list[EnsembleSpec]:
    """Named by number; of those that are the same, one."""
    kept = {key(spec, seated(spec)): spec for spec in found}
    return [spec.model_copy(update={"name": f"e{n}"}) for n, spec in enumerate(kept.values())]


def edits(spec: EnsembleSpec) -> set[tuple[Any, str, str | None, str]]:
    """Every way to put somebody else into one seat, or nobody: role, who sat there, who, result."""
    alone = spec.graph not in {"solo", "self-consistency", "layers"}
    if not alone or (spec.rule_used and spec.rule_used.weights):
        return set()
    return {
        (role, model, other, key(spec, seated(spec) | {role: changed}))
        for role, names in seated(spec).items()
        for place, model in enumerate(names)
        for other in (None, *(agent.label for agent in MODELS))
        if other != model
        for changed in [[*names[:place], *([other] if other else []), *names[place + 1 :]]]
    }


@given(st.lists(specs(), max_size=14))
@EVERY
def test_pairs_are_those_that_differ_in_one_seat_each_once(found: list[EnsembleSpec]) -> None:
    ensembles = once(found)
    wanted = [
        Pair(role, model, other, one.name, two.name)
        for one in ensembles
        for role, model, other, result in edits(one)
        for two in ensembles
        if result == key(two, seated(two)) and (two.graph == "solo" or not other or edits(two))
    ]
    assert Counter(pairs_of(ensembles)) == Counter(wanted)


def team(name: str, graph: Any, generators: Any, **fields: Any) -> EnsembleSpec:
    return ensemble_of(name=name, graph=graph, generators=generators, **fields)


SOLO_A, SOLO_B = team("a", "solo", (A,)), team("b", "solo", (B,))
CASES: list[tuple[list[EnsembleSpec], list[Pair]]] = [
    (
        [team("vote", "vote", (B, A), rule=MAJORITY), SOLO_A, SOLO_B],
        [Pair("generator", "a", None, "vote", "b"), Pair("generator", "b", None, "vote", "a")],
    ),
    (  # two rules: no pair of one another
        [team("m", "vote", (A, B), rule=MAJORITY), team("u", "vote", (A, C), rule=UNION)],
        [],
    ),
    (  # one generator each, and they differ in how they are read as well as by whom
        [
            team("x", "panel", (A,), aggregator=B),
            team("y", "panel", (A,), aggregator=C, authors="named"),
        ],
        [],
    ),
    (
        [team("x", "panel", (A,), aggregator=B), SOLO_A],
        [Pair("aggregator", "b", None, "x", "a")],
    ),
    (
        [
            team("abc", "relay", (A,), guardians=(B, C)),
            team("acb", "relay", (A,), guardians=(C, B)),
            team("ab", "relay", (A,), guardians=(B,)),
            SOLO_A,
        ],
        [
            Pair("guardian", "c", None, "abc", "ab"),
            Pair("guardian", "c", None, "acb", "ab"),
            Pair("guardian", "b", None, "ab", "a"),
        ],
    ),
    (
        [
            team("bb", "relay", (A,), guardians=(B, B)),
            team("b", "relay", (A,), guardians=(B,)),
            team("bc", "relay", (A,), guardians=(B, C)),
        ],
        [
            Pair("guardian", "b", None, "bb", "b"),
            Pair("guardian", "c", None, "bc", "b"),
            Pair("guardian", "b", "c", "bb", "bc"),
            Pair("guardian", "c", "b", "bc", "bb"),
        ],
    ),
    (
        [
            team("aa", "vote", (A, A), rule=UNION),
            team("ab", "vote", (A, B), rule=UNION),
            SOLO_A,
        ],
        [
            Pair("generator", "a", None, "aa", "a"),
            Pair("generator", "b", None, "ab", "a"),
            Pair("generator", "a", "b", "aa", "ab"),
            Pair("generator", "b", "a", "ab", "aa"),
        ],
    ),
]


@pytest.mark.parametrize(("ensembles", "wanted"), CASES)
def test_some_pairs(ensembles: list[EnsembleSpec], wanted: list[Pair]) -> None:
    assert Counter(pairs_of(ensembles)) == Counter(wanted)
