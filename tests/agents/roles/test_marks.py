"""Marks of seats: no two seats of an ensemble share one."""

from hypothesis import given
from hypothesis import strategies as st

from primum.agents.roles.marks import mark_of, marks_of
from primum.agents.roles.registry import ROLES
from primum.agents.specs.model import AgentSpec
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.registry import ensemble_of

AGENT = AgentSpec(model="m")
SEVERAL = st.integers(1, 12).map(lambda n: (AGENT,) * n)
TWO_OR_MORE = st.integers(2, 12).map(lambda n: (AGENT,) * n)
ONE = st.just((AGENT,))


def ensembles() -> st.SearchStrategy[EnsembleSpec]:
    """Ensembles of every graph whose agents have seats."""
    fields: dict[str, dict[str, st.SearchStrategy[object]]] = {
        "solo": {"generators": ONE},
        "self-consistency": {
            "generators": ONE,
            "samples": st.integers(2, 99),
            "rule": st.just("majority"),
        },
        "vote": {"generators": SEVERAL, "rule": st.just("union")},
        "panel": {"generators": SEVERAL, "critics": SEVERAL, "aggregator": st.just(AGENT)},
        "layers": {
            "generators": SEVERAL,
            "layers": st.lists(SEVERAL, min_size=1, max_size=12).map(tuple),
            "aggregator": st.just(AGENT),
        },
        "relay": {"generators": ONE, "guardians": SEVERAL},
        "debate": {
            "generators": TWO_OR_MORE,
            "rounds": st.integers(1, 9),
            "aggregator": st.just(AGENT),
        },
    }
    return st.sampled_from(sorted(fields)).flatmap(
        lambda graph: st.fixed_dictionaries(
            {"name": st.just("e"), "graph": st.just(graph), **fields[graph]}
        ).map(lambda fields: ensemble_of(**fields))
    )


@given(ensembles())
def test_no_two_seats_share_a_mark(spec: EnsembleSpec) -> None:
    seats = [(seat, role) for seat, role, _ in spec.seats]
    if spec.rule_used:
        seats.append(("rule", "rule"))
    assert len({mark_of(seat, role) for seat, role in seats}) == len(seats)


@given(
    st.sampled_from(sorted(ROLES.names)), st.sampled_from(sorted(ROLES.names)), st.text(), st.text()
)
def test_seats_of_two_roles_have_two_marks(one: str, other: str, seat: str, another: str) -> None:
    assert one == other or mark_of(seat, one) != mark_of(another, other)


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b-1", "c-1", "ca"]), st.sampled_from(sorted(ROLES.names)))
    )
)
def test_seats_whose_names_have_the_same_numbers_have_different_marks(
    seats: list[tuple[str, str]],
) -> None:
    marks = marks_of(seats)
    assert set(marks) == set(seats)
    assert len(set(marks.values())) == len(marks)
    assert all(mark.startswith(ROLES[role].mark) for (_, role), mark in marks.items())


def test_marks_of_a_relay_and_of_layers() -> None:
    assert [mark_of("generator-1", "generator"), mark_of("guardian-1", "guardian")] == ["G1", "U1"]
    assert [mark_of("layer-2-1", "aggregator"), mark_of("aggregator", "aggregator")] == [
        "A2.1",
        "A",
    ]
    assert mark_of("rule", "rule") == "Σ"
