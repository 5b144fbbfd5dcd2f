"""Every form in which judges send verdicts: what a careful person would read is read, nothing else."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from primum.agents.judges.schemas import Matching, parse_matching, parse_review
from primum.agents.judges.validation import is_quoted, valid_findings
from primum.agents.replies.reader import Normalised, Reader, ReplyError

N = Normalised
KNOWN = [1, 2, 3]
ANSWER = "Order test A today. Start drug B."
ACTION = {
    "number": 1, "action": "Order test A", "category": "Diagnostic",
    "matches": [2], "score": 5, "rationale": "",
}  # fmt: skip
FINDINGS = [
    {"option": 1, "verdict": "none", "evidence": ""},
    {"option": 2, "verdict": "full", "evidence": "Order test A"},
    {"option": 3, "verdict": "partial", "evidence": "Start drug B"},
]
GOOD = {"actions": [ACTION, {**ACTION, "number": 2, "action": "Start drug B", "matches": [3]}], "options": FINDINGS}  # fmt: skip
TEXT = json.dumps(GOOD)
REVIEW = {"overrides": [{"option": 2, "verdict": "none", "evidence": "today", "why": "So."}]}


def actions(**change: Callable[[Any], Any]) -> str:
    made = [{k: change.get(k, lambda v: v)(v) for k, v in row.items()} for row in GOOD["actions"]]
    return json.dumps({**GOOD, "actions": made})


def options(**change: Callable[[Any], Any]) -> str:
    made = [{k: change.get(k, lambda v: v)(v) for k, v in row.items()} for row in FINDINGS]
    return json.dumps({**GOOD, "options": made})


READ: list[tuple[str, str, set[N]]] = [
    ("as asked", TEXT, set()),
    ("fenced", f"```JSON\n{TEXT}```", {N.CODE_FENCE}),
    ("prose around", f"Here: {TEXT} I hope it helps.", {N.TEXT_AROUND}),
    ("wrapped", json.dumps({"result": GOOD}), {N.WRAPPER}),
    ("in an array", f"[{TEXT}]", {N.WRAPPER}),
    ("twice alike", f"{TEXT}\n{TEXT}", {N.REPEATED}),
    ("a verdict said once more", f"{TEXT} Above all {json.dumps(FINDINGS[1])}.", {N.TEXT_AROUND}),
    ("encoded twice", json.dumps(TEXT), {N.ENCODED_TWICE}),
    ("Python", repr(GOOD), {N.QUOTES}),
    ("keys in capitals", re.sub(r'"(\w+)":', lambda m: m[0].upper(), TEXT), {N.KEY}),
    ("keys in camel case", TEXT.replace('"options"', '"Options"'), {N.KEY}),
    ("verdicts in capitals", options(verdict=str.capitalize), {N.VERDICT}),
    ("verdicts with more", options(verdict=lambda v: {"none": "no match"}.get(v, f"**{v} match**")), {N.VERDICT}),
    ("null for none", options(verdict=lambda v: None if v == "none" else v), {N.VERDICT}),
    ("Python's None for none", TEXT.replace('"none"', "None"), {N.VERDICT, N.PYTHON}),
    ("options as texts", options(option=str), {N.NUMBER}),
    ("options in words", options(option=lambda n: f"Option {n}"), {N.NUMBER}),
    ("options as an object", json.dumps({**GOOD, "options": {f["option"]: {k: f[k] for k in ("verdict", "evidence")} for f in FINDINGS}}), {N.BY_OPTION}),
    ("numbers as texts", actions(number=str), {N.NUMBER}),
    ("matches as texts", actions(matches=lambda m: [str(n) for n in m]), {N.NUMBER}),
    ("one match without an array", actions(matches=lambda m: m[0]), {N.NUMBER}),
    ("score as a text", actions(score=str), {N.NUMBER}),
    ("score as a fraction", actions(score=float), {N.NUMBER}),
    ("no rationale", actions(rationale=lambda _: None), {N.LEFT_OUT}),
    ("evidence null for none", options(evidence=lambda e: e or None), {N.LEFT_OUT}),
    ("evidence as passages", options(evidence=lambda e: [e] if e else []), {N.RATIONALE}),
    ("a summary", json.dumps({**GOOD, "summary": "ok"}), {N.EXTRA_KEY}),
    ("a key more", options(evidence=lambda e: e).replace('"option":', '"sure": 0.5, "option":'), {N.EXTRA_KEY}),
    ("category in lower case", actions(category=str.lower), {N.CATEGORY}),
    ("category in the plural", actions(category=lambda c: f"{c}s"), {N.CATEGORY}),
]  # fmt: skip


def tolerant(text: str) -> Matching:
    return parse_matching(text, KNOWN, reader=Reader.TOLERANT).value


@pytest.mark.parametrize(("text", "changes"), [pytest.param(t, c, id=n) for n, t, c in READ])
def test_a_form_with_one_meaning_is_read(text: str, changes: set[N]) -> None:
    found = parse_matching(text, KNOWN, reader=Reader.TOLERANT)
    assert found.value == Matching.model_validate_json(TEXT)
    assert found.changes == tuple(sorted(changes))
    verdicts, problems = valid_findings(found.value, KNOWN, ANSWER)
    assert {option: f.verdict for option, f in verdicts.items()} == {1: "none", 2: "full", 3: "partial"}  # fmt: skip
    assert not problems
    if changes:
        with pytest.raises(ReplyError):
            parse_matching(text, KNOWN, reader=Reader.STRICT)


@pytest.mark.parametrize("category", ["Laboratory", "Imaging", "", None, 3, ["Diagnostic"]])
def test_a_category_that_cases_do_not_have_is_recorded_as_unknown(category: Any) -> None:
    """It is for reading only; a guess at the nearest one would be an invention."""
    text = actions(category=lambda _: category)
    found = parse_matching(text, KNOWN, reader=Reader.TOLERANT)
    assert {action.category for action in found.value.actions} == {""}
    assert found.changes == (N.UNKNOWN_CATEGORY,)
    with pytest.raises(ReplyError, match=r"actions\.0\.category"):
        parse_matching(text, KNOWN, reader=Reader.STRICT)


@pytest.mark.parametrize(
    ("name", "category"),
    [("follow up", "Follow-up"), ("FOLLOWUP", "Follow-up"), ("Counselling", "Counseling"),
     ("medications", "Medication"), (" Procedure ", "Procedure")],
)  # fmt: skip
def test_a_category_in_another_spelling_is_known(name: str, category: str) -> None:
    assert tolerant(actions(category=lambda _: name)).actions[0].category == category


REFUSED = [
    ("two that differ", TEXT + TEXT.replace('"full"', '"partial"'), "differ"),
    ("a verdict beside it that differs", f'{TEXT} Sorry: {{"option": 2, "verdict": "none"}}', "beside"),
    ("a verdict by option beside it that differs", f'{TEXT} Sorry: {{"2": "none"}}', "beside"),
    ("cut off", TEXT[:-1], "cut off"),
    ("prose", "Option 2 is matched.", "is not JSON"),
    ("no options", '{"actions": []}', "no object with the keys actions, options"),
    ("another verdict", options(verdict=lambda v: v.replace("full", "yes")), "options.1.verdict"),
    ("two verdicts", options(verdict=lambda v: v.replace("full", "full/partial")), "options.1.verdict"),
    ("a verdict twice, differently", TEXT.replace('"verdict": "full"', '"verdict": "full", "Verdict": "none"'), "verdict: the key is given twice"),
    ("no verdict", json.dumps({**GOOD, "options": [{"option": 1}]}), "options.0.verdict"),
    ("an unknown option", options(option=lambda n: n + 1), "option 4 is not on the list"),
    ("an unknown match", actions(matches=lambda m: [*m, 9]), "option 9 is not on the list"),
    ("an option in letters", options(option=lambda _: "A"), "options.0.option"),
    ("a score between", actions(score=lambda _: 4.5), "actions.0.score"),
    ("no score", actions(score=lambda _: None), "actions.0.score"),
    ("another score", actions(score=lambda _: "8"), "actions.0.score: is 1, 2 or 3"),
    ("a blank action", actions(action=lambda _: " "), "actions.0.action: is blank"),
    ("two of a number", actions(number=lambda _: "1"), "two actions are numbered 1"),
    ("no list", json.dumps({"actions": "none", "options": FINDINGS}), "actions: Input should be"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), [pytest.param(t, r, id=n) for n, t, r in REFUSED])
def test_what_has_no_meaning_or_two_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ReplyError, match=re.escape(reason)):
        tolerant(text)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(REVIEW),
        f"```\n{json.dumps(REVIEW)}",
        json.dumps({"review": REVIEW, "score": 9}),
        json.dumps(REVIEW["overrides"]),
        json.dumps({"Overrides": [{**REVIEW["overrides"][0], "option": "2", "verdict": "None"}]}),
        json.dumps({"overrides": {"2": {**REVIEW["overrides"][0], "more": 1}}}),
    ],
)
def test_a_review_is_read_in_any_form_with_one_meaning(text: str) -> None:
    (override,) = parse_review(text, Reader.TOLERANT).value.overrides
    assert override.model_dump() == REVIEW["overrides"][0]


@pytest.mark.parametrize("text", ["[]", '{"overrides": []}', "No change is needed.\n[]"])
def test_a_review_may_change_nothing(text: str) -> None:
    assert parse_review(text, Reader.TOLERANT).value.overrides == ()


@pytest.mark.parametrize(
    "text",
    ["No change is needed.", "none", "{}", '{"overrides": null}', '{"overrides": [{"option": 1}]}',
     '{"overrides": []', json.dumps([REVIEW, {"overrides": []}])],
)  # fmt: skip
def test_a_review_that_is_none_or_two_is_refused(text: str) -> None:
    with pytest.raises(ReplyError):
        parse_review(text, Reader.TOLERANT)


SIGNS = "Treat if systolic \u2265 180 or K \u2264 3.0; LDL <100, Hb<7. 5 \u00b5g \u2013 2 \u00d7 daily at 37\u00a0\u00b0C (10\u00b2 m\u00b2). It\u2019s \u201csafe\u201d \u2026 \u00b1 \u00bd tablet. pH > 7.3 \u2192 stop."


@pytest.mark.parametrize(
    "evidence",
    [
        "systolic >= 180",
        "systolic >=180",
        "systolic \u2267 180",
        "K <= 3.0",
        "K \u22643.0",
        "LDL < 100",
        "Hb < 7",
        "5 \u03bcg - 2 x daily",
        "5 \u00b5g \u2212 2 \u2715 daily".replace("\u2715", "\u00d7"),
        "at 37 \u00b0C",
        "at 37 \u00baC",
        "at 37 \u2103",
        "(102 m2)",
        'It\'s "safe" ...',
        "It\u00b4s \u00absafe\u00bb",
        "+/- 1/2 tablet",
        "\u00b1 1\u20442 tablet",
        "pH > 7.3 -> stop",
        "pH &gt; 7.3",
        "systolic \u2265 180 ... LDL < 100",
    ],
)
def test_evidence_is_found_whatever_the_form_of_its_signs(evidence: str) -> None:
    assert is_quoted(evidence, SIGNS)


@pytest.mark.parametrize(
    "evidence",
    ["systolic > 180", "systolic <= 180", "systolic 180", "K >= 3.0", "K < 3.0", "LDL <= 100",
     "LDL > 100", "LDL 100", "Hb>7", "pH < 7.3", "pH 7.3", "pH >= 7.3", "5 mg", "2 + daily", "37 C"],
)  # fmt: skip
def test_another_sign_is_not_the_same(evidence: str) -> None:
    assert not is_quoted(evidence, SIGNS)


def test_a_mark_of_citation_is_markdown() -> None:
    assert is_quoted("Order test A today", "> Order test A\n>> today")
