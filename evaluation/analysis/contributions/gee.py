"""Odds ratios by generalised estimating equations, where statsmodels (the extra `stats`) is."""

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
    """The odds of an event in each group of answers, against the first group's.

    Logistic GEE (Liang and Zeger 1986) with the base case as cluster, independence as the working
    correlation and the robust covariance. Answers of one case and group are taken together, which
    changes neither estimate nor covariance. A group in which all or no answers have the event has
    no odds; nor has any without statsmodels, or where it finds no solution.

    Args:
        events: how many answers have the event, shape (cases, groups).
        answers: how many there are, shape (cases, groups).

    Returns:
        One for each group; NaN for the first.
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
    """Of each group but the first; every group has answers with and without the event."""
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
        # Figures that it warns of are not to be trusted, unless of a call that is out of date.
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
