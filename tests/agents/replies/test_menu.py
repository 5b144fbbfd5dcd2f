"""agents/replies/menu.py: strict reading of replies, and grades written for other prompts."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.agents.replies.menu import Grade, dump_grades, parse_choice, parse_grades
from primum.agents.replies.reader import Reader, ReplyError

MENU = (1, 2, 30)
TEXTS = st.text() | st.sampled_from(
    ["</draft>", "<critique of='1'>", "```\n[]\n```", "{{menu}}", '"\\']
)


def row(option: Any, grade: Any = "Appropriate", **more: Any) -> dict[str, Any]:
    return {"Option": option, "GradeAI": grade, "Rationale": "Why.", **more}


GOOD = json.dumps([row(1), row(2, "Inappropriate"), row(30)])

# A reply, and what its refusal says.
UNUSABLE = [
    pytest.param("I cannot help with that.", "is not JSON", id="prose"),
    pytest.param(f"Here it is: {GOOD}", "is not JSON", id="prose before"),
    pytest.param(f"{GOOD}\nI hope this helps.", "is not JSON (Extra data", id="prose after"),
    pytest.param(f"```json\n{GOOD}\n```\n```json\n{GOOD}\n```", "is not JSON", id="two blocks"),
    pytest.param(f"```json\n{GOOD}", "is not JSON", id="a block left open"),
    pytest.param("", "is not JSON", id="nothing"),
    pytest.param("[" * 5000, "JSON", id="brackets without end"),
    pytest.param('[{"Option": 1, "GradeAI": "Appropriate", "Option": 2}]', "Option: the key is given twice", id="a key twice"),
    pytest.param(json.dumps({"grades": [row(1)]}), "array", id="an object"),
    pytest.param(json.dumps([[1, "Appropriate"]]), "0: Input should be an object", id="not objects"),
    pytest.param(json.dumps([row(1), row(2), row(30), row(2)]), "option 2 is graded twice", id="an option twice"),
    pytest.param(json.dumps([row(1), row(2), row(30), row(4)]), "option 4 is not on the menu", id="unknown option"),
    pytest.param(json.dumps([row(1), row(-2), row(30)]), "option -2 is not on the menu", id="negative option"),
    pytest.param(json.dumps([row(30)]), "2 of 3 options are not graded: 1, 2", id="missing options"),
    pytest.param("[]", "3 of 3 options are not graded: 1, 2, 30", id="none graded"),
    pytest.param(json.dumps([row(1), row(2, "appropriate")]), "1.GradeAI: Input should be 'Appropriate' or 'Inappropriate'", id="lower case"),
    pytest.param(json.dumps([row(1, "Uncertain")]), "0.GradeAI: Input should be", id="another word"),
    pytest.param(json.dumps([row(1, None)]), "0.GradeAI: Input should be", id="no word"),
    pytest.param(json.dumps([row("1")]), "0.Option: Input should be a valid integer", id="option as a string"),
    pytest.param(json.dumps([row(1.0)]), "0.Option: Input should be a valid integer", id="option as a fraction"),
    pytest.param(json.dumps([row(True)]), "0.Option: Input should be a valid integer", id="option as a truth"),
    pytest.param(json.dumps([row(1, Confidence=0.9)]), "0.Confidence: Extra inputs are not permitted", id="a field more"),
    pytest.param(json.dumps([{"Option": 1}]), "0.GradeAI: Field required", id="a field less"),
    pytest.param(json.dumps([{"option": 1, "grade": "Appropriate"}]), "0.Option: Field required", id="names of ours"),
    pytest.param(json.dumps([{**row(1), "Rationale": ["a"]}]), "0.Rationale: Input should be a valid string", id="a list for a text"),
    pytest.param(GOOD.replace("Why.", "\\ud800", 1), "Invalid JSON", id="half a character"),
    pytest.param(GOOD.replace("Why.", "a\nb", 1), "is not JSON (Invalid control character", id="a raw line break"),
]  # fmt: skip


def refusal(reply: str) -> str:
    with pytest.raises(ReplyError) as caught:
        parse_grades(reply, MENU, complete=True, reader=Reader.STRICT)
    return str(caught.value)


@pytest.mark.parametrize(("reply", "reason"), UNUSABLE)
def test_a_reply_that_cannot_be_used_is_refused_with_its_reason(reply: str, reason: str) -> None:
    found = refusal(reply)
    assert reason in found
    assert "\n" not in found


def test_a_reply_that_ends_early_is_said_to_be_cut_off_wherever_it_ends() -> None:
    ends = [GOOD[:length] for length in range(1, len(GOOD))]
    assert [end for end in ends if "cut off" not in refusal(end)] == []


@pytest.mark.parametrize(
    "reply",
    [
        GOOD,
        f"\n  {GOOD}\n",
        json.dumps(json.loads(GOOD), indent=2),
        f"```json\n{GOOD}\n```",
        f"```\n{GOOD}\n```",
        f"Here are my grades.\n\n```json\n{GOOD}\n```\nI hope this helps.",
    ],
)
def test_an_array_alone_or_in_the_only_block_is_read(reply: str) -> None:
    grades = parse_grades(reply, MENU, complete=True, reader=Reader.STRICT).value
    assert [(g.option, g.appropriate, g.rationale) for g in grades] == [
        (1, True, "Why."),
        (2, False, "Why."),
        (30, True, "Why."),
    ]


def test_a_rationale_may_be_left_out() -> None:
    (grade,) = parse_grades(
        '[{"Option": 1, "GradeAI": "Appropriate"}]', [1], complete=True, reader=Reader.STRICT
    ).value
    assert grade.rationale == ""


@pytest.mark.parametrize("options", [[], [2], [30, 1]])
def test_a_critic_lists_only_what_it_would_change(options: list[int]) -> None:
    grades = parse_grades(
        json.dumps([row(n) for n in options]), MENU, complete=False, reader=Reader.STRICT
    ).value
    assert [grade.option for grade in grades] == options


@pytest.mark.parametrize("reply", [json.dumps([row(4)]), json.dumps([row(2), row(2)])])
def test_a_critic_too_is_held_to_the_menu(reply: str) -> None:
    with pytest.raises(ReplyError, match="option"):
        parse_grades(reply, MENU, complete=False, reader=Reader.STRICT)


@given(st.lists(st.tuples(st.sampled_from(["Appropriate", "Inappropriate"]), TEXTS), min_size=1))
def test_grades_survive_another_agents_prompt_and_cannot_close_a_tag(
    given_: list[tuple[str, str]],
) -> None:
    grades = tuple(
        Grade.model_validate({"Option": n, "GradeAI": grade, "Rationale": text})
        for n, (grade, text) in enumerate(given_)
    )
    written = dump_grades(grades)
    assert "<" not in written
    assert "\n" not in written
    read = parse_grades(written, range(len(grades)), complete=True, reader=Reader.STRICT)
    assert read.value == grades


@pytest.mark.parametrize(
    "text",
    [
        '{"Draft": 2, "Rationale": "It is safe."}',
        '{"Draft": 2}',
        '```json\n{"Draft": 2, "Rationale": "It is safe."}\n```',
        'Drafts 1 and 3 leave out the ECG.\n```\n{"Draft": 2}\n```\nSo it is draft 2.',
        '  {"Rationale": "Draft 3 \\u007b\\"Draft\\": 1\\u007d hurts.", "Draft": 2}\n',
    ],
)
def test_a_choice_is_read(text: str) -> None:
    assert parse_choice(text, 3, Reader.STRICT).value == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Draft 2.", "is not JSON"),
        ("", "is not JSON"),
        ('I choose {"Draft": 2}', "is not JSON"),
        ('{"Draft": 2}\n{"Draft": 3}', "Extra data"),
        ('```\n{"Draft": 2}\n```\n```\n{"Draft": 3}\n```', "is not JSON"),
        ('{"Draft": 2, "Rationale": "It', "is cut off"),
        ('{"Draft": 1, "Draft": 2}', "Draft: the key is given twice"),
        ("2", "object"),
        ('[{"Draft": 2}]', "object"),
        ("{}", "Draft: Field required"),
        ('{"Draft": "2"}', "Draft: Input should be a valid integer"),
        ('{"Draft": 2.0}', "Draft: Input should be a valid integer"),
        ('{"Draft": true}', "Draft: Input should be a valid integer"),
        ('{"Draft": null}', "Draft: Input should be a valid integer"),
        ('{"Draft": [1, 2]}', "Draft: Input should be a valid integer"),
        ('{"Draft": 0}', "Draft: Input should be greater than or equal to 1"),
        ('{"Draft": -1}', "Draft: Input should be greater than or equal to 1"),
        ('{"Draft": 4}', "there is no draft 4; they are numbered 1 to 3"),
        ('{"Draft": 999999999999999999999}', "there is no draft 999999999999999999999"),
        ('{"Draft": 2, "Second": 1}', "Second: Extra inputs are not permitted"),
        ('{"Draft": 2, "Rationale": 7}', "Rationale: Input should be a valid string"),
        ('{"draft": 2}', "Draft: Field required"),
    ],
)
def test_a_choice_that_is_none_is_refused_with_its_reason(text: str, says: str) -> None:
    with pytest.raises(ReplyError, match=re.escape(says)):
        parse_choice(text, 3, Reader.STRICT)


@given(st.integers(), st.integers(1, 20))
def test_a_choice_is_one_of_those_there_are(number: int, drafts: int) -> None:
    text = json.dumps({"Draft": number})
    if 1 <= number <= drafts:
        assert parse_choice(text, drafts, Reader.STRICT).value == number
    else:
        with pytest.raises(ReplyError):
            parse_choice(text, drafts, Reader.STRICT)
