"""Paired differences: each ensemble against its best member, its mean member and a named one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from primum.agents.spec import EnsembleSpec
from primum.evaluation.key import Floats
from primum.evaluation.scores import COLUMNS
from primum.evaluation.statistics import intervals, sign_flip_p
from primum.evaluation.summary import NAMES, Sample, mean_over_variants, nanmean

LOWER_IS_BETTER = frozenset(
    "Severe_rate Moderate_rate Mild_rate Omissions Commissions Offrubric_rate".split()
)
BEST, MEAN = "best_member", "mean_member"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A paired difference, ensemble minus the other; `against` is what it is compared with.

    `other` names it: the best member, the members whose mean it is, or the ensemble named.
    """

    ensemble: str
    against: str
    other: str
    definition: str
    metric: str
    difference: float
    lo: float
    hi: float
    p: float
    cases: int


class Pairing(NamedTuple):
    """An ensemble against one other: who that is for each metric, and the case differences.

    `others` has len(NAMES) names, `differences` the shape (cases, len(NAMES)).
    """

    ensemble: str
    against: str
    others: tuple[str, ...]
    differences: Floats


def comparisons(
    sample: Sample, specs: Sequence[EnsembleSpec], against: str | None = None
) -> Iterator[Comparison]:
    """Every paired difference with its interval and sign-flip p-value.

    The best member is the one with the best mean of the metric at hand on these very cases,
    which favours it: the difference errs on the side of the member.
    """
    pairings = [pairing for spec in specs for pairing in _pairings(sample, spec, against)]
    if not pairings:
        return
    differences = np.concatenate([pairing.differences for pairing in pairings], axis=1)
    found = intervals(differences, sample.counts)
    p = sign_flip_p(differences, len(sample.counts), sample.seed)
    heads = [
        (pairing.ensemble, pairing.against, other, definition, metric)
        for pairing in pairings
        for other, (definition, metric) in zip(pairing.others, NAMES, strict=True)
    ]
    for i, head in enumerate(heads):
        mean, lo, hi, value = (float(figure[i]) for figure in (found.mean, found.lo, found.hi, p))
        yield Comparison(*head, mean, lo, hi, value, int(found.cases[i]))


def _pairings(sample: Sample, spec: EnsembleSpec, against: str | None) -> Iterator[Pairing]:
    names = sample.book.ensembles
    row = names.index(spec.name)
    members = [names.index(member) for member in spec.members if member in names]
    if spec.graph != "solo" and members:
        best = _best(sample, row, members)
        each = np.stack([_paired(sample, row, [member]) for member in members])
        picked = each[best, :, np.arange(len(best))].T
        yield Pairing(spec.name, BEST, tuple(names[members[b]] for b in best), picked)
        label = ", ".join(names[member] for member in members)
        mean = _paired(sample, row, members)
        yield Pairing(spec.name, MEAN, (label,) * len(NAMES), mean)
    if against and against != spec.name:
        other = _paired(sample, row, [names.index(against)])
        yield Pairing(spec.name, against, (against,) * len(NAMES), other)


def _paired(sample: Sample, row: int, others: list[int]) -> Floats:
    """Case means of one ensemble minus the mean of others; (cases, len(NAMES)).

    Pairs are formed task by task and trial by trial: what either side lacks drops out.
    """
    cube = sample.book.cube[row] - sample.book.cube[others].mean(axis=0)
    across = sample.cases[..., len(COLUMNS) :]
    by_answer = mean_over_variants(sample.book, cube[None])[0]
    return np.concatenate([by_answer, across[row] - across[others].mean(axis=0)], axis=-1)


def _best(sample: Sample, row: int, members: list[int]) -> list[int]:
    """Which of the members has the best mean, for each metric.

    They are ranked on the cases where the ensemble and every member that has any value has one.
    """
    values = sample.cases[members]
    there = ~np.isnan(values)
    silent = ~there.any(axis=1, keepdims=True)  # a member without any value ranks last
    together = (there | silent).all(axis=0) & ~np.isnan(sample.cases[row])
    means = nanmean(np.where(together, values, np.nan), 1)
    low = np.array([metric in LOWER_IS_BETTER for _, metric in NAMES])
    gain = np.where(np.isnan(means), -np.inf, np.where(low, -means, means))
    return [int(i) for i in gain.argmax(axis=0)]
