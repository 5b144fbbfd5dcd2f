"""What the embedded suite promises."""

import re
from collections import Counter
from collections.abc import Callable
from difflib import SequenceMatcher

import pytest

from primum.cases.load import load_suite
from primum.cases.model import SPECIALTIES, Case, Option, Variant

DEMO = load_suite("demo")
BASES = {case.id: case for case in DEMO.cases}
MAIN = {"Counseling", "Diagnostic", "Medication", "Procedure", "Follow-up", "Contingency"}
every_case = pytest.mark.parametrize("case", DEMO.cases, ids=BASES)
every_variant = pytest.mark.parametrize("variant", DEMO.variants, ids=[v.id for v in DEMO.variants])


def test_it_says_that_it_is_invented() -> None:
    assert DEMO.info.synthetic is True
    assert DEMO.info.notice.startswith("SYNTHETIC")
    assert "not validated by clinicians" in DEMO.info.notice
    assert DEMO.info.licence == "MIT"


def test_two_cases_of_each_specialty() -> None:
    assert Counter(case.specialty for case in DEMO.cases) == dict.fromkeys(SPECIALTIES.values(), 2)
    assert len(DEMO.cases) >= 20


@every_case
def test_letter(case: Case) -> None:
    assert 60 <= len(case.case.presentation.split()) <= 120
    assert case.case.presentation.endswith("?")
    assert case.case.recommendations


@every_case
def test_options(case: Case) -> None:
    assert len(case.options) >= 20
    assert {option.category for option in case.options} >= MAIN
    assert len({option.text for option in case.options}) == len(case.options)
    for option in case.options:
        for said in (option.reason, option.guideline):
            assert said
            assert said.strip()
            assert len(said.splitlines()) == 1


@every_case
def test_there_is_harm_to_do_and_harm_to_leave_undone(case: Case) -> None:
    scores = {option.score for option in case.options}
    assert scores & {1, 2, 3}
    assert scores & {4, 5, 6}
    assert scores & {7, 8, 9}


@every_case
def test_one_option_is_inaction_and_it_harms(case: Case) -> None:
    (inaction,) = [option for option in case.options if option.is_harm_of_inaction]
    assert inaction.score <= 3


def groups(case: Case) -> dict[str, list[Option]]:
    found: dict[str, list[Option]] = {}
    for option in case.options:
        if option.alternative:
            found.setdefault(option.alternative, []).append(option)
    return found


def test_alternatives_are_all_due() -> None:
    found = [group for case in DEMO.cases for group in groups(case).values()]
    assert len(found) >= 10
    for group in found:
        assert len(group) >= 2
        assert all(option.score >= 7 for option in group)


@every_case
def test_groups_are_declared(case: Case) -> None:
    assert {group.name for group in case.abstraction_groups or ()} >= groups(case).keys()


def test_some_options_depend_on_others() -> None:
    dependent = [case.id for case in DEMO.cases if any(o.depends_on for o in case.options)]
    assert len(dependent) >= 5


def test_five_cases_have_three_variants() -> None:
    count = Counter(variant.metadata.base_id for variant in DEMO.variants)
    assert sorted(count.values()) == [3] * 5
    assert {v.id for v in DEMO.variants} == {f"{base}-{n}" for base in count for n in range(3)}
    assert all(v.id == f"{v.metadata.base_id}-{v.metadata.perturb_id}" for v in DEMO.variants)
    assert len({v.prompt for v in DEMO.variants} | {c.case.presentation for c in DEMO.cases}) == 35


@every_variant
def test_variant_is_a_small_edit(variant: Variant) -> None:
    """At most ten words go or come, and the letter is still one."""
    before = BASES[variant.metadata.base_id].case.presentation.split()
    after = variant.prompt.split()
    edits = [
        max(end - start, stop - begin)
        for kind, start, end, begin, stop in SequenceMatcher(
            None, before, after, autojunk=False
        ).get_opcodes()
        if kind != "equal"
    ]
    assert 1 <= sum(edits) <= 10
    assert 60 <= len(after) <= 120
    assert after[-1].endswith("?")


def neutral(text: str) -> str:
    gendered = {"woman": "man", "she": "he", "her": "his", "hers": "his", "him": "his"}
    return re.sub(r"\w+", lambda word: gendered.get(word[0].lower(), word[0].lower()), text)


def no_age(text: str) -> str:
    return re.sub(r"\b\d+-year-old\b", "N-year-old", text)


@pytest.mark.parametrize(
    ("category", "erase"), [("Age", no_age), ("Sex", neutral)], ids=["age", "sex"]
)
def test_variant_changes_only_what_it_says(category: str, erase: Callable[[str], str]) -> None:
    chosen = [v for v in DEMO.variants if v.metadata.category == category]
    assert chosen
    for variant in chosen:
        base = BASES[variant.metadata.base_id].case.presentation
        assert variant.prompt != base
        assert erase(variant.prompt) == erase(base)
