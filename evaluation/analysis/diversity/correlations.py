"""How far two models, each alone, err on the same options of the same letters."""

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

WHICH = (("severe", 3), ("any", 1))
PAIRS_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class ErrorCorrelation:
    """The correlation (phi) of two solos' harms, over possible harms at stake for both.

    `expected_shared` is how many both would do if their harms were independent of one another.
    """

    model_a: Annotated[str, KEY, "a solo"]
    model_b: Annotated[str, KEY, "another"]
    same_family: Annotated[bool, "whether they are of one family"]
    severity: Annotated[str, KEY, "severe, or any"]
    phi: Annotated[float, "correlation of the two errors, 1 or 0 each"]
    lo: Lo
    hi: Hi
    possible_harms: Annotated[int, "options with a harm to avoid, over letters and trials"]
    errors_a: Annotated[int, "harms of the first"]
    errors_b: Annotated[int, "harms of the second"]
    shared: Annotated[int, "harms that both do"]
    expected_shared: Annotated[float, "harms that both would do if their errors were independent"]


def error_correlations(sample: Sample, study: Study) -> Iterator[ErrorCorrelation]:
    """Every pair of solos, by severe harms and by any; intervals by resampling base cases.

    A possible harm counts for each letter and trial where both have a score and it is
    inapplicable for neither.
    There is no phi where one of them has no harm, or nothing else.
    """
    book = sample.book
    solos = [spec for spec in study.ensembles if spec.kind is Kind.SOLO]
    rows = [book.ensembles.index(spec.name) for spec in solos]
    family = [study.models[spec.drafting[0].model].family for spec in solos]
    pairs = np.array(list(combinations(range(len(solos)), 2)), dtype=np.int64).reshape(-1, 2)
    if not len(pairs):
        return
    counted = _counts(sample, rows)  # severities, cases, (possible_harms, a, b, both), solos, solos
    for (severity, _), counts in zip(WHICH, counted, strict=True):
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
    """The correlation of two yes-or-no variables, NaN where either does not vary.

    Args:
        counts: how many there are, how many are one, the other and both; shape (4, ...).
    """
    n, a, b, both = counts
    spread = a * (n - a) * b * (n - b)
    top = n * both - a * b
    nothing = np.full(np.shape(n), np.nan)
    return np.asarray(np.divide(top, np.sqrt(spread), out=nothing, where=spread > 0))


def _counts(sample: Sample, rows: list[int]) -> Floats:
    """Possible harms, harms of the first, the second, both; by severity, case, pair of solos."""
    cases = len(sample.book.suite.cases)
    found = np.zeros((len(WHICH), cases, 4, len(rows), len(rows)))
    for place, given in enumerate(answered(sample.book, rows)):
        stakes, wrong = given.stakes, given.possible_harms.wrong(given.verdicts)
        for which, (_, least) in enumerate(WHICH):
            at_stake = (stakes >= least).reshape(len(rows), -1).astype(float)
            errs = at_stake * wrong.reshape(len(rows), -1)
            found[which, place] = (
                *(at_stake @ at_stake.T, errs @ at_stake.T, at_stake @ errs.T, errs @ errs.T),
            )
    return found


def _interval(counts: Floats, resamples: Floats) -> tuple[Floats, Floats]:
    """Ends of 95% intervals of phi; none with fewer than three cases, or where many have no phi.

    Args:
        counts: shape (cases, 4, pairs).
        resamples: of the cases, shape (resamples, cases).
    """
    cases, _, pairs = counts.shape
    drawn = (resamples @ counts.reshape(cases, -1)).reshape(-1, 4, pairs)
    found = phi(drawn.swapaxes(0, 1))
    lo, hi = percentile_interval(found, np.full(pairs, (1 - CONFIDENCE_LEVEL) / 2))
    few = (counts[:, 0] > 0).sum(axis=0) < MIN_CASES
    few |= np.isnan(found).mean(axis=0) > (1 - CONFIDENCE_LEVEL) / 2
    lo[few] = hi[few] = np.nan
    return lo, hi
