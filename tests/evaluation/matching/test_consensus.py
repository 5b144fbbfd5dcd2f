"""evaluation/matching/consensus.py: who proposed what, who objected, what was dropped."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.agents.models.client import Reply
from primum.agents.models.outcomes import Outcome
from primum.agents.turns.transcript import Answer, Call, Turn
from primum.cases.load import load_suite
from primum.evaluation.matching.consensus import (
    AgentObjection,
    ConsensusAdvice,
    RecommendedAction,
    consolidate,
)

ASPIRIN = "Give aspirin 300 mg by mouth"
HEART = "Refer urgently to cardiology"
XRAY = "Order a chest X-ray"
METOPROLOL = "Start metoprolol 25 mg by mouth twice daily"
POTASSIUM = "Measure serum potassium"
TROPONIN = "Order serial troponins"
DIET = "Advise a low-salt diet"
ACTIONS = (ASPIRIN, HEART, XRAY, METOPROLOL, POTASSIUM, TROPONIN, DIET)
ONE, TWO, CRITIC = "generator-1 (aspen)", "generator-2 (birch)", "critic-1 (cedar)"


def listed(*actions: str) -> str:
    return "\n".join(f"{number}. {action}" for number, action in enumerate(actions, 1))


def turn(seat: str, model: str, text: str, about: str | None = None, outcome: Outcome = Outcome.OK) -> Turn:  # fmt: skip
    roles: dict[str, str] = {"generator": "generator", "critic": "critic", "guardian": "guardian"}
    role = roles.get(seat.split("-", maxsplit=1)[0], "aggregator")
    call = Call(f"{seat}{about}", model, Reply(outcome=outcome, text=text))
    return Turn(seat, role, model, outcome, "", (), (call,), about)


def advice(*turns: Turn) -> ConsensusAdvice:
    said = Answer("team", "case", 1, Outcome.OK, "", None, turns, turns[-1].text)
    return consolidate(said, simulated=False)


def named(
    actions: Sequence[RecommendedAction],
) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    return {action.action: (action.proposed_by, action.not_by) for action in actions}


def test_a_panels_plan_with_its_dissent() -> None:
    found = advice(
        turn("generator-1", "aspen", listed(ASPIRIN, HEART, XRAY)),
        turn("generator-2", "birch", listed(ASPIRIN, METOPROLOL)),
        turn("critic-1", "cedar", f"1. REMOVE: {XRAY} - it delays her\n2. ADD: {TROPONIN} - to rule in", "generator-1"),
        turn("critic-1", "cedar", "No change.", "generator-2"),
        turn("aggregator", "birch", f"1. [now] {ASPIRIN}. Why: infarction\n2. [today] {HEART}\n3. {POTASSIUM}"),
    )  # fmt: skip
    assert named(found.actions) == {
        f"{ASPIRIN}.": ((ONE, TWO), ()),
        HEART: ((ONE,), (TWO,)),
        POTASSIUM: ((), (ONE, TWO)),
    }
    assert [(a.urgency, a.why) for a in found.actions] == [
        ("now", "infarction"),
        ("today", ""),
        (None, ""),
    ]
    assert named(found.dropped) == {XRAY: ((ONE,), (TWO,)), METOPROLOL: ((TWO,), (ONE,))}
    removes = AgentObjection(CRITIC, "generator-1", "remove", XRAY, "it delays her")
    assert [action.objections for action in found.dropped] == [(removes,), ()]
    assert found.unheeded == (AgentObjection(CRITIC, "generator-1", "add", TROPONIN, "to rule in"),)
    assert [a.disputed for a in (*found.actions, *found.dropped)] == [
        False,
        True,
        False,
        True,
        True,
    ]
    assert (found.silent, found.simulated) == ((), False)
    assert found.text.startswith("1. [now]")


def test_an_objection_that_quotes_an_action_is_about_no_other() -> None:
    """Words in common with a neighbour do not turn one objection into two."""
    options = [option.text for option in next(load_suite("demo").items()).case.options]
    critique = listed(*(f"REMOVE: {option} - needless" for option in options))
    found = advice(
        turn("generator-1", "aspen", listed(*options)),
        turn("critic-1", "cedar", critique, "generator-1"),
        turn("aggregator", "birch", listed(*options)),
    )
    assert [[note.action for note in action.objections] for action in found.actions] == [
        [option] for option in options
    ]
    assert found.unheeded == ()


def test_an_objection_to_what_the_plan_keeps_makes_it_disputed() -> None:
    found = advice(
        turn("generator-1", "aspen", listed(METOPROLOL)),
        turn("critic-1", "cedar", f"1. CHANGE: {METOPROLOL} - 12.5 mg, she is 90", "generator-1"),
        turn("aggregator", "birch", listed(METOPROLOL)),
    )
    (action,) = found.actions
    assert action.objections == (
        AgentObjection(CRITIC, "generator-1", "change", METOPROLOL, "12.5 mg, she is 90"),
    )
    assert action.disputed


def test_a_solos_plan_is_its_own_proposal() -> None:
    found = advice(turn("generator-1", "aspen", listed(ASPIRIN, HEART)))
    assert named(found.actions) == {ASPIRIN: ((ONE,), ()), HEART: ((ONE,), ())}
    assert (found.dropped, found.unheeded) == ((), ())
    assert not any(action.disputed for action in found.actions)


def test_a_relays_guardians_propose_too_but_not_the_last() -> None:
    found = advice(
        turn("generator-1", "aspen", listed(ASPIRIN, XRAY)),
        turn("guardian-1", "birch", listed(ASPIRIN, HEART), "generator-1"),
        turn("guardian-2", "cedar", listed(ASPIRIN, HEART, DIET), "guardian-1"),
    )
    guardian = "guardian-1 (birch)"
    assert named(found.actions) == {
        ASPIRIN: ((ONE, guardian), ()),
        HEART: ((guardian,), (ONE,)),
        DIET: ((), (ONE, guardian)),
    }
    assert named(found.dropped) == {XRAY: ((ONE,), (guardian,))}


def test_who_gave_nothing_proposes_nothing_and_is_named() -> None:
    found = advice(
        turn("generator-1", "aspen", listed(ASPIRIN)),
        turn("generator-2", "birch", listed(XRAY), outcome=Outcome.TRUNCATED),
        turn("critic-1", "cedar", f"1. REMOVE: {ASPIRIN}", "generator-1", Outcome.REFUSAL),
        turn("aggregator", "birch", listed(ASPIRIN)),
    )
    assert named(found.actions) == {ASPIRIN: ((ONE,), ())}
    assert (found.dropped, found.unheeded) == ((), ())
    assert found.silent == (f"{TWO}: truncated", f"{CRITIC}: refusal")


@pytest.mark.parametrize("plan", ["", "\x1b[31m", "No action is recommended.", "```", "1.", "\u2028"])  # fmt: skip
def test_a_plan_that_says_nothing_drops_what_was_proposed(plan: str) -> None:
    found = advice(turn("generator-1", "aspen", listed(ASPIRIN)), turn("aggregator", "birch", plan))
    assert named(found.dropped) == {ASPIRIN: ((ONE,), ())}


SOME = st.lists(st.sampled_from(ACTIONS), unique=True, min_size=1)
NOTES = st.lists(st.tuples(st.sampled_from(["ADD", "REMOVE", "CHANGE"]), st.sampled_from(ACTIONS)))


@settings(max_examples=40, deadline=None)
@given(SOME, SOME, SOME, NOTES)
def test_every_action_and_every_objection_stands_once(
    first: list[str], second: list[str], final: list[str], notes: list[tuple[str, str]]
) -> None:
    """Of actions that no word matcher confuses, the accounts are those of sets."""
    critique = listed(*(f"{kind}: {action} - so" for kind, action in notes)) or "No change."
    found = advice(
        turn("generator-1", "aspen", listed(*first)),
        turn("generator-2", "birch", listed(*second)),
        turn("critic-1", "cedar", critique, "generator-2"),
        turn("aggregator", "cedar", listed(*final)),
    )
    assert [action.action for action in found.actions] == final
    proposed = list(dict.fromkeys(first + second))
    assert [a.action for a in found.dropped] == [a for a in proposed if a not in final]
    for action in (*found.actions, *found.dropped):
        assert (ONE in action.proposed_by, TWO in action.proposed_by) == (
            action.action in first,
            action.action in second,
        )
        assert {*action.proposed_by, *action.not_by} == {ONE, TWO}
        kinds = [kind.lower() for kind, about in notes if about == action.action]
        assert [note.kind for note in action.objections] == kinds
    heard = {action.action for action in (*found.actions, *found.dropped)}
    assert [note.action for note in found.unheeded] == [a for _, a in notes if a not in heard]


@settings(max_examples=40, deadline=None)
@given(st.text(), st.text(), st.text())
def test_no_text_of_a_model_breaks_it(draft: str, critique: str, plan: str) -> None:
    found = advice(
        turn("generator-1", "aspen", draft),
        turn("critic-1", "cedar", critique, "generator-1"),
        turn("aggregator", "birch", plan),
    )
    assert found.text == plan
    assert all(len((*a.proposed_by, *a.not_by)) == 1 for a in (*found.actions, *found.dropped))
