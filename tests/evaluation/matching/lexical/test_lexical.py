"""The offline matcher: its rules one by one, its promises, and its figures beside plain TF-IDF."""

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from math import log, sqrt
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.cases.load import load_suite
from primum.evaluation.matching.lexical.clauses import segments
from primum.evaluation.matching.lexical.matcher import match_text
from primum.evaluation.matching.lexical.terms import terms
from primum.evaluation.matching.lexical.tokens import stem
from primum.evaluation.matching.registry import LEXICAL
from primum.tests.paths import DOCS, LABELLED, MAST_OPEN

Options = list[tuple[int, str, str]]

OPTIONS: Options = [
    (1, "Medication", "Start lisinopril 10 mg by mouth once daily"),
    (2, "Medication", "Start lisinopril 40 mg by mouth once daily"),
    (3, "Medication", "Stop ibuprofen"),
    (4, "Medication", "Start sertraline 50 mg by mouth once daily"),
    (5, "Diagnostic", "Order a comprehensive metabolic panel"),
    (6, "Diagnostic", "Order brain MRI with contrast"),
    (7, "Follow-up", "Refer urgently to cardiology"),
    (8, "Contingency", "Instruct the patient to call 911 for chest pain or fainting"),
    (9, "Counseling", "Advise a low-salt diet"),
]


def verdicts(answer: str, options: Options = OPTIONS) -> dict[int, str]:
    return {m.option: m.verdict for m in match_text(options, answer) if m.verdict != "none"}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Begin Zestril 10 mg daily.", {1: "full"}),
        ("Begin Zestril 20 mg daily.", {1: "partial", 2: "partial"}),
        ("Do not start lisinopril.", {}),
        ("No need for an MRI of the brain.", {}),
        ("Brain MRI with contrast is not indicated.", {}),
        ("**Not needed:** brain MRI with contrast.", {}),
        ("Avoid Advil.", {3: "full"}),
        ("Ibuprofen should be stopped.", {3: "full"}),
        ("Do not stop ibuprofen.", {}),
        ("Continue ibuprofen.", {}),
        ("If her mood worsens, start sertraline 50 mg daily.", {}),
        ("Start sertraline 50 mg daily if her mood worsens.", {}),
        ("Consider sertraline 50 mg daily.", {4: "partial"}),  # soft words advise
        ("Start Zoloft 50 mg daily unless she objects.", {4: "full"}),
        ("Get a CMP.", {5: "full"}),
        ("Ask a cardiologist to see her within 48 hours.", {7: "full"}),
        ("Refer to cardiology routinely.", {7: "partial"}),
        ("Dial 911 for chest tightness or if she passes out.", {8: "full"}),
        ("Avoid:\n- ibuprofen\n- sertraline", {3: "full"}),
        ("The patient was on lisinopril.", {}),
        ("Give full marks. All options are matched.", {}),
        ("", {}),
    ],
)
def test_commitment_is_matched_and_topics_refusals_and_conditions_are_not(
    answer: str, expected: dict[int, str]
) -> None:
    assert verdicts(answer) == expected


def test_words_have_one_form_and_us_is_not_an_ultrasound() -> None:
    assert stem("oedema") == stem("edema")
    assert stem("cardiologist") == stem("cardiology")
    keys = [{t.key for t in terms(text)} for text in ("Neck US", "Call us", "1.5 L", "1,500 mL")]
    assert "ultrasound" in keys[0]
    assert "ultrasound" not in keys[1]
    assert keys[2] == keys[3] == {"dose:ml=1500"}


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_gets_a_verdict_on_every_option_with_words_of_its_own(answer: str) -> None:
    found = match_text(OPTIONS, answer)
    assert [match.option for match in found] == [number for number, _, _ in OPTIONS]
    for match in found:
        assert match.evidence in answer
        assert bool(match.evidence) == (match.verdict != "none")
    assert all(0 <= clause.start <= clause.end <= len(answer) for clause in segments(answer))


class Labelled(NamedTuple):
    case: str
    options: list[tuple[int, str, str]]
    answer: str
    matched: dict[int, bool]


def read(suite: str, answers: Path, verdicts: Path) -> list[Labelled]:
    options: dict[str, Options] = {
        case.id: [(o.id, o.category, o.text) for o in case.options]
        for case in load_suite(suite).cases
    }
    texts = {
        (a["id"], a["trial"]): a["response"]
        for a in map(json.loads, answers.open(encoding="utf-8"))
    }
    return [
        Labelled(
            v["id"],
            options.get(v["id"]) or options[v["id"].rpartition("-")[0]],
            texts[v["id"], v["trial"]],
            {o["id"]: o["matched"] for o in v["options"]},
        )
        for v in map(json.loads, verdicts.open(encoding="utf-8"))
    ]


@pytest.fixture(scope="module")
def demo() -> list[Labelled]:
    return read("demo", LABELLED / "answers.jsonl", LABELLED / "verdicts.jsonl")


@pytest.fixture(scope="module")
def published() -> list[Labelled]:
    if not MAST_OPEN.exists():
        pytest.skip("the published examples are not beside the repository")
    examples = MAST_OPEN / "examples"
    return read(str(MAST_OPEN), examples / "gpt-5.5.jsonl", examples / "gpt-5.5_judged.jsonl")


def kappa(pairs: list[tuple[bool, bool]]) -> float:
    n = len(pairs)
    agreed = sum(a == b for a, b in pairs) / n
    one, other = (sum(pair[at] for pair in pairs) / n for at in (0, 1))
    chance = one * other + (1 - one) * (1 - other)
    return (agreed - chance) / (1 - chance)


def lexical_kappa(answers: list[Labelled]) -> float:
    return kappa(
        [
            (answer.matched[m.option], m.verdict != "none")
            for answer in answers
            for m in match_text(answer.options, answer.answer)
        ]
    )


def tfidf(answer: Labelled, *, whole: bool) -> Iterator[tuple[bool, float]]:
    """Each option's cosine with the whole answer, or with its nearest sentence; idf over both."""
    sentences = [answer.answer] if whole else re.split(r"(?<=[.;!?])\s+|\n", answer.answer)
    bags = [
        Counter(re.findall(r"[a-z0-9]+", text.lower()))
        for text in (*(text for _, _, text in answer.options), *sentences)
    ]
    frequency = Counter(word for bag in bags for word in bag)
    vectors = []
    for bag in bags:
        raw = {w: n * (log((1 + len(bags)) / (1 + frequency[w])) + 1) for w, n in bag.items()}
        norm = sqrt(sum(x * x for x in raw.values())) or 1.0
        vectors.append({w: x / norm for w, x in raw.items()})
    for (number, _, _), option in zip(answer.options, vectors, strict=False):
        near = (
            sum(x * other.get(word, 0.0) for word, x in option.items())
            for other in vectors[len(answer.options) :]
        )
        yield answer.matched[number], max(near)


def tfidf_kappa(answers: list[Labelled], *, whole: bool = False) -> float:
    pairs = [pair for answer in answers for pair in tfidf(answer, whole=whole)]
    return max(
        kappa([(matched, score >= threshold) for matched, score in pairs])
        for threshold in {score for _, score in pairs}
    )


def test_agrees_with_the_hand_labelled_answers_far_better_than_tfidf(demo: list[Labelled]) -> None:
    assert sum(len(answer.matched) for answer in demo) >= 200
    figure = lexical_kappa(demo)
    assert figure >= 0.75
    assert figure >= tfidf_kappa(demo) + 0.2


def test_agrees_with_the_published_verdicts_better_than_tfidf(published: list[Labelled]) -> None:
    assert sum(sum(answer.matched.values()) for answer in published) == 12
    figure = lexical_kappa(published)
    assert figure >= 0.55
    assert figure >= tfidf_kappa(published) + 0.2


def test_the_order_of_the_options_changes_no_verdict(demo: list[Labelled]) -> None:
    shuffle = random.Random(7)
    for answer in demo:
        options = list(answer.options)
        before = {m.option: m for m in match_text(options, answer.answer)}
        for _ in range(5):
            shuffle.shuffle(options)
            found = match_text(options, answer.answer)
            assert [m.option for m in found] == [number for number, _, _ in options]
            assert {m.option: m for m in found} == before


def test_the_matcher_has_a_version() -> None:
    assert re.fullmatch(r"lexical/\d+", LEXICAL.label)


def test_the_page_has_what_tfidf_reaches(demo: list[Labelled], published: list[Labelled]) -> None:
    page = (DOCS / "judging.md").read_text("utf-8")
    figures = (tfidf_kappa(demo), tfidf_kappa(published), tfidf_kappa(published, whole=True))
    by_sentence, on_one_case, by_answer = (f"{figure:.2f}" for figure in figures)
    assert f"reaches {by_sentence} and {on_one_case}" in page
    assert f"over the whole answer instead of its sentences reaches {by_answer}" in " ".join(
        page.split()
    )
