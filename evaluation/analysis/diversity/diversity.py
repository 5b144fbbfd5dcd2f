"""The gain of mixed families: teams of several families compared with teams of one."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from primum.agents.studies.study import Study
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.core.arrays import Floats
from primum.evaluation.analysis.contributions.member_baselines import member_baselines
from primum.evaluation.columns import KEY, DefinitionName, Hi, Lo, MetricName
from primum.evaluation.metrics.registry import leading
from primum.evaluation.statistics.bootstrap import intervals
from primum.evaluation.statistics.estimates import Sample, nanmean


@dataclass(frozen=True, slots=True)
class Diversity:
    """Mean gains of mixed and of single-family teams of one graph and number of generators.

    A gain is the improvement over the mean member. `share` is difference / mixed_gain; NaN unless
    the interval of the difference is above 0 and the mixed teams gain. `cases` counts the base
    cases in which both kinds of team have a gain.
    """

    graph: Annotated[str, KEY, "as for ensembles"]
    generators: Annotated[int, KEY, "number of generators"]
    definition: Annotated[DefinitionName, KEY]
    metric: Annotated[MetricName, KEY]
    mixed: Annotated[int, "number of teams with generators of several families"]
    same: Annotated[int, "number of teams with generators of one family"]
    mixed_gain: Annotated[float, "mean gain of mixed teams over their mean member"]
    same_gain: Annotated[float, "mean gain of single-family teams over their mean member"]
    difference: Annotated[float, "mixed_gain minus same_gain"]
    lo: Lo
    hi: Hi
    share: Annotated[
        float, "difference / mixed_gain, the part due to diversity; null unless lo > 0"
    ]
    cases: Annotated[int, "base cases with a gain of both"]


def diversity(sample: Sample, study: Study) -> Iterator[Diversity]:
    """A record for every graph, number of generators and metric with both kinds of team.

    A team's gain in a case is relative to its own members; all teams have the same weight, and
    intervals resample base cases.
    """
    gains: dict[tuple[str, int], tuple[list[Floats], list[Floats]]]
    gains = defaultdict(lambda: ([], []))
    for side in member_baselines(sample.book, study.ensembles):
        drafting = side.team.drafting
        if len(drafting) > 1:
            alike = len(families(study, side.team)) == 1
            gains[side.team.graph, len(drafting)][alike].append(side.gain)
    for (graph, number), (mixed, same) in gains.items():
        if mixed and same:
            yield from _rows(sample, graph, number, mixed, same)


def families(study: Study, team: EnsembleSpec) -> frozenset[str]:
    """The families of a team's generators."""
    return frozenset(study.models[agent.model].family for agent in team.drafting)


def _rows(
    sample: Sample, graph: str, number: int, mixed: Sequence[Floats], same: Sequence[Floats]
) -> Iterator[Diversity]:
    means = [nanmean(np.stack(gains), 0) for gains in (mixed, same)]
    there = ~np.isnan(means[0] - means[1])
    own, other = (nanmean(np.where(there, mean, np.nan), 0).tolist() for mean in means)
    found = intervals(means[0] - means[1], sample.weights)
    for at, metric in enumerate(leading()):
        difference = float(found.mean[at])
        yield Diversity(
            *(graph, number, metric.definition.name, metric.name, len(mixed), len(same)),
            mixed_gain=own[at],
            same_gain=other[at],
            difference=difference,
            lo=float(found.lo[at]),
            hi=float(found.hi[at]),
            share=difference / own[at] if own[at] > 0 < found.lo[at] else np.nan,
            cases=int(found.cases[at]),
        )
