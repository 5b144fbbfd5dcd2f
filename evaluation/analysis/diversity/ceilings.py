"""Teams compared with their members, an oracle, and a majority of independent members."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from primum.agents.studies.study import Study
from primum.core.arrays import Floats
from primum.evaluation.analysis.contributions.member_baselines import (
    MemberBaseline,
    gain,
    member_baselines,
)
from primum.evaluation.analysis.diversity.independent_majority import independent_majorities
from primum.evaluation.columns import KEY, DefinitionName, EnsembleName, MetricName
from primum.evaluation.metrics.july_2026 import HARM_RATES
from primum.evaluation.metrics.registry import leading
from primum.evaluation.statistics.estimates import Sample, nanmean

MIN_GAIN = 1e-9  # a smaller difference of rates is rounding


@dataclass(frozen=True, slots=True)
class Ceiling:
    """One metric of one team, with that of its members, an oracle and an independent majority.

    `independent` is defined for rates of harm and teams of at least two drafts. `gain` is the
    team's improvement over the mean member, `share` its ratio to the improvement of the independent
    majority; NaN where that is none.
    """

    ensemble: Annotated[EnsembleName, KEY]
    definition: Annotated[DefinitionName, KEY]
    metric: Annotated[MetricName, KEY]
    actual: Annotated[float, "the team's mean"]
    mean_member: Annotated[float, "mean of its members as solos"]
    best_member: Annotated[float, "the best of its members as solos"]
    oracle: Annotated[float, "the best member's answer to every item, selected with the key"]
    independent: Annotated[
        float, "expected of a majority of independent generators; rates of harm only"
    ]
    gain: Annotated[float, "improvement over the mean member; positive is better"]
    share: Annotated[float, "gain / gain of the independent majority; null where that has none"]


def ceilings(sample: Sample, study: Study) -> Iterator[Ceiling]:
    """A record for every team with members and metric, on the answers that all of them have."""
    book = sample.book
    sides = list(member_baselines(book, study.ensembles))
    majorities = independent_majorities(book, [side.team for side in sides])
    for side in sides:
        actual, mean, best, oracle = (
            nanmean(values, 0) for values in (side.own, side.mean, side.best, side.oracle)
        )
        independent = _independent(side, majorities.get(side.team.name))
        gained = gain(actual, mean)
        most = mean - independent
        share = np.divide(gained, most, out=np.full(len(gained), np.nan), where=most > MIN_GAIN)
        figures = np.stack([actual, mean, best, oracle, independent, gained, share], axis=1)
        for metric, row in zip(leading(), figures.tolist(), strict=True):
            yield Ceiling(side.team.name, metric.definition.name, metric.name, *row)


def _independent(side: MemberBaseline, majority: Floats | None) -> Floats:
    """Means over the cases of the team's figures, shape (leading metrics,); NaN but for rates."""
    found = np.full(len(leading()), np.nan)
    if majority is not None:
        for level, rate in enumerate(HARM_RATES):
            column = leading().index(rate)
            there = ~np.isnan(side.own[:, column])
            if there.any():
                found[column] = majority[there, level].mean()
    return found
