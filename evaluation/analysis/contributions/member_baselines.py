"""Teams compared with their members as solos, on the answers that all of them have."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from primum.agents.topologies.ensemble import EnsembleSpec
from primum.core.arrays import Bools, Floats
from primum.evaluation.metrics.registry import column, leading
from primum.evaluation.metrics.score_table import ScoreBook
from primum.evaluation.statistics.estimates import mean_over_variants, nanmean

TEAMS_AT_ONCE = 64


@dataclass(frozen=True)
class MemberBaseline:
    """Case means of a team and of its members as solos, shape (cases, leading metrics) each.

    They are computed from the items and trials where the team and all its members have a value; NaN
    where a case has none.

    Attributes:
        team: the ensemble.
        own: of the team.
        mean: of the mean of the members.
        best: of the best member, selected for each metric by its mean on these cases.
        oracle: of the best member's answer to every item and trial.
    """

    team: EnsembleSpec
    own: Floats
    mean: Floats
    best: Floats
    oracle: Floats

    @property
    def gain(self) -> Floats:
        """The team's improvement over the mean member, positive where it is better."""
        return gain(self.own, self.mean)


def gain(own: Floats, other: Floats) -> Floats:
    """The improvement of one over the other, positive if better; last axis: leading metrics."""
    return np.where(_lower(), other - own, own - other)


def member_baselines(book: ScoreBook, specs: Sequence[EnsembleSpec]) -> Iterator[MemberBaseline]:
    """A baseline for every team that has a member in the book."""
    index = {name: row for row, name in enumerate(book.ensembles)}
    teams = [spec for spec in specs if spec.is_team]
    held = [(spec, [index[name] for name in spec.members if name in index]) for spec in teams]
    known = [(spec, members) for spec, members in held if members]
    columns = [column(metric) for metric in leading()]
    for start in range(0, len(known), TEAMS_AT_ONCE):
        part = known[start : start + TEAMS_AT_ONCE]
        sides = [_sides(book.cube[[index[spec.name], *rows]][..., columns]) for spec, rows in part]
        means = mean_over_variants(book, np.concatenate(sides))
        at = 0
        for (spec, _), side in zip(part, sides, strict=True):
            own, mean, oracle, *members = means[at : at + len(side)]
            yield MemberBaseline(spec, own, mean, _best(np.stack(members)), oracle)
            at += len(side)


def _sides(values: Floats) -> Floats:
    """Values of team, mean member, oracle and each member; NaN where any of them is.

    Args:
        values: of the team and then its members, shape (1 + members, items, trials, metrics).
    """
    there = ~np.isnan(values).any(axis=0)
    own, members = values[:1], values[1:]
    picked = np.where(_lower(), members.min(axis=0), members.max(axis=0))
    sides = np.concatenate([own, [members.mean(axis=0)], [picked], members])
    return np.where(there, sides, np.nan)


def _best(members: Floats) -> Floats:
    """The case means of the member with the best mean, for each metric; (cases, metrics)."""
    means = nanmean(members, 1)
    best = np.where(np.isnan(means), -np.inf, np.where(_lower(), -means, means)).argmax(axis=0)
    return np.stack([members[row, :, place] for place, row in enumerate(best)], axis=1)


def _lower() -> Bools:
    return np.array([metric.lower for metric in leading()])
