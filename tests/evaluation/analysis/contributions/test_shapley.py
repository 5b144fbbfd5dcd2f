"""Shapley values: against the mean over all permutations, and what makes them Shapley's."""

import math
import random
from collections.abc import Sequence
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from primum.core.arrays import Floats
from primum.evaluation.analysis.contributions.shapley import (
    MarginalContributions,
    marginal_contributions,
    sampling_error,
    shapley,
    teams_on,
)

FEW = settings(deadline=None, max_examples=40)
COLUMNS = 3


def every(players: int) -> MarginalContributions:
    return marginal_contributions(frozenset(range(1 << players)), players)


def brute(values: Floats, orders: Sequence[Sequence[int]]) -> Floats:
    """Player by player and order by order, from the values of all teams."""
    found = np.zeros((len(orders[0]), values.shape[1]))
    for order in orders:
        team = 0
        for player in order:
            found[player] += values[team | 1 << player] - values[team]
            team |= 1 << player
    return found / len(orders)


@st.composite
def games(draw: DrawFn, most: int = 6) -> tuple[int, Floats]:
    """A number of players, and values of all their teams, shape (2 ** players, COLUMNS)."""
    players = draw(st.integers(1, most))
    seed = draw(st.integers(0, 2**32 - 1))
    return players, np.random.default_rng(seed).normal(size=(1 << players, COLUMNS)).round(2)


@FEW
@given(game=games())
def test_values_are_the_mean_over_all_permutations(game: tuple[int, Floats]) -> None:
    players, values = game
    found = every(players)
    assert found.exact
    assert found.orders == math.factorial(players)
    orders = list(permutations(range(players)))
    assert shapley(values, found) == pytest.approx(brute(values, orders), abs=1e-9)
    assert (sampling_error(values, found) == 0).all()


@FEW
@given(game=games(most=8))
def test_values_add_up_to_the_whole(game: tuple[int, Floats]) -> None:
    players, values = game
    whole = values[-1] - values[0]
    assert shapley(values, every(players)).sum(axis=0) == pytest.approx(whole, abs=1e-9)


@FEW
@given(game=games(most=7), added=st.floats(-1, 1))
def test_who_adds_the_same_to_every_team_is_worth_that(
    game: tuple[int, Floats], added: float
) -> None:
    players, values = game
    values = np.concatenate([values, values + added])  # the last player
    assert shapley(values, every(players + 1))[-1] == pytest.approx(np.full(COLUMNS, added))


@FEW
@given(game=games(most=6))
def test_players_that_add_the_same_are_worth_the_same(game: tuple[int, Floats]) -> None:
    players, values = game
    if players < 2:
        return
    swapped = [(t & ~3) | (t & 1) << 1 | (t & 2) >> 1 for t in range(1 << players)]
    alike = (values + values[swapped]) / 2  # players 0 and 1 are interchangeable
    found = shapley(alike, every(players))
    assert found[0] == pytest.approx(found[1], abs=1e-9)


@FEW
@given(game=games(most=5), other=st.integers(0, 99))
def test_values_are_linear(game: tuple[int, Floats], other: int) -> None:
    players, values = game
    more = np.random.default_rng(other).normal(size=values.shape)
    found = every(players)
    both = shapley(values, found) + 2 * shapley(more, found)
    assert shapley(values + 2 * more, found) == pytest.approx(both, abs=1e-9)


def test_a_majority_of_three_by_hand() -> None:
    # 1 for two or more: whoever comes second decides, which each is in a third of all orders.
    values = np.array([0, 0, 0, 1, 0, 1, 1, 1.0])[:, None]
    assert shapley(values, every(3)) == pytest.approx(np.full((3, 1), 1 / 3))


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (2, 0, 3, 1)])
def test_of_one_order_a_value_is_the_one_contribution(order: tuple[int, ...]) -> None:
    values = np.random.default_rng(1).normal(size=(16, COLUMNS))
    found = marginal_contributions(teams_on([order]), 4)
    assert (found.orders, found.exact) == (1, False)
    assert shapley(values[list(found.teams)], found) == pytest.approx(brute(values, [order]))
    assert np.isnan(sampling_error(values[list(found.teams)], found)).all()


def test_of_orders_that_share_no_team_a_value_is_the_mean_contribution() -> None:
    values = np.random.default_rng(1).normal(size=(16, COLUMNS))
    orders = [(0, 1, 2, 3), (3, 2, 1, 0)]
    found = marginal_contributions(teams_on(orders), 4)
    assert found.orders == 2
    assert shapley(values[list(found.teams)], found) == pytest.approx(brute(values, orders))
    apart = np.stack([brute(values, [order]) for order in orders])
    # Two numbers: their spread is half their difference, by the root of one degree of freedom.
    wanted = np.abs(apart[0] - apart[1]) / 2
    assert sampling_error(values[list(found.teams)], found) == pytest.approx(wanted)


@FEW
@given(
    orders=st.lists(st.permutations(range(5)), min_size=1, max_size=6),
    seed=st.integers(0, 99),
    extra=st.sets(st.integers(0, 31), max_size=4),
)
def test_sampled_values_add_up_to_the_whole_and_dead_ends_change_nothing(
    orders: list[list[int]], seed: int, extra: set[int]
) -> None:
    values = np.random.default_rng(seed).normal(size=(32, COLUMNS))
    found = marginal_contributions(teams_on(orders), 5)
    got = shapley(values[list(found.teams)], found)
    assert got.sum(axis=0) == pytest.approx(values[-1] - values[0], abs=1e-9)
    assert np.bincount(found.player, found.weight) == pytest.approx(np.ones(5))
    more = marginal_contributions(teams_on(orders) | extra, 5)
    assert set(found.teams) <= set(more.teams)
    for team in set(more.teams) - set(found.teams):  # only what lies on a complete order is taken
        below = [team ^ 1 << i for i in range(5) if team >> i & 1]
        assert any(one in more.teams for one in below)


@FEW
@given(seed=st.integers(0, 999))
def test_sampled_values_do_not_depend_on_how_players_are_numbered(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, names = rng.normal(size=(32, COLUMNS)), rng.permutation(5)
    orders = [rng.permutation(5).tolist() for _ in range(4)]

    def renamed(team: int) -> int:
        return sum(1 << int(names[i]) for i in range(5) if team >> i & 1)

    other = np.empty_like(values)
    other[[renamed(team) for team in range(32)]] = values
    found = marginal_contributions(teams_on(orders), 5)
    again = marginal_contributions(
        teams_on([[int(names[i]) for i in order] for order in orders]), 5
    )
    assert found.orders == again.orders
    one, two = (shapley(v[list(f.teams)], f) for v, f in ((values, found), (other, again)))
    assert two[names] == pytest.approx(one, abs=1e-9)


@pytest.mark.parametrize("paired", [False, True])
def test_sampled_values_are_unbiased_and_no_further_off_than_they_say(paired: bool) -> None:
    """Over 300 draws of six orders, of a team that some error of each of six players spoils."""
    rng = np.random.default_rng(3)
    spoilt = rng.uniform(0.1, 0.6, 6)
    values = np.array(
        [[1 - math.prod(spoilt[i] for i in range(6) if t >> i & 1)] for t in range(64)]
    )
    truth = shapley(values, every(6))[:, 0]
    off, said, plain = [], [], []
    for _ in range(300):
        orders = [rng.permutation(6).tolist() for _ in range(3 if paired else 6)]
        orders += [order[::-1] for order in orders] if paired else []
        found = marginal_contributions(teams_on(orders), 6)
        part = values[list(found.teams)]
        off.append(shapley(part, found)[:, 0] - truth)
        said.append(sampling_error(part, found)[:, 0])
        plain.append(brute(values, orders)[:, 0] - truth)
    spread = np.std(off, axis=0)
    assert (np.abs(np.mean(off, axis=0)) < 4 * spread / math.sqrt(300)).all()
    assert np.mean(np.square(off)) <= 1.1 * np.mean(np.square(plain))
    assert np.mean(np.square(said)) >= 0.9 * np.mean(np.square(off))


@pytest.mark.parametrize("teams", [{1, 2, 3}, {0, 1, 2}, {0, 3}, {0, 1}, set()])
def test_without_a_complete_order_there_is_no_value(teams: set[int]) -> None:
    found = marginal_contributions(frozenset(teams), 2)
    assert (found.orders, found.teams) == (0, ())
    assert np.isnan(shapley(np.zeros((2, 1)), found)).all()
    assert np.isnan(sampling_error(np.zeros((2, 1)), found)).all()


@given(st.integers(3, 8), st.integers(1, 3), st.randoms(use_true_random=False))
@FEW
def test_of_a_player_that_joins_once_the_error_is_not_known(
    players: int, number: int, rng: random.Random
) -> None:
    orders = [rng.sample(range(players), players) for _ in range(number)]
    teams = teams_on(orders)
    found = marginal_contributions(teams, players)
    values = np.array([[rng.random()] for _ in found.teams])
    error = sampling_error(values, found)[:, 0]
    once = np.bincount(found.player, minlength=players) == 1
    assert found.exact or np.isnan(error[once]).all()
