"""Shapley values: the mean marginal contribution of each player over all orders (Shapley 1953).

Coalitions are bit masks over players: bit i is player i, 0 is the empty coalition. Shapley values
are linear in the values of coalitions, so that the mean over cases can be taken before or after.

Where only some coalitions are known, such as those on sampled permutations, a player's value is a
weighted mean of its known marginal contributions. The weights are those of a unit flow from the
empty to the grand coalition through all known contributions, so that the values add up to the whole
(efficiency); of all such flows it is the one with the least sum of squares, the current through
equal resistors. If every coalition is known, this is the mean over all permutations. If they were
drawn at random it is unbiased, as the weights do not depend on the numbering of players.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import factorial
from typing import NamedTuple

import numpy as np

from primum.core.arrays import Floats, Ints

WEIGHT_TOLERANCE = 1e-9  # numerical error of weights that solve a linear system


class MarginalContributions(NamedTuple):
    """Every marginal contribution of a player on a complete permutation of the players.

    Attributes:
        players: number of players.
        orders: number of permutations all of whose coalitions are known.
        teams: the coalitions on them, as masks, in rising order.
        player, before, after: the player, and the positions in `teams` of the coalition without and
            with the player; shape (contributions,) each.
        weight: of each contribution, shape (contributions,); those of a player add up to 1.
    """

    players: int
    orders: int
    teams: tuple[int, ...]
    player: Ints
    before: Ints
    after: Ints
    weight: Floats

    @property
    def exact(self) -> bool:
        """Whether every permutation is known."""
        return self.orders == factorial(self.players)


@lru_cache(maxsize=64)  # many games have the same coalitions
def marginal_contributions(teams: frozenset[int], players: int) -> MarginalContributions:
    """The marginal contributions on all permutations whose coalitions are known, with weights.

    Args:
        teams: masks of the known coalitions; without the empty (0) or the grand coalition there is
            no complete permutation.
        players: number of players.
    """
    whole = (1 << players) - 1
    by_size = sorted(teams, key=int.bit_count)
    into = {0: 1} if 0 in teams else {}  # paths from the empty coalition
    for team in by_size[1:] if into else ():
        into[team] = sum(into.get(team ^ bit, 0) for bit in _bits(team))
    out = {whole: 1} if into.get(whole) else {}
    for team in by_size[-2::-1] if out else ():
        out[team] = sum(out.get(team | bit, 0) for bit in _bits(whole ^ team))
    used = tuple(sorted(team for team in teams if into.get(team) and out.get(team)))
    place = {team: i for i, team in enumerate(used)}
    found = [
        (bit.bit_length() - 1, place[team], place[team | bit])
        for team in used
        for bit in _bits(whole ^ team)
        if team | bit in place
    ]
    player, before, after = np.array(found, dtype=np.int64).reshape(-1, 3).T
    weight = _current(len(used), before, after)
    return MarginalContributions(players, out.get(0, 0), used, player, before, after, weight)


def teams_on(orders: Iterable[Sequence[int]]) -> frozenset[int]:
    """The coalitions on some permutations of players, the empty one included."""
    teams = {0}
    for order in orders:
        team = 0
        for player in order:
            team |= 1 << player
            teams.add(team)
    return frozenset(teams)


def shapley(values: Floats, found: MarginalContributions) -> Floats:
    """The Shapley value of each player.

    Args:
        values: of the coalitions `found.teams`, shape (coalitions, columns).
        found: the marginal contributions.

    Returns:
        Shape (players, columns); NaN without a complete permutation.
    """
    if not found.orders:
        return np.full((found.players, values.shape[1]), np.nan)
    share = np.zeros((found.players, len(found.teams)))
    np.add.at(share, (found.player, found.after), found.weight)
    np.add.at(share, (found.player, found.before), -found.weight)
    return np.asarray(share @ values)


def sampling_error(values: Floats, found: MarginalContributions) -> Floats:
    """The standard error of Shapley values that is due to the sampling of permutations.

    Computed as for a weighted mean of independent contributions: the square root of their weighted
    variance over (effective number - 1), the effective number being 1 / sum w^2. It is too large
    where permutations are drawn in antithetic pairs or most coalitions are known. 0 if every
    permutation is known, NaN for a player with a single contribution.

    Args:
        values: of the coalitions `found.teams`, shape (coalitions, columns).
        found: the marginal contributions.

    Returns:
        Shape (players, columns).
    """
    shape = (found.players, values.shape[1])
    if found.exact or not found.orders:
        return np.full(shape, 0.0 if found.exact else np.nan)
    gains = values[found.after] - values[found.before]
    apart = gains - shapley(values, found)[found.player]
    spread, square = np.zeros(shape), np.zeros(found.players)
    np.add.at(spread, found.player, np.abs(found.weight)[:, None] * apart**2)
    np.add.at(square, found.player, found.weight**2)
    others = np.where(square < 1 - WEIGHT_TOLERANCE, 1 / square - 1, np.nan)
    return np.asarray(np.sqrt(spread / others[:, None]))


def _current(teams: int, before: Ints, after: Ints) -> Floats:
    """The current through each contribution for a unit flow from the first team to the last."""
    if not teams:
        return np.zeros(0)
    conductance = np.zeros((teams, teams))
    for one, other in ((before, after), (after, before)):
        np.add.at(conductance, (one, one), 1.0)
        np.add.at(conductance, (one, other), -1.0)
    potential = np.zeros(teams)
    source = np.zeros(teams - 1)
    source[0] = 1.0
    potential[:-1] = np.linalg.solve(conductance[:-1, :-1], source)
    return potential[before] - potential[after]


def _bits(mask: int) -> list[int]:
    return [1 << i for i in range(mask.bit_length()) if mask >> i & 1]
