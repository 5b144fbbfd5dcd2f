"""Parts of a suite: some of its base cases, with all, some or none of their variants.

A drawn part is stratified by specialty and nested: the draw of N cases is in the draw of N + 1, so
that a part can grow and only what is new has to be answered.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from hashlib import blake2b
from itertools import islice
from typing import Any, NamedTuple

from primum.cases.model import Case, Identifier, Record, Suite, Variant
from primum.core.console import counted
from primum.core.errors import DataError, UsageError

SUGGESTED = 3  # similar ids that a message names


class Choice(NamedTuple):
    """Which part of a suite is asked for.

    Attributes:
        limit: number of base cases to draw; None draws none.
        named: ids of base cases, and of variants, each of which comes with its base case.
        variants: most variants of each chosen base case, drawn; None takes all.
        seed: of the draws.
    """

    limit: int | None = None
    named: tuple[str, ...] = ()
    variants: int | None = None
    seed: int = 0

    @property
    def is_part(self) -> bool:
        """Whether anything is asked for but the whole suite."""
        return (self.limit, self.named, self.variants) != (None, (), None)


class Part(Record):
    """The part of a suite that a study runs on.

    Attributes:
        cases: ids of its base cases, in the suite's order.
        variants: ids of its variants, in the suite's order.
        of_cases: number of base cases of the whole suite.
        of_variants: number of variants of the whole suite.
        seed: of the draw of the cases; None if they were named, or if no case is left out.
        missing: specialties of which it has no case, in alphabetical order.
    """

    cases: tuple[Identifier, ...]
    variants: tuple[Identifier, ...]
    of_cases: int
    of_variants: int
    seed: int | None = None
    missing: tuple[str, ...] = ()

    @property
    def size(self) -> str:
        """Its size beside the suite's, such as "5 of 20 cases, 6 of 15 variants"."""
        cases = f"{len(self.cases)} of {self.of_cases} cases"
        if not self.of_variants:
            return cases
        return f"{cases}, {len(self.variants)} of {self.of_variants} variants"

    @property
    def selection(self) -> str:
        """How its cases were selected."""
        if len(self.cases) == self.of_cases:
            return "with every case"
        if self.seed is None:
            return "cases chosen by name"
        return f"cases drawn by specialty with seed {self.seed}"


def choose(suite: Suite, choice: Choice) -> Part | None:
    """The part of a suite that a choice describes; None if that is the whole suite.

    Raises:
        UsageError: the choice has both a limit and names, a number out of range, or a name that is
            no id of the suite.
    """
    _require_consistent(choice)
    named = {*choice.named}
    _require_known(suite, choice.named)
    cases = _chosen_cases(suite, choice, named)
    base = {case.id for case in cases}
    drawn = _drawn_variants(suite, base if not named else base & named, choice)
    variants = [v.id for v in suite.variants if v.id in drawn or v.id in named]
    if len(cases) == len(suite.cases) and len(variants) == len(suite.variants):
        return None
    less = len(cases) < len(suite.cases)
    there = {case.specialty for case in cases}
    return Part(
        cases=tuple(case.id for case in cases),
        variants=tuple(variants),
        of_cases=len(suite.cases),
        of_variants=len(suite.variants),
        seed=choice.seed if less and not named else None,
        missing=tuple(sorted({case.specialty for case in suite.cases} - there)),
    )


def take(suite: Suite, part: Part | None) -> Suite:
    """The suite of a part's cases and variants; the suite itself if there is no part.

    Raises:
        DataError: the part is of another suite.
    """
    if part is None:
        return suite
    cases, variants = {*part.cases}, {*part.variants}
    found = suite.model_copy(
        update={
            "cases": tuple(case for case in suite.cases if case.id in cases),
            "variants": tuple(v for v in suite.variants if v.id in variants),
        }
    )
    if (len(found.cases), len(found.variants)) != (len(cases), len(variants)):
        raise DataError(f"{suite.info.name}: the suite lacks items of this part; choose it again")
    return found


def size_of(suite: Suite, part: Part | None) -> str:
    """The size of a suite, or of a part of it, such as "20 cases, 15 variants"."""
    if part:
        return part.size
    variants = counted(len(suite.variants), "variant")
    return counted(len(suite.cases), "case") + (f", {variants}" if suite.variants else "")


def part_json(part: Part | None) -> dict[str, Any] | None:
    """The size of a part and the ids of its cases; None for a whole suite."""
    return {"size": part.size, **part.model_dump(mode="json")} if part else None


def draw_order(suite: Suite, seed: int) -> Iterator[Case]:
    """Yield every base case in the order in which a limit draws them.

    After any number of cases, the number of each specialty differs by less than 1 from its
    proportional share (a proportionate schedule, Baruah et al. 1996): the k-th of a specialty's n
    cases is taken after its share has passed k - 1, and by case ceil(k N / n) of all N. Within
    these bounds the next case is that of the lowest (k - 1 + u) / n, with u drawn uniformly for
    each specialty (systematic sampling), so that a small specialty can be in a small draw. Cases
    within a specialty are in random order.
    """
    strata: dict[str, list[Case]] = defaultdict(list)
    for case in sorted(suite.cases, key=lambda case: _uniform(seed, case.id)):
        strata[case.specialty].append(case)
    number, taken = len(suite.cases), Counter[str]()
    # How many of the first cases, up to each, need not be of any specialty in particular.
    slack = [n - sum(n * len(own) // number for own in strata.values()) for n in range(number + 1)]
    for place in range(1, number + 1):
        due = {s: -(-(taken[s] + 1) * number // len(own)) for s, own in strata.items()}
        first_due = next(n for n in range(place, number + 1) if not slack[n])
        name = min(
            (
                s
                for s, own in strata.items()
                if taken[s] * number < len(own) * place and due[s] <= first_due
            ),
            key=lambda s: (taken[s] + _uniform(seed, s)) / len(strata[s]),
        )
        for n in range(place, due[name]):
            slack[n] -= 1
        yield strata[name][taken[name]]
        taken[name] += 1


def _uniform(seed: int, name: str) -> float:
    """A number from 0 to 1, drawn for a name with a seed."""
    digest = blake2b(f"{seed}|{name}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest) >> 11) / (1 << 53)


def _require_consistent(choice: Choice) -> None:
    if choice.limit is not None and choice.named:
        raise UsageError("--limit draws cases and --case names them: give one of the two")
    if choice.limit is not None and choice.limit < 1:
        raise UsageError(f"--limit {choice.limit}: give a number of cases, 1 or more")
    if choice.variants is not None and choice.variants < 0:
        raise UsageError(f"--variants {choice.variants}: give none, all or a number of variants")


def _require_known(suite: Suite, named: Sequence[str]) -> None:
    known = {item.id for item in suite.items()}
    for name in named:
        if name not in known:
            near = _similar(name, known)
            similar = f"; similar ids: {', '.join(near)}" if near else ""
            raise UsageError(
                f"--case {name[:100]}: no case or variant of {suite.info.name} has this id{similar}"
            )


def _similar(name: str, known: Iterable[str]) -> list[str]:
    """The ids that are most like a name, whatever their case; the most similar first."""
    folded: dict[str, list[str]] = defaultdict(list)
    for other in known:
        folded[other.casefold()].append(other)
    near = get_close_matches(name.casefold(), sorted(folded), SUGGESTED, 0.5)
    return [other for found in near for other in sorted(folded[found])][:SUGGESTED]


def _chosen_cases(suite: Suite, choice: Choice, named: set[str]) -> list[Case]:
    """The base cases that are drawn or named, in the suite's order."""
    if named:
        bases = {v.metadata.base_id for v in suite.variants if v.id in named}
        return [case for case in suite.cases if case.id in named | bases]
    if choice.limit is None:
        return list(suite.cases)
    number = min(choice.limit, len(suite.cases))
    drawn = {case.id for case in islice(draw_order(suite, choice.seed), number)}
    return [case for case in suite.cases if case.id in drawn]


def _drawn_variants(suite: Suite, base: set[str], choice: Choice) -> set[str]:
    """The ids of the variants that are drawn for these base cases: a nested draw for each."""
    by_base: dict[str, list[Variant]] = defaultdict(list)
    for variant in sorted(suite.variants, key=lambda variant: _uniform(choice.seed, variant.id)):
        by_base[variant.metadata.base_id].append(variant)
    return {variant.id for name in base for variant in by_base[name][: choice.variants]}
