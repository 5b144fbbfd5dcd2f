"""agents/roles/voting.py: drafts counted by a rule, option by option, or action by action."""

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.agents.models.client import Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.plan_wording import NO_ACTION
from primum.agents.protocols.protocol import Protocol
from primum.agents.replies.menu import parse_grades
from primum.agents.replies.plan import extract_actions
from primum.agents.replies.reader import Reader
from primum.agents.roles.record import Material, Question
from primum.agents.roles.voting import agree, count, passes
from primum.agents.specs.model import AgentSpec
from primum.agents.specs.rule import Rule
from primum.agents.turns.transcript import Call, Turn
from primum.cases.model import MenuOption, PublicCase

MENU, PLAN = Protocol(), Protocol(name="plan", form="concise")
OPTIONS = range(1, 5)
CASE = PublicCase(
    id="Card1",
    presentation="?",
    menu=tuple(MenuOption(number=n, category="Medication", text=f"Drug {n}") for n in OPTIONS),
)
TENTHS = st.integers(1, 12)
Tie = Literal["include", "exclude"]
TIES: st.SearchStrategy[Tie] = st.sampled_from(["include", "exclude"])


def draft(number: int, text: str) -> Turn:
    call = Call("k", "m", Reply(outcome=Outcome.OK, text=text))
    grades = (
        parse_grades(text, list(OPTIONS), complete=True, reader=Reader.STRICT).value
        if text.startswith("[")
        else ()
    )
    return Turn(f"generator-{number}", "generator", "m", Outcome.OK, "", grades, (call,))


def menu(number: int, chosen: set[int]) -> Turn:
    rows = [
        {"Option": n, "GradeAI": "Appropriate" if n in chosen else "Inappropriate"} for n in OPTIONS
    ]
    return draft(number, json.dumps(rows))


def plans(*texts: str) -> list[Turn]:
    return [draft(number, text) for number, text in enumerate(texts, 1)]


async def nobody(request: Request, agent: AgentSpec) -> Reply:
    raise AssertionError(f"a rule asks no model, and {agent.model} was asked {request.key}")


def counted_by(
    rule: Rule,
    drafts: list[Turn],
    protocol: Protocol = PLAN,
    weights: Mapping[str, Fraction] | None = None,
) -> Turn:
    material = Material(tuple(drafts), weights=weights or {})
    found = count(rule, Question(protocol, CASE, 1, nobody), material)
    assert found
    return found


def counted(rule: Any, *texts: str) -> list[str]:
    return counted_by(Rule.model_validate(rule), plans(*texts)).text.splitlines()


@given(st.lists(st.tuples(TENTHS, st.sets(st.sampled_from(OPTIONS))), min_size=1, max_size=6), TIES)
def test_weights_are_added_as_they_are_written(
    drafts: list[tuple[int, set[int]]], tie: Tie
) -> None:
    """Tenths are not exact in binary; the slow twin counts in whole tenths."""
    rule = Rule(name="weighted", weights=tuple(tenths / 10 for tenths, _ in drafts), tie=tie)
    weights = {f"generator-{n}": Fraction(str(weight)) for n, weight in enumerate(rule.weights, 1)}
    turns = [menu(number, chosen) for number, (_, chosen) in enumerate(drafts, 1)]
    found = {g.option for g in counted_by(rule, turns, MENU, weights).grades if g.appropriate}
    whole = sum(tenths for tenths, _ in drafts)
    for option in OPTIONS:
        votes = sum(tenths for tenths, chosen in drafts if option in chosen)
        assert (option in found) == (2 * votes > whole or (2 * votes == whole and tie == "include"))


@given(
    st.integers(1, 6).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
    st.integers(1, 6),
    TIES,
)
def test_each_rule_counts_drafts_as_its_name_says(have: tuple[int, int], k: int, tie: Tie) -> None:
    of, votes = have
    said = {
        Rule(name="union"): votes >= 1,
        Rule(name="intersection"): votes == of,
        Rule(name="k-of-n", k=k): votes >= k,
        Rule(name="majority", tie=tie): votes > of - votes
        or (tie == "include" and 2 * votes == of),
    }
    for rule, wanted in said.items():
        assert passes(rule, Fraction(votes), Fraction(of), votes) == wanted


@given(st.lists(st.sets(st.sampled_from(OPTIONS)), min_size=1, max_size=4))
def test_menus_agree_where_they_recommend_the_same(chosen: list[set[int]]) -> None:
    drafts = [menu(number, options) for number, options in enumerate(chosen, 1)]
    assert agree(drafts, MENU) == all(options == chosen[0] for options in chosen)


def test_an_action_is_said_as_the_first_draft_says_it() -> None:
    assert counted(
        "majority",
        "1. [now] Order a chest X-ray. Why: cough",
        "- Order a chest x-ray today",
        "Refer to pulmonology. Order chest X-ray.",
    ) == ["1. [now] Order a chest X-ray. Why: cough"]


def test_two_actions_of_one_draft_are_one_vote() -> None:
    assert counted("majority", "1. Order test A.\n2. Order test A.", "1. Rest.", "1. Walk.") == [
        NO_ACTION
    ]
    assert counted("union", "1. Order test A.\n2. order TEST a") == ["1. Order test A."]


OTHERS = [
    ("Start aspirin 81 mg daily", "Start aspirin 325 mg daily"),
    ("Recheck potassium in 2 weeks", "Recheck potassium in 6 weeks"),
    ("Start warfarin today", "Do not start warfarin today"),
    ("Start metoprolol 25 mg twice daily", "Stop metoprolol 25 mg twice daily"),
    ("Give the contrast agent for CT", "Give no contrast agent for CT"),
    ("Increase lisinopril to 20 mg daily", "Decrease lisinopril to 20 mg daily"),
    ("CT of the chest with contrast", "CT of the chest without contrast"),
    ("Start spironolactone 100 mg by mouth once daily", "Start thiamine 100 mg by mouth daily"),
    ("Order CT of the chest to look for thymoma", "Order MRI of the chest to look for thymoma"),
    ("Start oral vancomycin 125 mg", "Start IV vancomycin 125 mg"),
    ("Order an MRI", "Order an MRI of the lumbar spine without delay"),
    ("Order test A", "Refer to cardiology"),
]


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_opposites_and_other_numbers_are_other_actions(one: str, other: str) -> None:
    """Most of the words do not make a stop of a start, nor thiamine of spironolactone."""
    assert counted("union", one, other) == [f"1. {one}", f"2. {other}"]
    assert counted("intersection", one, other) == [NO_ACTION]
    assert not agree(plans(one, other), PLAN)
    assert agree(plans(one, one), PLAN)


SAME = [
    ("Order complete blood count with differential", "Complete blood count, differential, smear"),
    ("Order a chest X-ray", "order chest X-ray"),
    ("Start apixaban 5 mg twice daily", "Start apixaban 5mg twice daily"),
    ("Do not stop aspirin before the biopsy", "Don't stop aspirin before the biopsy"),
    ("Withhold metformin before contrast", "Hold metformin before contrast"),
    ("Reserve 1,000 ml", "Reserve 1000 ml"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_words_that_matter_are_enough(one: str, other: str) -> None:
    assert counted("intersection", one, other) == [f"1. {one}"]
    assert agree(plans(one, other), PLAN)


def test_a_plan_of_nothing_is_a_plan() -> None:
    assert counted("union", NO_ACTION, NO_ACTION) == [NO_ACTION]
    assert counted("majority", NO_ACTION, NO_ACTION, "Rest.") == [NO_ACTION]
    assert agree(plans(NO_ACTION, NO_ACTION), PLAN)
    assert not agree(plans(NO_ACTION, "Rest."), PLAN)


@given(
    st.lists(
        st.lists(st.sampled_from("rest walk swim run sit stand".split()), max_size=5, unique=True),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from(["union", "majority", "intersection"]),
)
def test_what_is_counted_is_a_plan_of_its_actions(listed: list[list[str]], name: Any) -> None:
    """The words that so many drafts have, in the order in which they were first said."""
    texts = ["\n".join(f"{n}. {w}" for n, w in enumerate(ws, 1)) or NO_ACTION for ws in listed]
    text = counted_by(Rule(name=name), plans(*texts)).text
    votes = {word: sum(word in words for words in listed) for words in listed for word in words}
    least = {"union": 1, "majority": len(listed) // 2 + 1, "intersection": len(listed)}[name]
    assert [action.text for action in extract_actions(text)] == [
        word for word, number in votes.items() if number >= least
    ]


def test_an_action_with_parts_stays_one() -> None:
    text = "1. Start drug B:\n   - 5 mg at night\n   - with food\n2. Rest."
    merged = "\n".join(counted("union", text))
    assert [a.text for a in extract_actions(merged)] == [a.text for a in extract_actions(text)]
