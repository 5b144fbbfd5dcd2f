"""Shapley values: what each player adds, on average over the orders in which players may join.

(Shapley 1953.) Teams are bit masks over players: bit i is player i, 0 is nobody. All values are
linear in those of the teams, so that the values of cases give those of their mean.

Where only some teams are known, such as those on sampled orders of joining, a player's value is a
weighted mean of its contributions to them. The weights are those of a unit flow from nobody to the
whole team through all known joinings, so that the values add up to the whole; of all such flows it
is the one with the least sum of squares, the current through equal resistors, which spreads as
evenly as can be. Where every team is known it is the mean over all orders. Where orders were drawn
at random it is unbiased, for the weights do not depend on how players are numbered.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import factorial
from typing import NamedTuple

import numpy as np

from primum.core.arrays import Floats, Ints

SOLVED = 1e-9  # what the weights may be off by, which are of a linear system


class Joinings(NamedTuple):
    """Every joining of a player to a team that lies on a complete order, from nobody to all.

    Attributes:
        players: how many.
        orders: how many complete orders there are among the teams.
        teams: the teams on them, as masks, in rising order.
        player, before, after: who joins, and the places in `teams` of the team without and with
            them; shape (joinings,) each.
        weight: of each contribution, shape (joinings,); a player's add up to 1.
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
        """Whether every order is there."""
        return self.orders == factorial(self.players)


@lru_cache(maxsize=64)  # many games know the same teams
def joinings(teams: frozenset[int], players: int) -> Joinings:
    """The joinings that complete orders among some teams are made of, and what each weighs.

    Args:
        teams: masks; without nobody (0) or the whole team there is no complete order.
        players: how many; each of them may join.
    """
    whole = (1 << players) - 1
    by_size = sorted(teams, key=int.bit_count)
    into = {0: 1} if 0 in teams else {}  # ways from nobody to a team
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
    return Joinings(players, out.get(0, 0), used, player, before, after, weight)


def teams_on(orders: Iterable[Sequence[int]]) -> frozenset[int]:
    """The teams that players form who join in some given orders, nobody included."""
    teams = {0}
    for order in orders:
        team = 0
        for player in order:
            team |= 1 << player
            teams.add(team)
    return frozenset(teams)


def shapley(values: Floats, found: Joinings) -> Floats:
    """Each player's mean contribution.

    Args:
        values: of the teams on complete orders, shape (teams, columns).
        found: the joinings among them.

    Returns:
        Shape (players, columns); NaN without a complete order.
    """
    if not found.orders:
        return np.full((found.players, values.shape[1]), np.nan)
    share = np.zeros((found.players, len(found.teams)))
    np.add.at(share, (found.player, found.after), found.weight)
    np.add.at(share, (found.player, found.before), -found.weight)
    return np.asarray(share @ values)


def sampling_error(values: Floats, found: Joinings) -> Floats:
    """The standard error of Shapley values that comes from knowing some of the orders only.

    As of a weighted mean of contributions drawn apart: their weighted spread, by the root of their
    effective number 1 / sum w^2, less one. Too large where orders are drawn in pairs, each with its
    reverse, or most teams are known. 0 where every order is there, NaN where a player joins once.

    Args:
        values: of the teams on complete orders, shape (teams, columns).
        found: the joinings among them.

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
    others = np.where(square < 1 - SOLVED, 1 / square - 1, np.nan)
    return np.asarray(np.sqrt(spread / others[:, None]))


def _current(teams: int, before: Ints, after: Ints) -> Floats:
    """The current through each joining as one unit flows from the first team to the last."""
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
