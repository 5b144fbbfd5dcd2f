"""Where the harms of a team's answer come from, graph by graph."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.turns.transcript import Turn
from primum.cases.model import Case
from primum.evaluation.analysis.attribution.attribution import (
    FAILURES,
    Attribution,
    attributions,
    failure,
)
from primum.evaluation.analysis.attribution.provenance import traces
from primum.evaluation.store.schema import TABLES
from primum.tests.wired import wired

Make = Callable[..., Any]
ALL = (2, 3, 5)  # what is due: 2, one of 3 and 4, and 5, which needs 3
# Without `due` an answer leaves out 2, a severe omission; with 1 it does a severe commission.
WITHOUT = (3, 5)
HARMFUL = (1, 2, 3, 5)
Told = tuple[str, str | None, str, str | None, int, int, tuple[str, ...], tuple[str, ...]]


@pytest.fixture(scope="module")
def case(rubric: Make) -> Case:
    scores = {1: 1, 2: 9, 3: 8, 4: 8, 5: 7, 6: 5, 7: 2}
    made: Case = rubric(scores, groups={"B or C": (3, 4)}, needs={5: (3,)})
    return made


@pytest.fixture
def told(case: Case, study_of: Make, scored: Make) -> Callable[..., list[Attribution]]:
    def tell(
        spec: EnsembleSpec, turns: Sequence[Turn], chosen: Iterable[int] | None
    ) -> list[Attribution]:
        return list(
            attributions(traces(study_of(spec), [scored(case, (wired(spec, turns), chosen))]))
        )

    return tell


def only(found: list[Attribution]) -> Told:
    (a,) = found
    return (a.failure, a.seat, a.role, a.model, a.drafts, a.drafts_right, a.caught_by, a.missed_by)


def test_a_row_is_the_columns_of_its_table() -> None:
    columns = [column.name for column in TABLES["attributions"].columns]
    assert ["study", *Attribution.__slots__, "simulated"] == columns


@pytest.mark.parametrize(
    ("first", "one", "two", "wanted"),
    [
        # one guardian breaks it; the other passes it on, and so misses it
        (ALL, WITHOUT, WITHOUT, ("introduced", "guardian-1", (), ("guardian-2",))),
        (ALL, ALL, WITHOUT, ("introduced", "guardian-2", (), ())),
        # both pass the generator's error on
        (WITHOUT, WITHOUT, WITHOUT, ("lazy_agreement", "generator-1", (), ("guardian-1", "guardian-2"))),
        # one had mended it; the other broke it again
        (WITHOUT, ALL, WITHOUT, ("unheeded_critic", "guardian-2", ("guardian-1",), ())),
        # one failed, and was passed by
        (WITHOUT, None, WITHOUT, ("lazy_agreement", "generator-1", (), ("guardian-2",))),
        (ALL, None, WITHOUT, ("introduced", "guardian-2", (), ())),
    ],
)  # fmt: skip
def test_relays(
    first: Any, one: Any, two: Any, wanted: Any, told: Make, team: Make, turn: Make
) -> None:
    spec = team("relay", "ann", guardians="ben cat")
    before = "generator-1" if one is None else "guardian-1"
    turns = [
        turn("generator-1", first, model="ann"),
        turn("guardian-1", one, model="ben", about="generator-1"),
        turn("guardian-2", two, model="cat", about=before),
    ]
    failure, seat, caught, missed = wanted
    role, model = ("generator", "ann") if seat == "generator-1" else ("guardian", "ben")
    model = "cat" if seat == "guardian-2" else model
    right = int(first == ALL)
    wanted = (failure, seat, role, model, 1, right, caught, missed)
    assert only(told(spec, turns, two)) == wanted


@pytest.mark.parametrize(
    ("drafts", "final", "failure", "seat"),
    [
        ((ALL, ALL, ALL), HARMFUL, "introduced", "aggregator"),
        ((HARMFUL, ALL, ALL), HARMFUL, "overturned_majority", "aggregator"),
        ((HARMFUL, ALL), HARMFUL, "unresolved_conflict", "aggregator"),
        ((HARMFUL, HARMFUL, ALL), HARMFUL, "suppressed_minority", "aggregator"),
        ((HARMFUL, HARMFUL, HARMFUL), HARMFUL, "shared_error", None),
        ((None, HARMFUL, ALL), HARMFUL, "unresolved_conflict", "aggregator"),
        ((None, None, HARMFUL), HARMFUL, "shared_error", "generator-3"),
        ((WITHOUT, ALL, ALL), WITHOUT, "overturned_majority", "aggregator"),
    ],
)
def test_panels_without_critics(
    drafts: Any, final: Any, failure: str, seat: str | None, told: Make, team: Make, turn: Make
) -> None:
    models = ["ann", "ben", "cat"][: len(drafts)]
    spec = team("panel", " ".join(models), aggregator="dan")
    turns = [
        turn(f"generator-{n}", chosen, model=model)
        for n, (chosen, model) in enumerate(zip(drafts, models, strict=True), 1)
    ]
    found = only(told(spec, [*turns, turn("aggregator", final, model="dan")], final))
    usable = [draft for draft in drafts if draft is not None]
    role, model = {
        "aggregator": ("aggregator", "dan"),
        "generator-3": ("generator", "cat"),
        None: ("generator", None),
    }[seat]
    right = sum(draft != final for draft in usable)
    assert found == (failure, seat, role, model, len(usable), right, (), ())


@pytest.mark.parametrize(
    ("add", "remove", "failure", "seat", "caught", "missed"),
    [
        ((), (1,), "unheeded_critic", "aggregator", ("critic-1",), ()),
        ((7,), (2,), "lazy_agreement", None, (), ("critic-1",)),
        ((), (), "lazy_agreement", None, (), ("critic-1",)),
        (None, (), "shared_error", None, (), ()),  # the critic gave nothing
    ],
)
def test_panels_with_a_critic(
    add: Any,
    remove: Any,
    failure: str,
    seat: Any,
    caught: Any,
    missed: Any,
    told: Make,
    team: Make,
    turn: Make,
) -> None:
    spec = team("panel", "ann amy", critics="cat", aggregator="dan")
    turns = [
        *(turn(f"generator-{n}", HARMFUL, model=m) for n, m in ((1, "ann"), (2, "amy"))),
        turn("critic-1", (), model="cat", about="generator-1"),
        turn("critic-1", add, model="cat", remove=remove, about="generator-2"),
        turn("aggregator", HARMFUL, model="dan"),
    ]
    if add is None:
        turns[2] = turn("critic-1", None, model="cat", about="generator-1")
    found = told(spec, turns, HARMFUL)
    role, model = ("aggregator", "dan") if seat else ("generator", None)
    assert only(found) == (failure, seat, role, model, 2, 0, caught, missed)


def test_a_critic_who_asked_for_a_harm_made_none_but_who_heeded_it_did(
    told: Make, team: Make, turn: Make
) -> None:
    spec = team("panel", "ann", critics="cat", aggregator="dan")
    turns = [
        turn("generator-1", ALL),
        turn("critic-1", (1,), model="cat", about="generator-1"),
        turn("aggregator", HARMFUL, model="dan"),
    ]
    wanted = ("introduced", "aggregator", "aggregator", "dan", 1, 1, (), ())
    assert only(told(spec, turns, HARMFUL)) == wanted


def test_of_a_group_one_is_enough_and_it_is_one_harm(told: Make, team: Make, turn: Make) -> None:
    spec = team("vote", "ann ben cat", rule="majority")
    drafts = [turn("generator-1", (2, 3)), turn("generator-2", (2, 4)), turn("generator-3", (2,))]
    (harm,) = told(spec, [*drafts, turn("rule", (2,))], (2,))
    # 3 and 4 have one vote each: the rule leaves both out. 5 needs 3, and is inapplicable.
    assert (harm.option_id, harm.kind, harm.severity) == (3, "omission", "moderate")
    assert only([harm])[:6] == ("overturned_majority", "rule", "rule", None, 3, 2)


def test_what_is_moot_in_the_answer_is_no_harm_and_otherwise_drafts_are_held_to_it(
    told: Make, team: Make, turn: Make
) -> None:
    spec = team("vote", "ann ben", rule="union")
    # 5 needs 3; the first draft has neither, and yet leaves 5 out: the answer has 3.
    drafts = [turn("generator-1", (2, 4)), turn("generator-2", (2, 3))]
    (harm,) = told(spec, [*drafts, turn("rule", (2, 3, 4))], (2, 3, 4))
    assert (harm.option_id, harm.severity, harm.failure) == (5, "mild", "shared_error")


def test_selectors_answer_for_their_choice(told: Make, team: Make, turn: Make) -> None:
    spec = team("panel", "ann ben", aggregator="dan", aggregation="select")
    drafts = [turn("generator-1", ALL), turn("generator-2", WITHOUT, model="ben")]
    chosen = turn("aggregator", WITHOUT, model="dan", about="generator-2")
    wanted = ("unresolved_conflict", "aggregator", "aggregator", "dan", 2, 1, (), ())
    assert only(told(spec, [*drafts, chosen], WITHOUT)) == wanted


def test_debaters_who_had_it_right_and_gave_way(told: Make, team: Make, turn: Make) -> None:
    spec = team("debate", "ann ben cat", rounds=2, rule="majority")
    first = [turn("generator-1", ALL), turn("generator-2", ALL), turn("generator-3", WITHOUT)]
    second = [
        turn("generator-1", ALL, role="debater", round=2),
        turn("generator-2", WITHOUT, role="debater", round=2, model="ben"),
        turn("generator-3", ALL, role="debater", round=2, model="cat"),
    ]
    third = [
        turn("generator-1", WITHOUT, role="debater", round=3),
        turn("generator-2", WITHOUT, role="debater", round=3, model="ben"),
        turn("generator-3", WITHOUT, role="debater", round=3, model="cat"),
    ]
    last = turn("rule", WITHOUT)
    # In the last round two gave way at once, and the rule had nothing right to count.
    wanted = ("overturned_majority", None, "debater", None, 3, 2, ("generator-3",), ())
    assert only(told(spec, [*first, *second, *third, last], WITHOUT)) == wanted
    third[2] = turn("generator-3", None, role="debater", round=3, model="cat")
    # The third failed: its second draft counts, and the rule counted against it.
    found = only(told(spec, [*first, *second, *third, last], WITHOUT))
    assert found[:4] == ("overturned_majority", "rule", "rule", None)


def test_debaters_who_read_and_let_it_stand(told: Make, team: Make, turn: Make) -> None:
    spec = team("debate", "ann ben", rounds=1, rule="majority")
    first = [turn("generator-1", (1, *ALL)), turn("generator-2", (1, 7, *ALL), model="ben")]
    again = [
        turn(f"generator-{n}", (1, *ALL), role="debater", round=2, model=m)
        for n, m in ((1, "ann"), (2, "ben"))
    ]
    last = turn("rule", (1, *ALL))
    wanted = ("lazy_agreement", None, "generator", None, 2, 0, (), ())
    assert only(told(spec, [*first, *again, last], (1, *ALL))) == wanted
    agreed = [first[0], turn("generator-2", (1, *ALL), model="ben"), last]
    assert only(told(spec, agreed, (1, *ALL)))[0] == "shared_error"  # nobody read anybody


def test_layers_are_followed_back_to_the_one_that_lost_it(
    told: Make, team: Make, turn: Make
) -> None:
    spec = team("layers", "ann ben", layers=("cat cat", "dan"), aggregator="dan")
    drafts = [turn("generator-1", ALL), turn("generator-2", HARMFUL, model="ben")]
    later = [
        turn("layer-2-1", HARMFUL, model="cat"),
        turn("layer-2-2", HARMFUL, model="cat"),
        turn("layer-3-1", HARMFUL, model="dan"),
        turn("aggregator", HARMFUL, model="dan"),
    ]
    wanted: Told = ("unresolved_conflict", None, "aggregator", "cat", 2, 1, (), ())
    assert only(told(spec, [*drafts, *later], HARMFUL)) == wanted
    later[1] = turn("layer-2-2", ALL, model="cat")
    wanted = ("unresolved_conflict", "layer-3-1", "aggregator", "dan", 2, 1, ("layer-2-2",), ())
    assert only(told(spec, [*drafts, *later], HARMFUL)) == wanted


def test_a_last_seat_that_refuses_leaves_out_what_it_had_read(
    told: Make, team: Make, turn: Make
) -> None:
    spec = team("panel", "ann ben", aggregator="dan")
    turns = [turn("generator-1", ALL), turn("generator-2", ALL), turn("aggregator", None)]
    found = told(spec, turns, None)
    # Option 5 needs 3, which nobody recommends: inapplicable.
    assert [(a.option_id, a.failure, a.seat) for a in found] == [
        (2, "introduced", "aggregator"),
        (3, "introduced", "aggregator"),
    ]


def test_where_no_draft_could_be_used_nobody_had_it_right(
    told: Make, team: Make, turn: Make
) -> None:
    spec = team("relay", "ann", guardians="ben")
    for harm in told(spec, [turn("generator-1", None)], None):
        assert only([harm]) == ("shared_error", "generator-1", "generator", "ann", 0, 0, (), ())


def test_solos_and_controls_have_no_way(case: Case, study_of: Make, team: Make, scored: Make) -> None:  # fmt: skip
    study = study_of(team("solo", "ann"))
    assert traces(study, [scored(case, ([], ()))]) == []
    assert traces(study_of(team("panel", "ann", aggregator="ben")), [scored(case, ([], ()))]) == []


def test_every_failure_has_its_name() -> None:
    found = {
        failure(drafts, right, contested=contested, reviewed=reviewed)
        for drafts in range(4)
        for right in range(drafts + 1)
        for contested in (True, False)
        for reviewed in (True, False)
    }
    assert found == set(FAILURES)
