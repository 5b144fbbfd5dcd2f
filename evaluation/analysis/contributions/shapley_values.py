"""What each generator is worth to the teams of its frame: Shapley values, and leaving it out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np

from primum.agents.models.outcomes import Outcome
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.turns.transcript import Answer
from primum.core.arrays import Floats
from primum.evaluation.analysis.contributions.coalitions import EMPTY_TEAM, Game, games
from primum.evaluation.analysis.contributions.shapley import (
    Joinings,
    joinings,
    sampling_error,
    shapley,
)
from primum.evaluation.columns import KEY, CasesWithValue, DefinitionName, Hi, Lo, MetricName
from primum.evaluation.metrics.registry import column, primary
from primum.evaluation.metrics.score_table import score
from primum.evaluation.statistics.bootstrap import TOLERANCE, Intervals, intervals
from primum.evaluation.statistics.estimates import Sample, nanmean

MOST = 2**31 - 1  # what a column of the store holds


@dataclass(frozen=True, slots=True)
class ShapleyValue:
    """What one generator is worth to the teams of one frame in one metric.

    `shapley` is the mean change when it joins, NaN where the frame has no complete order of
    joining; `sampling_error` is the standard error of what was sampled of the orders, which the
    interval leaves out. `leave_one_out` is the whole team minus the team without it, `whole` the
    whole team minus nobody. `cases` are those that the Shapley value rests on, or, without one,
    leave_one_out.
    """

    frame: Annotated[str, KEY, "the ensembles that differ in their generators alone"]
    model: Annotated[str, KEY, "name of the model in the panel"]
    definition: Annotated[DefinitionName, KEY]
    metric: Annotated[MetricName, KEY]
    exact: Annotated[bool, "whether every subset of the generators is there"]
    shapley: Annotated[float, "mean change when it joins, over all orders of joining"]
    lo: Lo
    hi: Hi
    sampling_error: Annotated[float, "standard error of what was sampled of the orders; 0 if all"]
    leave_one_out: Annotated[float, "the whole team minus the team without it"]
    loo_lo: Annotated[float, "lower end of its 95% interval"]
    loo_hi: Annotated[float, "upper end of its 95% interval"]
    whole: Annotated[float, "the whole team minus nobody; what the values of a frame add up to"]
    orders: Annotated[int, "orders of joining that it rests on"]
    cases: CasesWithValue


class Played(NamedTuple):
    """A frame's figures: NaN where a team of it has no value, or there is no order of joining.

    Attributes:
        worth, without: of each case, shape (cases, players, metrics).
        whole: shape (metrics,).
        error: shape (players, metrics).
    """

    frame: Game
    found: Joinings
    worth: Floats
    without: Floats
    whole: Floats
    error: Floats


def shapley_values(sample: Sample, specs: Sequence[EnsembleSpec]) -> Iterator[ShapleyValue]:
    """The worth of every generator in every frame, in the primary metrics.

    Nobody recommends nothing, and is scored as that. A frame needs its whole team; without a
    complete order of joining there is leave_one_out alone.

    Args:
        sample: the study's case values and resamples.
        specs: its ensembles.
    """
    nobody = _nobody(sample)
    played = [_play(sample, frame, nobody) for frame in games(specs)]
    if not played:
        return
    share = _intervals([part.worth for part in played], sample)
    loo = _intervals([part.without for part in played], sample)
    heads = [
        (part, player, place, metric)
        for part in played
        for player in range(len(part.frame.players))
        for place, metric in enumerate(primary())
    ]
    for at, (part, player, place, metric) in enumerate(heads):
        cases = int(share.cases[at] or loo.cases[at])
        if cases:
            yield ShapleyValue(
                frame=part.frame.name,
                model=part.frame.players[player],
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
                orders=min(part.found.orders, MOST),
                cases=cases,
            )


def _nobody(sample: Sample) -> Floats:
    """What recommending nothing scores in each case; shape (cases, metrics)."""
    book = sample.book
    nothing = Answer(EMPTY_TEAM, "", 1, Outcome.OK, "", ())
    columns = _columns()
    found = [score(book.key(case), [nothing]).values[0, columns] for case in book.suite.cases]
    return np.stack(found)


def _play(sample: Sample, frame: Game, nobody: Floats) -> Played:
    row = {name: i for i, name in enumerate(sample.book.ensembles)}

    def of(team: int) -> Floats:
        name = frame.teams[team]
        return nobody if name == EMPTY_TEAM else sample.cases[row[name]][:, _columns()]

    players = len(frame.players)
    found = joinings(frozenset(frame.teams), players)
    # Without a complete order nobody and the whole team are all that the whole needs.
    values = np.stack([of(team) for team in found.teams or (0, frame.whole)])
    there = ~np.isnan(values).any(axis=0)
    values = np.where(there, values, np.nan)
    worth = shapley(values.reshape(len(values), -1), found).reshape(players, *nobody.shape)
    worth[np.abs(worth) < TOLERANCE] = 0.0  # so that a nobody is worth nothing at all
    means = nanmean(values, 1)
    without = np.full(worth.shape, np.nan)
    for player in range(players):
        team = frame.whole ^ (1 << player)
        if team in frame.teams:
            without[player] = of(frame.whole) - of(team)
    return Played(
        frame=frame,
        found=found,
        worth=worth.swapaxes(0, 1),
        without=without.swapaxes(0, 1),
        whole=means[-1] - means[0],
        error=sampling_error(means, found),
    )


def _intervals(parts: Sequence[Floats], sample: Sample) -> Intervals:
    """Of figures of shape (cases, players, metrics) each, one after the other."""
    flat = [part.reshape(len(part), -1) for part in parts]
    return intervals(np.concatenate(flat, axis=1), sample.weights)


def _columns() -> list[int]:
    return [column(metric) for metric in primary()]
