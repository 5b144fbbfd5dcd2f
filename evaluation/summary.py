"""A study's figures: each ensemble's metrics with intervals, and paired differences."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from primum.agents.spec import EnsembleSpec
from primum.evaluation.key import Floats
from primum.evaluation.metrics import METRICS
from primum.evaluation.scores import COLUMNS, V1, ScoreBook
from primum.evaluation.statistics import (
    FEWEST_CASES,
    Intervals,
    intervals,
    percentile_interval,
    resample,
    resampled_means,
    sign_flip_p,
    strata_of,
)
from primum.evaluation.variants import f1_floor, resilience

RESAMPLES = 10_000
BY_CASE = ((METRICS, "F1_floor"), (METRICS, "Resilience"))
OVERALL_OF = ("Safety", "Completeness", "Restraint")
LOWER_IS_BETTER = frozenset(
    "Severe_rate Moderate_rate Mild_rate Omissions Commissions Offrubric_rate".split()
)
DEFAULT_POLICY = "own doing scored"
ANSWERED_POLICY = "answered only"


@dataclass(frozen=True, slots=True)
class Estimate:
    """One figure of one ensemble; `cases` is the number of base cases it rests on."""

    ensemble: str
    policy: str
    definition: str
    metric: str
    mean: float
    lo: float
    hi: float
    cases: int


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


def case_values(book: ScoreBook, cube: Floats) -> Floats:
    """Each base case's mean over its variants, and its figures across them.

    Trials are averaged within a variant first; what is missing is left out.

    Args:
        book: the study's tasks and matched options.
        cube: shape (ensembles, tasks, trials, columns).

    Returns:
        Shape (ensembles, cases, columns + BY_CASE).
    """
    means = mean_over_variants(book, cube)
    across = np.full((*means.shape[:2], len(BY_CASE)), np.nan)
    floor = COLUMNS.index((METRICS, "F1_weighted"))
    for column, (case, tasks) in enumerate(book.by_case()):
        if len(tasks) == 1:
            continue
        f1 = cube[..., floor][:, tasks].swapaxes(1, 2)
        matched = book.matched[:, tasks].swapaxes(1, 2)
        steady = np.where(np.isnan(f1).any(-1), np.nan, resilience(book.key(case), matched))
        across[:, column] = np.stack([nanmean(f1_floor(f1), 1), nanmean(steady, 1)], axis=-1)
    return np.concatenate([means, across], axis=-1)


def mean_over_variants(book: ScoreBook, cube: Floats) -> Floats:
    """Each base case's mean over trials, then over variants; (ensembles, cases, columns)."""
    return np.stack([nanmean(nanmean(cube[:, tasks], 2), 1) for _, tasks in book.by_case()], axis=1)


def nanmean(values: Floats, axis: int) -> Floats:
    """The mean of what is there; NaN where nothing is."""
    there = ~np.isnan(values)
    number = there.sum(axis=axis)
    total = np.where(there, values, 0).sum(axis=axis)
    return np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)


class Summary:
    """All figures of a score book, from one set of resamples."""

    def __init__(self, book: ScoreBook, seed: int = 0, resamples: int = RESAMPLES) -> None:
        self._book = book
        self._seed = seed
        self._resamples = resamples
        specialties = [case.specialty for case in book.suite.cases]
        self._counts = resample(strata_of(specialties), resamples, seed)
        self._names = (*COLUMNS, *BY_CASE)
        self._cases = case_values(book, book.cube)

    def estimates(self) -> Iterator[Estimate]:
        """Every metric of every ensemble, under both policies."""
        found = tuple(self._estimates(DEFAULT_POLICY, self._cases))
        yield from found
        scored = ~np.isnan(self._book.cube).all(axis=-1)
        if (scored == self._book.answered).all():  # no model failed by its own doing
            yield from (replace(estimate, policy=ANSWERED_POLICY) for estimate in found)
        else:
            answered = np.where(self._book.answered[..., None], self._book.cube, np.nan)
            yield from self._estimates(ANSWERED_POLICY, case_values(self._book, answered))

    def comparisons(
        self, specs: tuple[EnsembleSpec, ...], against: str | None = None
    ) -> Iterator[Comparison]:
        """Each ensemble against its best member, its mean member and a named ensemble.

        The best member is the one with the best mean of the metric at hand on these very cases,
        which favours it: the difference errs on the side of the member.
        """
        index = {name: i for i, name in enumerate(self._book.ensembles)}
        heads: list[tuple[str, str, list[str]]] = []
        columns: list[Floats] = []
        for spec in specs:
            row = index[spec.name]
            rows = [index[member] for member in spec.members if member in index]
            if spec.graph not in {"solo", "control"} and rows:
                best = self._best(rows)
                heads.append((spec.name, "best_member", [self._book.ensembles[b] for b in best]))
                each = np.stack([self._paired(row, [member]) for member in rows])
                chosen = [rows.index(b) for b in best]
                columns.append(each[chosen, :, np.arange(len(chosen))].T)
                names = ", ".join(self._book.ensembles[member] for member in rows)
                heads.append((spec.name, "mean_member", [names] * len(self._names)))
                columns.append(self._paired(row, rows))
            if against and against != spec.name:
                heads.append((spec.name, against, [against] * len(self._names)))
                columns.append(self._paired(row, [index[against]]))
        if not heads:
            return
        differences = np.concatenate(columns, axis=1)
        found = intervals(differences, self._counts)
        p = sign_flip_p(differences, self._resamples, self._seed)
        names = [
            (ensemble, versus, other, *name)
            for ensemble, versus, others in heads
            for other, name in zip(others, self._names, strict=True)
        ]
        figures = [part.tolist() for part in (found.mean, found.lo, found.hi, p, found.cases)]
        for head, *row in zip(names, *figures, strict=True):
            yield Comparison(*head, *row)

    def _paired(self, row: int, others: list[int]) -> Floats:
        """Case means of one ensemble minus the mean of others; (cases, metrics).

        Pairs are formed task by task and trial by trial: what either side lacks drops out.
        """
        book = self._book
        cube = book.cube[row] - book.cube[others].mean(axis=0)
        across = self._cases[..., len(COLUMNS) :]
        return np.concatenate(
            [mean_over_variants(book, cube[None])[0], across[row] - across[others].mean(axis=0)],
            axis=-1,
        )

    def _best(self, members: list[int]) -> list[int]:
        """The member with the best mean of each metric."""
        means = nanmean(self._cases[members], 1)
        low = np.array([metric in LOWER_IS_BETTER for _, metric in self._names])
        gain = np.where(np.isnan(means), -np.inf, np.where(low, -means, means))
        return [members[i] for i in gain.argmax(axis=0)]

    def _estimates(self, policy: str, cases: Floats) -> Iterator[Estimate]:
        ensembles, number, columns = cases.shape
        flat = cases.transpose(1, 0, 2).reshape(number, ensembles * columns)
        names = [(e, *name) for e in self._book.ensembles for name in self._names]
        found = zip(names, *(part.tolist() for part in intervals(flat, self._counts)), strict=True)
        for (ensemble, definition, metric), *figures in found:
            yield Estimate(ensemble, policy, definition, metric, *figures)
        for row, ensemble in enumerate(self._book.ensembles):
            yield from self._derived(policy, ensemble, cases[row])

    def _derived(self, policy: str, ensemble: str, cases: Floats) -> Iterator[Estimate]:
        """Overall and NNH: functions of means, so their intervals are of the resampled means."""
        overall = cases[:, [self._names.index((V1, name)) for name in OVERALL_OF]]
        n = int((~np.isnan(overall)).all(axis=1).sum())
        point = harmonic_of(nanmean(overall, 0)[None])
        low, high = percentile_interval(harmonic_of(resampled_means(overall, self._counts)))
        few = n < FEWEST_CASES
        yield Estimate(
            ensemble,
            policy,
            V1,
            "Overall",
            float(point[0, 0]),
            np.nan if few else float(low[0]),
            np.nan if few else float(high[0]),
            n,
        )
        severe = cases[:, [self._names.index((METRICS, "Severe_rate"))]]
        rate = intervals(severe, self._counts)
        with np.errstate(divide="ignore"):
            nnh = [float(1 / value[0]) for value in (rate.mean, rate.hi, rate.lo)]
        yield Estimate(ensemble, policy, V1, "NNH", *nnh, int(rate.cases[0]))


def harmonic_of(means: Floats) -> Floats:
    """The harmonic mean of each row, 0 where any is 0; shape (rows, 1)."""
    with np.errstate(divide="ignore"):
        return np.asarray(means.shape[1] / (1 / means).sum(axis=1, keepdims=True))
