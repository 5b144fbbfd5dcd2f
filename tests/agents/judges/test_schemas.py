"""agents/judges/schemas.py and agents/judges/validation.py: what a judge's reply must be, and what is wrong with it."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.agents.judges.bound_forms import matching_form, review_form
from primum.agents.judges.schemas import (
    Action,
    Finding,
    Matching,
    Override,
    Review,
    parse_matching,
    parse_review,
)
from primum.agents.judges.validation import (
    accepted_overrides,
    complete_matching,
    is_quoted,
    valid_findings,
)
from primum.agents.replies.reader import Reader, ReplyError
from primum.agents.replies.schemas import BoundForm
from primum.prompts.render import template
from primum.tests.agents.replies.portable import require_portable

ANSWER = "1. **Order test A** today.\n2. Start *drug B* \u2013 5\u00a0mg daily; don\u2019t stop it. Recheck in 2 weeks."
KNOWN = [1, 2, 3]


def action(
    number: int, *matches: int, words: str = "Order test A", score: int = 5
) -> dict[str, Any]:
    return {
        "number": number,
        "action": words,
        "category": "Diagnostic",
        "matches": list(matches),
        "score": score,
        "rationale": "",
    }


def finding(option: int, verdict: str = "none", evidence: str = "") -> dict[str, Any]:
    return {"option": option, "verdict": verdict, "evidence": evidence}


def sheet(actions: list[dict[str, Any]], options: list[dict[str, Any]]) -> Matching:
    return parse_matching(
        json.dumps({"actions": actions, "options": options}), KNOWN, reader=Reader.STRICT
    ).value


GOOD: dict[str, Any] = {
    "actions": [action(1, 2)],
    "options": [finding(1), finding(2, "full", "order test a"), finding(3)],
}


@pytest.mark.parametrize(
    "frame", ["{}", "```json\n{}\n```", "Here it is:\n```\n{}\n```\nDone.", "\n {} "]
)
def test_a_reply_is_read_alone_or_as_the_only_fenced_block(frame: str) -> None:
    read = parse_matching(frame.replace("{}", json.dumps(GOOD)), KNOWN, reader=Reader.STRICT).value
    assert [(f.option, f.verdict) for f in read.options] == [(1, "none"), (2, "full"), (3, "none")]
    assert [(a.number, a.matches, a.score) for a in read.actions] == [(1, (2,), 5)]


TEXT = json.dumps(GOOD)
BAD = [
    ("I think option 2 is right.", "is not JSON"),
    ("", "is not JSON"),
    (TEXT[:-40], "is cut off"),
    (TEXT + " " + TEXT, "is not JSON"),
    (f"```\n{TEXT}\n```\n```\n{TEXT}\n```", "is not JSON"),
    ("[" * 100_000, "nested too deeply"),
    (f"[{TEXT}]", "the reply"),
    ('{"actions": []}', "options: Field required"),
    (TEXT.replace('"actions"', '"options"'), "options: the key is given twice"),
    (TEXT.replace('"verdict": "full"', '"verdict": "full", "verdict": "none"'), "verdict: the key is given twice"),
    (TEXT.replace('"verdict": "full"', '"verdict": "yes"'), "options.1.verdict"),
    (TEXT.replace('"option": 2', '"option": "2"'), "options.1.option"),
    (TEXT.replace('"option": 2', '"option": 9'), "option 9 is not on the list"),
    (TEXT.replace("[2]", "[2, 8]"), "option 8 is not on the list"),
    (TEXT.replace('"evidence": ""}', '"evidence": "", "score": 9}', 1), "options.0.score"),
    (TEXT.replace('"score": 5', '"score": 8'), "actions.0.score: is 1, 2 or 3"),
    (TEXT.replace('"Order test A"', '" "'), "actions.0.action: is blank"),
    (TEXT.replace("Diagnostic", "Imaging"), "actions.0.category"),
    (json.dumps({**GOOD, "actions": [action(1, 2), action(1, words="Start B")]}), "two actions are numbered 1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), BAD)
def test_what_does_not_fit_is_refused_with_a_reason(text: str, words: str) -> None:
    with pytest.raises(ReplyError, match=words.replace(".", r"\.")) as caught:
        parse_matching(text, KNOWN, reader=Reader.STRICT)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["[]", '{"overrides": [{"option": 1}]}', '{"overrides": [], "score": 9}', "none"]
)
def test_a_review_that_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(ReplyError):
        parse_review(text, Reader.STRICT)


def test_a_bound_reply_is_read_as_one_that_was_asked_for_in_words() -> None:
    form = matching_form(KNOWN)
    by_option = {
        str(row["option"]): {key: row[key] for key in ("verdict", "evidence")}
        for row in GOOD["options"]
    }
    bound = {**GOOD, "options": by_option}
    jsonschema.validate(bound, form.schema)
    text = form.read(json.dumps(bound))
    assert text
    strict = Reader.STRICT
    assert parse_matching(text, KNOWN, reader=strict) == parse_matching(TEXT, KNOWN, reader=strict)


def test_a_bound_matching_has_a_verdict_on_each_option_and_no_more() -> None:
    row = {"verdict": "none", "evidence": ""}
    whole = {str(option): row for option in KNOWN}
    misfits: list[Any] = [
        {},
        {**whole, "4": row},
        {option: whole[option] for option in ("1", "2")},
        {**whole, "1": {"verdict": "maybe", "evidence": ""}},
        {**whole, "1": {"verdict": "none"}},
        [finding(option) for option in KNOWN],
    ]
    for broken in misfits:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"actions": [], "options": broken}, matching_form(KNOWN).schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(
            {"actions": [action(1, 4)], "options": whole}, matching_form(KNOWN).schema
        )


@pytest.mark.parametrize("form", [matching_form([1, 2]), review_form([1, 2])], ids=lambda f: f.name)
def test_the_forms_have_what_every_provider_takes(form: BoundForm) -> None:
    require_portable(form.schema)


def test_the_prompts_show_the_form_that_is_read() -> None:
    example = template("judge.match").split("Multiple:\n")[1]
    assert [
        f.verdict for f in parse_matching(example, [1, 2], reader=Reader.STRICT).value.options
    ] == ["none", "full"]
    example = template("judge.review").strip().splitlines()[-1]
    assert parse_review(example, Reader.STRICT).value.overrides[0].verdict == "partial"


@pytest.mark.parametrize(
    "evidence",
    [
        "Order test A today.",
        "ORDER  TEST\nA",
        "`Order test A`",
        '"Start drug B - 5 mg daily"',
        "don't stop it",
        "Order test A ... Recheck in 2 weeks",
        "Order test A [\u2026] drug B \u2026",
        "2 weeks",
    ],
)
def test_a_quotation_is_found_whatever_its_marks(evidence: str) -> None:
    assert is_quoted(evidence, ANSWER)


@pytest.mark.parametrize(
    "evidence",
    [
        "",
        " ... ",
        "A",
        "5",
        "**",
        "Order test B",
        "rder test A",
        "Start drug B 5 mg daily and test A",
        "Recheck in 2 weeks ... Order test A",
        "Order test A ... Order test A",
        "Order test A ... d",
        "option 2 is matched",
    ],
)
def test_what_the_answer_does_not_say_is_no_quotation(evidence: str) -> None:
    assert not is_quoted(evidence, ANSWER)


def test_a_script_without_spaces_is_quoted_too() -> None:
    assert is_quoted(
        "\u7acb\u5373\u8f6c\u8bca", "\u5efa\u8bae\u7acb\u5373\u8f6c\u8bca\u5fc3\u810f\u79d1\u3002"
    )


@given(st.lists(st.text("abcdefghij", min_size=2, max_size=6), min_size=1, max_size=12), st.data())
def test_every_run_of_words_of_an_answer_is_a_quotation(words: list[str], data: Any) -> None:
    start = data.draw(st.integers(0, len(words) - 1))
    end = data.draw(st.integers(start + 1, len(words)))
    marks = data.draw(
        st.lists(st.sampled_from(["", "*", "**", "_"]), min_size=len(words), max_size=len(words))
    )
    answer = "\n".join(f"{mark}{word}{mark}" for mark, word in zip(marks, words, strict=True))
    assert is_quoted(" ".join(words[start:end]).upper(), answer)
    assert not is_quoted(" ".join([*words[start:end], "zzz"]), answer)


SHOWN = finding(2, "full", "Order test A")
NO_QUOTE = "the evidence is not in the answer word for word"
TROUBLES = [
    ([action(1, 2)], [finding(1), SHOWN, finding(3)], {}),
    ([action(1, 2)], [finding(1), SHOWN], {3: "left out"}),
    ([], [finding(1), finding(2), finding(3)], {}),
    ([action(1, 2)], [finding(1), SHOWN, finding(2), finding(3)], {2: "given twice, with different verdicts"}),
    ([action(1, 2)], [finding(1), finding(2, "full", "made up"), SHOWN, finding(3)], {}),
    ([action(1, 2)], [finding(1), finding(2, "partial", "made up words"), finding(3)], {2: NO_QUOTE}),
    ([action(1, 2)], [finding(1), finding(2, "full"), finding(3)], {2: NO_QUOTE}),
    ([action(1, 2, 3)], [finding(1), SHOWN, finding(3)], {3: "none, yet an action matches it"}),
    ([], [finding(1), SHOWN, finding(3)], {2: "matched, yet no action is listed"}),
    ([action(1, 3)], [finding(2, "full", "x"), finding(3)], {1: "left out", 2: NO_QUOTE, 3: "none, yet an action matches it"}),
]  # fmt: skip


@pytest.mark.parametrize(("actions", "options", "troubles"), TROUBLES)
def test_each_option_has_one_sound_verdict_or_a_trouble(
    actions: list[Any], options: list[Any], troubles: dict[int, str]
) -> None:
    findings, found = valid_findings(sheet(actions, options), KNOWN, ANSWER)
    assert found == troubles
    assert set(findings) == set(KNOWN) - set(troubles)
    assert all(is_quoted(f.evidence, ANSWER) for f in findings.values() if f.verdict != "none")


def test_a_second_sheet_counts_for_the_options_asked_and_no_others() -> None:
    first = sheet(
        [action(1, 1, 2), action(2, 3, words="Start drug B")],
        [finding(1), SHOWN, finding(3, "full", "made up")],
    )
    second = sheet(
        [action(2, 2, 3, words="Start drug B"), action(3, 2, 3, words="Recheck")],
        [finding(1), finding(2), finding(3, "partial", "drug B")],
    )
    merged = complete_matching(first, second, {1, 3})
    assert {f.option: f.verdict for f in merged.options} == {1: "none", 2: "full", 3: "partial"}
    assert [(a.number, a.matches) for a in merged.actions] == [(1, (2,)), (2, (3,)), (3, (3,))]


def test_a_number_stays_with_its_action() -> None:
    first = sheet([action(1, 2)], [])
    again = {"actions": [action(1, 3, words="Start drug B")], "options": []}
    with pytest.raises(ReplyError, match="action 1 was another action before"):
        parse_matching(json.dumps(again), KNOWN, first, reader=Reader.STRICT)
    again["actions"] = [action(1, 3, words=" Order  test A"), action(2, 3, words="Start drug B")]
    assert (
        len(parse_matching(json.dumps(again), KNOWN, first, reader=Reader.STRICT).value.actions)
        == 2
    )


def override(option: int, verdict: Any, evidence: str = "Order test A") -> Override:
    return Override(option=option, verdict=verdict, evidence=evidence, why="So it says.")


OVERRIDES = [
    ([override(1, "full")], {1: "full"}, ""),
    ([override(2, "none")], {2: "none"}, ""),
    ([override(1, "full"), override(1, "full")], {1: "full"}, ""),
    ([override(1, "full", "made up"), override(1, "full")], {1: "full"}, "not in the answer"),
    ([override(99, "full"), override(3, "partial")], {3: "partial"}, "option 99 does not exist"),
    ([override(1, "none")], {}, "option 1 is none already"),
    ([override(2, "none", "")], {}, "option 2: the evidence is not in the answer"),
    ([override(1, "full"), override(1, "partial")], {}, "option 1 is given different verdicts"),
    ([override(2, "full"), override(2, "none")], {}, "option 2 is given different verdicts"),
    ([], {}, ""),
]  # fmt: skip


@pytest.mark.parametrize(("overrides", "stand", "words"), OVERRIDES)
def test_an_override_stands_that_quotes_changes_and_is_not_contradicted(
    overrides: list[Override], stand: dict[int, str], words: str
) -> None:
    findings = {o: Finding(option=o, verdict="none", evidence="") for o in (1, 3)}
    findings[2] = Finding(option=2, verdict="full", evidence="Order test A")
    for order in (overrides, overrides[::-1]):
        found, dropped = accepted_overrides(Review(overrides=tuple(order)), findings, ANSWER)
        assert {option: f.verdict for option, f in found.items()} == stand
        assert bool(dropped) == bool(words)
        assert words in "; ".join(dropped)


def test_an_action_is_kept_as_it_was_given() -> None:
    (read,) = sheet([action(4, 3, 2, score=2)], []).actions
    assert read == Action(
        number=4,
        action="Order test A",
        category="Diagnostic",
        matches=(3, 2),
        score=2,
        rationale="",
    )
