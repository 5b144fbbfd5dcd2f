"""What mixing families gains: teams of several families beside teams of one."""

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
    """Mean gains over the mean member, of mixed teams and of those of one family and like graph.

    `share` is the part of the mixed teams' gain that those of one family do not have; NaN where
    the interval of the difference is not above 0, or the mixed teams gain nothing. `cases` counts
    base cases where both have a gain.
    """

    graph: Annotated[str, KEY, "as for ensembles"]
    generators: Annotated[int, KEY, "how many"]
    definition: Annotated[DefinitionName, KEY]
    metric: Annotated[MetricName, KEY]
    mixed: Annotated[int, "teams whose generators are of more than one family"]
    same: Annotated[int, "teams whose generators are of one family"]
    mixed_gain: Annotated[float, "mean gain over the mean member, harm avoided"]
    same_gain: Annotated[float, "the same of teams of one family"]
    difference: Annotated[float, "mixed minus same"]
    lo: Lo
    hi: Hi
    share: Annotated[
        float, "difference / mixed_gain: what diversity explains of it; null unless lo > 0"
    ]
    cases: Annotated[int, "base cases"]


def diversity(sample: Sample, study: Study) -> Iterator[Diversity]:
    """Every graph and number of generators of which there are teams of both sorts.

    A team's gain in a case is held against its own members; teams weigh the same, and base cases
    are resampled.
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
