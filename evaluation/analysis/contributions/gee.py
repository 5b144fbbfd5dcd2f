"""Odds ratios by generalised estimating equations; needs statsmodels (the extra `stats`)."""

import warnings
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from primum.core.arrays import Floats, Ints
from primum.evaluation.statistics.bootstrap import MIN_CASES

NAN = float("nan")


class Odds(NamedTuple):
    """An odds ratio, its 95% interval and the p-value of its Wald test."""

    ratio: float
    lo: float
    hi: float
    p: float


NO_ODDS = Odds(NAN, NAN, NAN, NAN)


def odds_against_first(events: Floats, answers: Ints | Floats) -> list[Odds]:
    """The odds ratio of an event in each group of answers against the first group.

    Logistic GEE (Liang and Zeger 1986) with the base case as cluster, independence as the working
    correlation and the robust covariance. Answers of one case and group are aggregated, which
    changes neither estimate nor covariance.

    Args:
        events: number of answers with the event, shape (cases, groups).
        answers: number of answers, shape (cases, groups).

    Returns:
        One for each group; NaN for the first, for groups in which all or no answers have the event,
        and for all groups without statsmodels or where the fit does not converge.
    """
    total, number = events.sum(axis=0), answers.sum(axis=0)
    mixed = (total > 0) & (total < number)
    found = [NO_ODDS] * len(mixed)
    others = [group for group in range(1, len(mixed)) if mixed[group]]
    if mixed[0] and others and len(events) >= MIN_CASES:
        groups = [0, *others]
        fitted = _fit(events[:, groups], answers[:, groups])
        for group, odds in zip(others, fitted, strict=True):
            found[group] = odds
    return found


def _fit(events: Floats, answers: Ints | Floats) -> list[Odds]:
    """The odds ratios of all groups but the first; each has answers with and without the event."""
    none = [NO_ODDS] * (events.shape[1] - 1)
    library = _statsmodels()
    if library is None:
        return none
    case, group = np.nonzero(answers)
    design = (group[:, None] == np.arange(events.shape[1])).astype(float)
    design[:, 0] = 1.0
    model = library.GEE(
        events[case, group] / answers[case, group],
        design,
        groups=case,
        family=library.families.Binomial(),
        cov_struct=library.cov_struct.Independence(),
        weights=answers[case, group],
    )
    with warnings.catch_warnings():
        # A fit with a warning is discarded, unless the warning is of a deprecation.
        warnings.simplefilter("error")
        for category in (DeprecationWarning, PendingDeprecationWarning, FutureWarning):
            warnings.simplefilter("ignore", category)
        try:
            result = model.fit()
            ratios = np.exp(np.column_stack([result.params, result.conf_int()]))
            figures = np.column_stack([ratios, result.pvalues])[1:]
        except (Warning, ArithmeticError, ValueError, np.linalg.LinAlgError):
            return none
    if not result.converged or not np.isfinite(figures).all():
        return none
    return [Odds(*map(float, row)) for row in figures]


def _statsmodels() -> Any:
    try:
        return import_module("statsmodels.api")
    except ImportError:
        return None
