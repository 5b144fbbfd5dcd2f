"""Parts of a suite: draws are nested, proportional to the specialties, and depend on the seed."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.cases.load import load_suite
from primum.cases.model import SPECIALTIES, Case, Suite, Variant, VariantMetadata
from primum.cases.part import Choice, Part, choose, draw_order, take
from primum.core.errors import DataError, UsageError

DEMO = load_suite("demo")
SIZES = st.dictionaries(st.sampled_from([*SPECIALTIES, "Zz"]), st.integers(1, 23), min_size=1)
FEW = st.dictionaries(st.sampled_from(["Card", "Derm", "GI", "Zz"]), st.integers(1, 5), min_size=1)
SEEDS = st.integers(0, 2**31 - 1)


def suite_of(sizes: dict[str, int], variants: int = 0) -> Suite:
    """A suite with so many cases of each specialty, by prefix, and variants of each case."""
    model = DEMO.cases[0]
    ids = [f"{prefix}-{n}" for prefix, number in sizes.items() for n in range(number)]
    return Suite(
        info=DEMO.info,
        cases=tuple(model.model_copy(update={"id": name}) for name in ids),
        variants=tuple(
            Variant(
                id=f"{name}-v{n}",
                prompt="edited",
                metadata=VariantMetadata(base_id=name, category="age"),
            )
            for n in range(variants)
            for name in ids
        ),
    )


def ids(cases: tuple[Case, ...] | tuple[Variant, ...]) -> list[str]:
    return [case.id for case in cases]


def drawn(suite: Suite, limit: int, seed: int, variants: int | None = None) -> Suite:
    return take(suite, choose(suite, Choice(limit=limit, variants=variants, seed=seed)))


@given(SIZES, SEEDS)
def test_after_any_number_of_cases_every_specialty_is_within_one_of_its_share(
    sizes: dict[str, int], seed: int
) -> None:
    suite = suite_of(sizes)
    order = list(draw_order(suite, seed))
    assert sorted(case.id for case in order) == sorted(ids(suite.cases))
    whole, taken = Counter(case.specialty for case in suite.cases), Counter[str]()
    for number, case in enumerate(order, 1):
        taken[case.specialty] += 1
        for specialty, size in whole.items():
            assert abs(taken[specialty] * len(order) - size * number) < len(order)


@given(FEW, SEEDS, st.integers(0, 4))
def test_draws_are_nested_and_the_same_again(sizes: dict[str, int], seed: int, each: int) -> None:
    suite = suite_of(sizes, variants=3)
    found = [
        drawn(suite, limit=limit, variants=each, seed=seed)
        for limit in range(1, len(suite.cases) + 3)
    ]
    for limit, (less, more) in enumerate(pairwise(found), 1):
        assert {*ids(less.cases)} <= {*ids(more.cases)}
        assert {*ids(less.variants)} <= {*ids(more.variants)}
        assert len(less.cases) == min(limit, len(suite.cases))
        assert len(less.variants) == min(each, 3) * len(less.cases)
    assert drawn(suite, limit=1, variants=each, seed=seed) == found[0]
    fewer, more = (drawn(suite, limit=1, variants=n, seed=seed) for n in (each, each + 1))
    assert {*ids(fewer.variants)} <= {*ids(more.variants)}


@given(SIZES, SEEDS, st.integers(1, 40))
def test_a_part_keeps_the_order_of_the_suite_and_says_what_is_missing(
    sizes: dict[str, int], seed: int, limit: int
) -> None:
    suite = suite_of(sizes, variants=2)
    part = choose(suite, Choice(limit=limit, variants=1, seed=seed))
    assert part is not None
    own = take(suite, part)
    assert ids(own.cases) == list(part.cases) == [c for c in ids(suite.cases) if c in part.cases]
    assert ids(own.variants) == [v for v in ids(suite.variants) if v in part.variants]
    assert (part.of_cases, part.of_variants) == (len(suite.cases), len(suite.variants))
    there, every = ({case.specialty for case in of.cases} for of in (own, suite))
    assert {*part.missing} == every - there
    assert part.seed == (seed if limit < len(suite.cases) else None)
    assert Part.model_validate_json(part.model_dump_json()) == part


def test_seeds_draw_different_cases_and_each_case_about_equally_often() -> None:
    suite = suite_of({"Card": 6, "Derm": 3, "GI": 1})
    counts = Counter(
        case.id for seed in range(600) for case in drawn(suite, limit=3, seed=seed).cases
    )
    assert {*counts} == {*ids(suite.cases)}
    assert all(abs(number - 180) < 60 for number in counts.values())


def test_what_the_demo_draws_is_what_it_always_drew() -> None:
    """A later version that draws others would make users pay again for what they have."""
    part = choose(DEMO, Choice(limit=4))
    assert part is not None
    assert part.cases == ("DermDemo2", "EndoDemo2", "GIDemo2", "HemeDemo1")


@pytest.mark.parametrize(
    "choice",
    [
        Choice(),
        Choice(limit=20),
        Choice(limit=10**9),
        Choice(variants=3),
        Choice(variants=99),
        Choice(named=tuple(ids(DEMO.cases))),
    ],
)
def test_a_choice_of_everything_is_no_part(choice: Choice) -> None:
    assert choose(DEMO, choice) is None
    assert take(DEMO, None) is DEMO


def test_names_choose_base_cases_with_their_variants_and_single_variants() -> None:
    first, *others = [v.id for v in DEMO.variants if v.metadata.base_id == "CardDemo1"]
    for named, each, cases, variants in (
        (("CardDemo1",), None, ["CardDemo1"], [first, *others]),
        (("CardDemo1", "CardDemo1"), 0, ["CardDemo1"], []),
        (("AllDemo2", first), None, ["AllDemo2", "CardDemo1"], [first]),
        ((first, "CardDemo1"), 0, ["CardDemo1"], [first]),
        ((first,), 0, ["CardDemo1"], [first]),
        ((first, "CardDemo1"), None, ["CardDemo1"], [first, *others]),
    ):
        part = choose(DEMO, Choice(named=named, variants=each))
        assert part is not None
        assert (list(part.cases), list(part.variants)) == (cases, variants)
        assert part.seed is None


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (Choice(limit=0), "--limit 0: give a number of cases, 1 or more"),
        (Choice(limit=-3), "--limit -3: give a number of cases, 1 or more"),
        (Choice(variants=-1), "--variants -1: give none, all or a number of variants"),
        (
            Choice(limit=2, named=("CardDemo1",)),
            "--limit draws cases and --case names them: give one of the two",
        ),
        (Choice(named=("CardDem1",)), "--case CardDem1: no case or variant of demo has this id; "),
        (Choice(named=("\x00",)), "--case \x00: no case or variant of demo has this id"),
    ],
)
def test_a_choice_that_cannot_be_is_one_line(choice: Choice, message: str) -> None:
    with pytest.raises(UsageError) as error:
        choose(DEMO, choice)
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_an_unknown_id_is_answered_with_similar_ones() -> None:
    with pytest.raises(UsageError, match=r"similar ids: .*CardDemo1"):
        choose(DEMO, Choice(named=("carddemo1",)))


def test_a_part_of_another_suite_is_refused() -> None:
    part = choose(DEMO, Choice(limit=3))
    with pytest.raises(DataError, match="lacks items of this part"):
        take(suite_of({"Card": 2}), part)


def test_sizes_in_words() -> None:
    part = choose(DEMO, Choice(limit=5, variants=1, seed=7))
    assert part is not None
    assert part.size == f"5 of 20 cases, {len(part.variants)} of 15 variants"
    assert part.selection == "cases drawn by specialty with seed 7"
    named = choose(DEMO, Choice(named=("CardDemo1",)))
    assert named is not None
    assert named.selection == "cases chosen by name"
    without = choose(DEMO, Choice(variants=0))
    assert without is not None
    assert (without.size, without.selection) == (
        "20 of 20 cases, 0 of 15 variants",
        "with every case",
    )
    alone = choose(suite_of({"Card": 3}), Choice(limit=1))
    assert alone is not None
    assert alone.size == "1 of 3 cases"


def test_published_cases(mast_open: Path) -> None:
    suite = load_suite(str(mast_open))
    own = drawn(suite, limit=10, variants=2, seed=1)
    assert Counter(case.specialty for case in own.cases) == dict.fromkeys(SPECIALTIES.values(), 1)
    assert Counter(v.metadata.base_id for v in own.variants) == dict.fromkeys(ids(own.cases), 2)
