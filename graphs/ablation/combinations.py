"""Combinations, multisets and arrangements of names, by number; teams from random orders."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import comb, perm


@dataclass(frozen=True)
class Combinations:
    """All ways to choose some names from a pool, numbered in lexicographic order.

    Attributes:
        pool: the names.
        sizes: how many are chosen.
        ordered: whether another order is another choice.
        repeats: whether a name may be chosen more than once.
        guardians: the pool of the names after the first; None takes `pool`.
    """

    pool: tuple[str, ...]
    sizes: tuple[int, ...]
    ordered: bool = False
    repeats: bool = False
    guardians: tuple[str, ...] | None = None

    @property
    def total(self) -> int:
        """The number of choices, which may be too large for `len`."""
        return sum(self._of_size(size) for size in self.sizes)

    def __getitem__(self, number: int) -> tuple[str, ...]:
        """A choice by its number, from 0; all of the first size come first.

        Raises:
            IndexError: the number is negative, or not less than `total`.
        """
        if number < 0:
            raise IndexError(number)
        for size in self.sizes:
            if number < self._of_size(size):
                return self._pick(number, size)
            number -= self._of_size(size)
        raise IndexError(number)

    def _of_size(self, size: int) -> int:
        n = len(self.pool)
        if self.guardians is not None:
            return sum(self._chains(first, size) for first in self.pool)
        if self.ordered:
            return _count_arrangements(n, size, self.repeats)
        return comb(n + size - 1, size) if self.repeats else comb(n, size)

    def _pick(self, number: int, size: int) -> tuple[str, ...]:
        if self.guardians is not None:
            return self._chain(number, size)
        if self.ordered:
            return _arrangement(self.pool, size, number, self.repeats)
        n = len(self.pool)
        places = _combination(n + size - 1 if self.repeats else n, size, number)
        return tuple(self.pool[p - i if self.repeats else p] for i, p in enumerate(places))

    def _chain(self, number: int, size: int) -> tuple[str, ...]:
        for first in self.pool:
            chains = self._chains(first, size)
            if number < chains:
                rest = _arrangement(self._after(first), size - 1, number, self.repeats)
                return (first, *rest)
            number -= chains
        raise IndexError(number)

    def _chains(self, first: str, size: int) -> int:
        return _count_arrangements(len(self._after(first)), size - 1, self.repeats)

    def _after(self, first: str) -> tuple[str, ...]:
        names = self.guardians or ()
        return names if self.repeats else tuple(name for name in names if name != first)


def _count_arrangements(n: int, size: int, repeats: bool) -> int:  # noqa: FBT001
    return int(n**size if repeats else perm(n, size))


def _combination(n: int, size: int, number: int) -> list[int]:
    """Combination number `number` of `size` places out of n, in lexicographic order."""
    places: list[int] = []
    place = 0
    while len(places) < size:
        rest = comb(n - place - 1, size - len(places) - 1)
        if number < rest:
            places.append(place)
        else:
            number -= rest
        place += 1
    return places


def _arrangement(pool: Sequence[str], size: int, number: int, repeats: bool) -> tuple[str, ...]:  # noqa: FBT001
    """Arrangement number `number` of `size` names out of a pool, in lexicographic order."""
    left, found = list(pool), []
    for place in range(size):
        each = _count_arrangements(len(left) - (not repeats), size - place - 1, repeats)
        digit, number = divmod(number, each)
        found.append(left[digit] if repeats else left.pop(digit))
    return tuple(found)


def teams_of_random_orders(
    pool: Sequence[str], orders: int, seed: int
) -> tuple[tuple[str, ...], ...]:
    """The teams that models form as they join one by one, in random orders.

    Each team is given once, its names in the pool's order; smaller teams come first.

    Args:
        pool: the models.
        orders: the number of random orders.
        seed: of the orders.
    """
    rng = random.Random(seed)  # noqa: S311
    found: set[frozenset[str]] = set()
    for _ in range(orders):
        order = rng.sample(list(pool), len(pool))
        found.update(accumulate((frozenset([name]) for name in order), frozenset.union))
    place = {name: number for number, name in enumerate(pool)}
    teams = [tuple(sorted(team, key=place.__getitem__)) for team in found]
    return tuple(sorted(teams, key=lambda team: (len(team), [place[name] for name in team])))
