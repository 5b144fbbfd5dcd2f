"""Correlation of the errors of two models as solos, over the options of the same items."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Annotated

import numpy as np

from primum.agents.studies.study import Study
from primum.agents.topologies.ensemble import Kind
from primum.core.arrays import Floats
from primum.evaluation.analysis.diversity.solo_verdicts import answered
from primum.evaluation.columns import KEY, Hi, Lo
from primum.evaluation.statistics.bootstrap import CONFIDENCE_LEVEL, MIN_CASES, percentile_interval
from primum.evaluation.statistics.estimates import Sample

SEVERITY_THRESHOLDS = (("severe", 3), ("any", 1))
PAIRS_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class ErrorCorrelation:
    """The correlation (phi) of two solos' harms, over possible harms at stake for both.

    `expected_shared` is the expected number of shared harms if both were independent.
    """

    model_a: Annotated[str, KEY, "name of a solo"]
    model_b: Annotated[str, KEY, "name of another solo"]
    same_family: Annotated[bool, "whether they are of one family"]
    severity: Annotated[str, KEY, "severe, or any"]
    phi: Annotated[float, "correlation (phi) of their harms, each 1 or 0"]
    lo: Lo
    hi: Hi
    possible_harms: Annotated[int, "possible harms, counted over items and trials"]
    errors_a: Annotated[int, "harms of the first model"]
    errors_b: Annotated[int, "harms of the second model"]
    shared: Annotated[int, "harms that both models do"]
    expected_shared: Annotated[float, "harms that both would do if errors were independent"]


def error_correlations(sample: Sample, study: Study) -> Iterator[ErrorCorrelation]:
    """A record for every pair of solos, of severe and of any harms, with bootstrap intervals.

    A possible harm counts once for each item and trial in which both have a score and it is
    inapplicable for neither. Phi is NaN where one of them does none or all of the harms.
    """
    book = sample.book
    solos = [spec for spec in study.ensembles if spec.kind is Kind.SOLO]
    rows = [book.ensembles.index(spec.name) for spec in solos]
    family = [study.models[spec.drafting[0].model].family for spec in solos]
    pairs = np.array(list(combinations(range(len(solos)), 2)), dtype=np.int64).reshape(-1, 2)
    if not len(pairs):
        return
    counted = _counts(sample, rows)
    for (severity, _), counts in zip(SEVERITY_THRESHOLDS, counted, strict=True):
        for start in range(0, len(pairs), PAIRS_AT_ONCE):
            part = pairs[start : start + PAIRS_AT_ONCE]
            own = counts[:, :, part[:, 0], part[:, 1]]
            lo, hi = _interval(own, sample.weights)
            whole = own.sum(axis=0)
            for at, (a, b) in enumerate(part.tolist()):
                possible_harms, errors_a, errors_b, both = whole[:, at].tolist()
                yield ErrorCorrelation(
                    *(solos[a].name, solos[b].name, family[a] == family[b], severity),
                    *(float(phi(whole[:, at])), float(lo[at]), float(hi[at])),
                    *(int(possible_harms), int(errors_a), int(errors_b), int(both)),
                    errors_a * errors_b / possible_harms if possible_harms else np.nan,
                )


def phi(counts: Floats) -> Floats:
    """The phi coefficient of two binary variables; NaN where either does not vary.

    Args:
        counts: number of observations, of the first, of the second, of both; shape (4, ...).
    """
    n, a, b, both = counts
    spread = a * (n - a) * b * (n - b)
    top = n * both - a * b
    nothing = np.full(np.shape(n), np.nan)
    return np.asarray(np.divide(top, np.sqrt(spread), out=nothing, where=spread > 0))


def _counts(sample: Sample, rows: list[int]) -> Floats:
    """Possible harms, harms of the first, the second and both: the counts that `phi` takes.

    Shape (severities, cases, 4, solos, solos).
    """
    cases = len(sample.book.suite.cases)
    found = np.zeros((len(SEVERITY_THRESHOLDS), cases, 4, len(rows), len(rows)))
    for place, given in enumerate(answered(sample.book, rows)):
        stakes, wrong = given.stakes, given.possible_harms.wrong(given.verdicts)
        for which, (_, least) in enumerate(SEVERITY_THRESHOLDS):
            at_stake = (stakes >= least).reshape(len(rows), -1).astype(float)
            errs = at_stake * wrong.reshape(len(rows), -1)
            found[which, place] = (
                *(at_stake @ at_stake.T, errs @ at_stake.T, at_stake @ errs.T, errs @ errs.T),
            )
    return found


def _interval(counts: Floats, resamples: Floats) -> tuple[Floats, Floats]:
    """The ends of 95% intervals of phi; NaN with fewer than 3 cases or many undefined resamples.

    Args:
        counts: shape (cases, 4, pairs).
        resamples: weights of the cases, shape (resamples, cases).
    """
    cases, _, pairs = counts.shape
    drawn = (resamples @ counts.reshape(cases, -1)).reshape(-1, 4, pairs)
    found = phi(drawn.swapaxes(0, 1))
    lo, hi = percentile_interval(found, np.full(pairs, (1 - CONFIDENCE_LEVEL) / 2))
    few = (counts[:, 0] > 0).sum(axis=0) < MIN_CASES
    few |= np.isnan(found).mean(axis=0) > (1 - CONFIDENCE_LEVEL) / 2
    lo[few] = hi[few] = np.nan
    return lo, hi
