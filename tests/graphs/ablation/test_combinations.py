"""graphs/ablation/combinations.py: a number for every team, and a team for every number."""

from itertools import (
    chain,
    combinations,
    combinations_with_replacement,
    permutations,
    product,
)
from math import perm

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.graphs.ablation.combinations import Combinations, teams_of_random_orders

POOL = st.lists(st.sampled_from("abcdef"), unique=True, max_size=5).map(tuple)
SIZES = st.lists(st.integers(1, 4), unique=True, min_size=1, max_size=3).map(tuple)


def slow(teams: Combinations) -> list[tuple[str, ...]]:
    """Every team, as the words say it."""
    found: list[tuple[str, ...]] = []
    for size in teams.sizes:
        if teams.guardians is not None:
            rest = list(product(teams.guardians, repeat=size - 1))
            whole = [(first, *others) for first in teams.pool for others in rest]
            found += [t for t in whole if teams.repeats or len({*t}) == len(t)]
        elif teams.ordered:
            every = product(teams.pool, repeat=size)
            found += every if teams.repeats else permutations(teams.pool, size)
        elif teams.repeats:
            found += combinations_with_replacement(teams.pool, size)
        else:
            found += combinations(teams.pool, size)
    return found


@given(POOL, SIZES, st.booleans(), st.booleans(), st.none() | POOL)
def test_numbers_and_teams_are_one_to_one(
    pool: tuple[str, ...],
    sizes: tuple[int, ...],
    ordered: bool,
    repeats: bool,
    guardians: tuple[str, ...] | None,
) -> None:
    teams = Combinations(pool, sizes, ordered, repeats, guardians)
    wanted = slow(teams)
    assert teams.total == len(wanted)
    assert [teams[number] for number in range(teams.total)] == wanted
    for number in (-1, teams.total, teams.total + 5):
        with pytest.raises(IndexError):
            teams[number]


@given(st.integers(0, perm(30, 5) - 1))
def test_a_huge_space_is_counted_and_picked_from_without_being_listed(number: int) -> None:
    names = tuple(f"m{n:02}" for n in range(30))
    chains = Combinations(names, (5,), ordered=True)
    assert chains.total == 30 * 29 * 28 * 27 * 26
    left, found, rest = list(names), [], number
    for place in range(5):
        digit, rest = divmod(rest, perm(len(left) - 1, 4 - place))
        found.append(left.pop(digit))
    assert chains[number] == tuple(found)
    every = Combinations(tuple(f"m{n}" for n in range(80)), tuple(range(1, 81)))
    assert every.total == 2**80 - 1  # more than len() can say
    assert len(every[2**80 - 2]) == 80


@given(POOL, st.integers(1, 6), st.integers(0, 3))
def test_models_join_one_by_one(pool: tuple[str, ...], orders: int, seed: int) -> None:
    found = teams_of_random_orders(pool, orders, seed)
    assert found == teams_of_random_orders(pool, orders, seed)
    assert len({*found}) == len(found) <= orders * len(pool)
    assert all(tuple(name for name in pool if name in team) == team for team in found)
    for size in range(1, len(pool) + 1):
        of_size = [{*team} for team in found if len(team) == size]
        assert 1 <= len(of_size) <= orders
        smaller = [{*team} for team in found if len(team) == size - 1] or [set[str]()]
        assert all(any(less < team for less in smaller) for team in of_size)


def test_enough_orders_give_every_team() -> None:
    wanted = chain.from_iterable(combinations("abcd", size) for size in range(1, 5))
    assert list(teams_of_random_orders(tuple("abcd"), 500, 0)) == list(wanted)
