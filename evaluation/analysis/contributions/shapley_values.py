"""Shapley values and leave-one-out effects of generators in their coalitional games."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np

from primum.agents.models.outcomes import Outcome
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.turns.transcript import Answer
from primum.core.arrays import Floats
from primum.evaluation.analysis.contributions.coalitions import EMPTY_COALITION, Game, games
from primum.evaluation.analysis.contributions.shapley import (
    MarginalContributions,
    marginal_contributions,
    sampling_error,
    shapley,
)
from primum.evaluation.columns import KEY, CasesWithValue, DefinitionName, Hi, Lo, MetricName
from primum.evaluation.metrics.registry import column, primary
from primum.evaluation.metrics.score_table import score
from primum.evaluation.statistics.bootstrap import TOLERANCE, Intervals, intervals
from primum.evaluation.statistics.estimates import Sample, nanmean

MAX_ORDERS = 2**31 - 1  # the largest INTEGER of the store


@dataclass(frozen=True, slots=True)
class ShapleyValue:
    """The Shapley value of one generator in one coalitional game and metric.

    `shapley` is NaN where the game has no complete permutation; `sampling_error` is the standard
    error due to sampled permutations, which `lo` and `hi` do not include. `leave_one_out` is the
    grand coalition minus the coalition without the generator, `whole` the grand coalition minus the
    empty one. `cases` are those with a Shapley value or, if there is none, with a leave_one_out.
    """

    game: Annotated[str, KEY, "what its ensembles share: they differ only in their generators"]
    model: Annotated[str, KEY, "name of the model in the panel"]
    definition: Annotated[DefinitionName, KEY]
    metric: Annotated[MetricName, KEY]
    exact: Annotated[bool, "whether every subset of the generators is known"]
    shapley: Annotated[float, "mean marginal contribution, over all permutations of the generators"]
    lo: Lo
    hi: Hi
    sampling_error: Annotated[float, "standard error due to sampled permutations; 0 if exact"]
    leave_one_out: Annotated[float, "the grand coalition minus the one without the generator"]
    loo_lo: Annotated[float, "lower end of its 95% interval"]
    loo_hi: Annotated[float, "upper end of its 95% interval"]
    whole: Annotated[float, "the grand coalition minus the empty one: the sum of a game's values"]
    orders: Annotated[int, "permutations of which all coalitions are known"]
    cases: CasesWithValue


class GameFigures(NamedTuple):
    """The figures of a game; NaN where a coalition has no value or no permutation is complete.

    Attributes:
        values: Shapley values, shape (cases, players, metrics).
        without: leave-one-out effects, shape (cases, players, metrics).
        whole: the sum of the Shapley values, shape (metrics,).
        error: sampling errors, shape (players, metrics).
    """

    game: Game
    found: MarginalContributions
    values: Floats
    without: Floats
    whole: Floats
    error: Floats


def shapley_values(sample: Sample, specs: Sequence[EnsembleSpec]) -> Iterator[ShapleyValue]:
    """The Shapley value of every generator in every game, in the primary metrics.

    The empty coalition is scored as an answer that recommends nothing. Games without a complete
    permutation have leave_one_out only.

    Args:
        sample: the study's case values and resamples.
        specs: its ensembles.
    """
    empty = _empty_values(sample)
    played = [_play(sample, game, empty) for game in games(specs)]
    if not played:
        return
    share = _intervals([part.values for part in played], sample)
    loo = _intervals([part.without for part in played], sample)
    heads = [
        (part, player, place, metric)
        for part in played
        for player in range(len(part.game.players))
        for place, metric in enumerate(primary())
    ]
    for at, (part, player, place, metric) in enumerate(heads):
        cases = int(share.cases[at] or loo.cases[at])
        if cases:
            yield ShapleyValue(
                game=part.game.name,
                model=part.game.players[player],
                definition=metric.definition.name,
                metric=metric.name,
                exact=part.found.exact,
                shapley=float(share.mean[at]),
                lo=float(share.lo[at]),
                hi=float(share.hi[at]),
                sampling_error=float(part.error[player, place]),
                leave_one_out=float(loo.mean[at]),
                loo_lo=float(loo.lo[at]),
                loo_hi=float(loo.hi[at]),
                whole=float(part.whole[place]),
                orders=min(part.found.orders, MAX_ORDERS),
                cases=cases,
            )


def _empty_values(sample: Sample) -> Floats:
    """The scores of an answer that recommends nothing; shape (cases, metrics)."""
    book = sample.book
    nothing = Answer(EMPTY_COALITION, "", 1, Outcome.OK, "", ())
    columns = _columns()
    found = [score(book.key(case), [nothing]).values[0, columns] for case in book.suite.cases]
    return np.stack(found)


def _play(sample: Sample, game: Game, empty: Floats) -> GameFigures:
    row = {name: i for i, name in enumerate(sample.book.ensembles)}

    def of(team: int) -> Floats:
        name = game.teams[team]
        return empty if name == EMPTY_COALITION else sample.cases[row[name]][:, _columns()]

    players = len(game.players)
    found = marginal_contributions(frozenset(game.teams), players)
    # Without a complete permutation only the empty and the grand coalition are needed.
    values = np.stack([of(team) for team in found.teams or (0, game.whole)])
    there = ~np.isnan(values).any(axis=0)
    values = np.where(there, values, np.nan)
    worth = shapley(values.reshape(len(values), -1), found).reshape(players, *empty.shape)
    worth[np.abs(worth) < TOLERANCE] = 0.0  # so that a null player has the value 0
    means = nanmean(values, 1)
    without = np.full(worth.shape, np.nan)
    for player in range(players):
        team = game.whole ^ (1 << player)
        if team in game.teams:
            without[player] = of(game.whole) - of(team)
    return GameFigures(
        game=game,
        found=found,
        values=worth.swapaxes(0, 1),
        without=without.swapaxes(0, 1),
        whole=means[-1] - means[0],
        error=sampling_error(means, found),
    )


def _intervals(parts: Sequence[Floats], sample: Sample) -> Intervals:
    """Intervals of figures of shape (cases, players, metrics) each, concatenated."""
    flat = [part.reshape(len(part), -1) for part in parts]
    return intervals(np.concatenate(flat, axis=1), sample.weights)


def _columns() -> list[int]:
    return [column(metric) for metric in primary()]
