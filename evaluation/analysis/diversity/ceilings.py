"""What a team gives, beside what its members could have given."""

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

LEAST = 1e-9  # a gain of rates below it is none


@dataclass(frozen=True, slots=True)
class Ceiling:
    """One metric of one team, beside what its members alone give and could have given.

    `independent` is of rates of harm alone, and of teams of two drafts or more. `gain` is how much
    better than the mean member the team is, `share` that of the gain of the independent majority;
    NaN where that gains nothing.
    """

    ensemble: Annotated[EnsembleName, KEY]
    definition: Annotated[DefinitionName, KEY]
    metric: Annotated[MetricName, KEY]
    actual: Annotated[float, "the team's mean"]
    mean_member: Annotated[float, "mean of its members alone"]
    best_member: Annotated[float, "the best of its members alone"]
    oracle: Annotated[float, "the best member's answer picked for every letter, knowing the key"]
    independent: Annotated[
        float, "of a majority of its generators if their errors were independent; of rates alone"
    ]
    gain: Annotated[float, "how much better than the mean member (of harm: how much is avoided)"]
    share: Annotated[float, "gain / gain of the independent majority; null where that is none"]


def ceilings(sample: Sample, study: Study) -> Iterator[Ceiling]:
    """Every team that has members, on the answers that all of them have."""
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
        share = np.divide(gained, most, out=np.full(len(gained), np.nan), where=most > LEAST)
        figures = np.stack([actual, mean, best, oracle, independent, gained, share], axis=1)
        for metric, row in zip(leading(), figures.tolist(), strict=True):
            yield Ceiling(side.team.name, metric.definition.name, metric.name, *row)


def _independent(side: MemberBaseline, majority: Floats | None) -> Floats:
    """Means over the cases that the team's own figures rest on; rates alone have one."""
    found = np.full(len(leading()), np.nan)
    if majority is not None:
        for level, rate in enumerate(HARM_RATES):
            column = leading().index(rate)
            there = ~np.isnan(side.own[:, column])
            if there.any():
                found[column] = majority[there, level].mean()
    return found
