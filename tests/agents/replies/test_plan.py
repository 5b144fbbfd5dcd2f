"""agents/replies/plan.py: actions as models write them."""

import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from primum.agents.replies.lists import list_items
from primum.agents.replies.objections import extract_objections
from primum.agents.replies.plan import PlannedAction, extract_actions
from primum.tests.agents.replies.written import ACTION, WILD, WORD

URGENCY = st.sampled_from(["now", "today", "this week", "routine", None])
PLANNED = st.tuples(ACTION, URGENCY, st.just("") | st.lists(WORD, min_size=1).map(" ".join))
Planned = tuple[str, str | None, str]


def texts(reply: str) -> list[str]:
    return [action.text for action in extract_actions(reply)]


def numbered(number: int, action: Planned) -> str:
    text, urgency, why = action
    return f"{number}. {f'[{urgency}] ' if urgency else ''}{text}.{f' Why: {why}' if why else ''}"


def bold(number: int, action: Planned) -> str:
    text, urgency, why = action
    tag = f"**[{urgency.capitalize()}]** " if urgency else ""
    return f"**{number}.** {tag}**{text}.**\n   \n   *Rationale:* {why}\n" if why else (
        f"**{number}.** {tag}**{text}.**\n"
    )  # fmt: skip


def hashed(number: int, action: Planned) -> str:
    text, urgency, why = action
    return "\n".join(
        [f"### {number}) {text}."]
        + ([f"   (urgency: {urgency})"] if urgency else [])
        + ([f"- **Reason:** {why}"] if why else [])
    )


def bulleted(_: int, action: Planned) -> str:
    text, urgency, why = action
    tag = f" ({urgency})" if urgency else ""
    return f"•\t{text}.{tag}" + (f"\n\twhy: {why}" if why else "")


@given(WILD)
@example("1. **")
@example("1. Why:")
@example("## Plan")
@example("x\r1. y")
def test_whatever_is_said_spans_lie_in_it_apart_and_in_order(reply: str) -> None:
    at = 0
    for action in extract_actions(reply):
        assert at <= action.start < action.end <= len(reply)
        assert action.text
        assert action.text == " ".join(action.text.split())
        at = action.end
    numbers = [action.number for action in extract_actions(reply)]
    assert numbers == sorted(set(numbers))
    for objection in extract_objections(reply):
        assert objection.action


@given(WILD)
@example("Order:\n1. ")
def test_what_says_anything_has_an_action(reply: str) -> None:
    says = any(character.isalpha() for character in re.sub(r"(```|~~~)\w*", "", reply))
    nothing = "no action is recommended" in reply.lower()
    assert extract_actions(reply) or nothing or not says


@pytest.mark.parametrize(
    "blank", ["", "  \n\t\r\n ", "---\n\n***", "1. \n2. \n", "No action is recommended."]
)
def test_a_blank_reply_and_one_that_recommends_nothing_have_no_action(blank: str) -> None:
    assert extract_actions(blank) == ()


@given(
    st.lists(PLANNED, min_size=1, max_size=12),
    st.sampled_from([numbered, bold, hashed, bulleted]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "## My plan\n\n", "Thank you for asking.\n\n**Recommendation:**\n"]),
    st.sampled_from(["", "\n\nWith kind regards, yours truly."]),
)
def test_a_list_that_was_written_is_drawn_again(
    plan: list[Planned], write: object, ending: str, before: str, after: str
) -> None:
    assert callable(write)
    reply = before + "\n".join(write(n, action) for n, action in enumerate(plan, 1))
    reply = (reply if write is hashed else reply + after).replace("\n", ending)
    drawn = extract_actions(reply)
    assert [(a.text, a.urgency, a.why) for a in drawn] == [(f"{t}.", u, w) for t, u, w in plan]
    assert [action.number for action in drawn] == list(range(1, len(plan) + 1))
    for action, (text, _, _) in zip(drawn, plan, strict=True):
        assert text in reply[action.start : action.end]


def test_the_form_that_is_asked_for() -> None:
    reply = "1. [now] Start heparin 80 units/kg IV. Why: massive embolism - likely."
    assert extract_actions(reply) == (
        PlannedAction(
            number=1,
            text="Start heparin 80 units/kg IV.",
            urgency="now",
            why="massive embolism - likely.",
            start=0,
            end=len(reply),
        ),
    )


def test_headings_restart_the_numbers_and_end_an_item() -> None:
    reply = (
        "## Now\n1. Order CT\n2. Start A\n\nToday:\n\n1. Stop B\n   - also C\n\n"
        "**This week**\n1) Refer to D\n"
    )
    drawn = extract_actions(reply)
    assert [(a.number, a.text) for a in drawn] == [
        (1, "Order CT"), (2, "Start A"), (3, "Stop B also C"), (4, "Refer to D"),
    ]  # fmt: skip
    assert reply[drawn[1].start : drawn[1].end] == "2. Start A"


def test_numbers_that_rise_are_kept() -> None:
    assert [action.number for action in extract_actions("2. Order A\n5. Start B")] == [2, 5]


def test_an_item_has_its_lines_its_bullets_and_its_own_list_but_no_closing_words() -> None:
    reply = (
        "1. Order labs:\n   1. potassium\n   2. creatinine\n\n   within the day\n"
        "2. Start A\nand B\n\n- with food\n\nI hope that this helps.\n"
    )
    assert texts(reply) == [
        "Order labs: potassium creatinine within the day",
        "Start A and B with food",
    ]


@pytest.mark.parametrize(
    ("said", "urgency"),
    [
        ("[today] Order CT", "today"),
        ("**[Today]** Order CT", "today"),
        ("[**This Week**]: Order CT", "this week"),
        ("**Now:** Order CT", "now"),
        ("NOW - Order CT", "now"),
        ("Order CT (urgent)", "today"),
        ("(STAT) Order CT", "now"),
        ("[urgency: routine] Order CT", "routine"),
        ("Order CT", None),
    ],
)
def test_urgency_is_read_as_models_write_it(said: str, urgency: str | None) -> None:
    (action,) = extract_actions(f"1. {said}")
    assert (action.text, action.urgency) == ("Order CT", urgency)


@pytest.mark.parametrize(
    "text", ["[soon] Order CT", "[18F]FDG PET of the chest", "Order routine labs"]
)
def test_an_urgency_that_is_not_known_is_none_and_its_words_stay(text: str) -> None:
    (action,) = extract_actions(f"1. {text}")
    assert (action.text, action.urgency) == (text, None)


@pytest.mark.parametrize(
    "said",
    [
        "Order CT. Why: it hurts", "Order CT. **Why:** it hurts", "Order CT. (Reason: it hurts)",
        "Order CT.\n   Rationale: it\n   hurts", "Order CT.\n\nWhy: it hurts", "**Order CT.** — *Why*: it hurts",
        "Order CT.\n   - why: it hurts", "Order CT.\n\n**Rationale**\nit hurts",
    ],
)  # fmt: skip
def test_the_reason_is_taken_apart(said: str) -> None:
    for reply in (f"1. {said}", f"- {said}\n- Else"):
        action = extract_actions(reply)[0]
        assert (action.text, action.why) == ("Order CT.", "it hurts"), reply


def test_marks_go_and_a_star_of_a_name_stays() -> None:
    assert texts("1. **Order** *HLA-B*57:01* and HLA-A*31:01 `now`") == [
        "Order *HLA-B*57:01* and HLA-A*31:01 now"
    ]
    assert texts("1. _Order_ HLA-B*57:01, __then__ *start*") == ["Order HLA-B*57:01, then start"]


def test_without_a_list_every_sentence_is_an_action() -> None:
    reply = (
        "# Advice\n\nOrder an ECG today, e.g. MRI can wait. Start aspirin 81.5 mg daily! "
        "Why: chest pain.\n\nRefer to Dr. Who\nwithin the week."
    )
    assert texts(reply) == [
        "Order an ECG today, e.g. MRI can wait.",
        "Start aspirin 81.5 mg daily!",
        "Refer to Dr. Who within the week.",
    ]
    assert list_items(reply) == ()


def test_a_reason_stays_with_the_sentence_it_explains() -> None:
    reply = "Order a CT. Why: it hurts. Stop A.\n\n**Rationale:** it bleeds."
    drawn = [(action.text, action.why) for action in extract_actions(reply)]
    assert drawn == [("Order a CT.", "it hurts."), ("Stop A.", "it bleeds.")]


def test_a_reply_of_nothing_but_headings_still_says_what_to_do() -> None:
    assert texts("**Stop metformin**") == ["Stop metformin"]


@pytest.mark.parametrize(
    "line", ["2024: seen in simulated_models", "1.5 mg of A", "10:30 today", "98.6 F"]
)
def test_a_figure_at_the_head_of_a_line_is_no_number_of_an_item(line: str) -> None:
    assert len(list_items(f"1. Order A\n2. Start B\n{line}")) == 2


def test_published_answers_all_have_actions(mast_open: Path) -> None:
    lines = (mast_open / "examples" / "gpt-5.5.jsonl").read_text().splitlines()
    replies = [json.loads(line)["response"] for line in lines]
    drawn = [extract_actions(reply) for reply in replies]
    assert replies
    assert min(len(actions) for actions in drawn) >= 2
    assert not [a.text for actions in drawn for a in actions if "**" in a.text]


@pytest.mark.parametrize(
    "piece", ["a. ", "* ", "**", "1. x\n", " ", "*a ", "(", "[now ", "why: ", "\n\n**b"]
)
def test_a_reply_without_end_is_read_in_no_time(piece: str) -> None:
    started = time.process_time()
    extract_actions(piece * 50_000)
    extract_objections(piece * 50_000)
    assert time.process_time() - started < 10
