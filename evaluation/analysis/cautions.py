"""Cautions about figures from few data, and from answers that are not a whole team's.

docs/statistics.md has the measured thresholds.
"""

from collections.abc import Iterable, Mapping
from operator import itemgetter

from primum.agents.studies.study import REFERENCES
from primum.core.arrays import Floats
from primum.core.console import counted, first_of
from primum.evaluation.metrics.july_2026 import SEVERE_RATE
from primum.evaluation.metrics.registry import column, ranked_by
from primum.evaluation.notices import NOT_WHOLE
from primum.evaluation.scoring.policies import DEFAULT_POLICY
from primum.evaluation.statistics.bootstrap import MIN_CASES
from primum.evaluation.statistics.estimates import Estimate, Sample
from primum.evaluation.statistics.paired_differences import Comparison

FEW_CASES = 20
FEW_EVENTS = 5
FEW_DIFFERING = 6  # five differences of one sign: p = 2 / 2^5 = .0625


def cautions_for(
    sample: Sample, estimates: Iterable[Estimate], comparisons: Iterable[Comparison]
) -> list[str]:
    """Cautions, a line each, about few cases, few events, zero width, and tests without power.

    They concern the metrics that ensembles are ranked by: few cases with a score; a rate with few
    cases that have the event, or that lack it; an interval of zero width; a difference in so few
    cases that no sign-flip p-value can be below .05. Controls are left out.

    Args:
        sample: the study's case values.
        estimates: of the study.
        comparisons: of the study.
    """
    row = {name: i for i, name in enumerate(sample.book.ensembles)}
    usual = [e for e in estimates if e.policy == DEFAULT_POLICY]
    found = _few_cases(usual)
    own = [e for e in usual if _counts(e)]
    for metric in ranked_by():
        of_metric = [e for e in own if e.key == metric.key]
        same, rare = [], []
        for estimate in of_metric:
            values = sample.cases[row[estimate.ensemble], :, column(metric)]
            if estimate.lo == estimate.hi:
                same.append(estimate.ensemble)
            elif metric.event and _fewer(values) < FEW_EVENTS:
                rare.append(estimate.ensemble)
        if same:
            found.append(
                f"{metric.name} of {first_of(same)}: the same value in every case; an interval "
                "without width says nothing about uncertainty"
            )
        if rare:
            found.append(
                f"{metric.name} of {first_of(rare)}: fewer than {FEW_EVENTS} cases with the event "
                "or without it; the interval is rough"
            )
    return found + _undecidable([c for c in comparisons if _counts(c)])


def degraded_caution(degraded: Mapping[str, tuple[int, int]]) -> list[str]:
    """A caution about answers that lack an agent's reply; empty if there are none.

    Args:
        degraded: by ensemble, the number of such answers and of usable answers.
    """
    some = [f"{name} ({lacking} of {of})" for name, (lacking, of) in degraded.items() if lacking]
    if not some:
        return []
    return [f"Degraded answers of {first_of(some)}: {NOT_WHOLE}"]


def _few_cases(figures: list[Estimate]) -> list[str]:
    """A caution about few base cases; by ensemble where their numbers differ."""
    rests = {e.ensemble: e.cases for e in figures if e.key == SEVERE_RATE.key}
    own = {name: cases for name, cases in rests.items() if not _is_control(name)} or rests
    few = {name: cases for name, cases in own.items() if 0 < cases < FEW_CASES}
    if not few:
        return []
    least = min(few.values())
    why = (
        f"with fewer than {MIN_CASES} there are no intervals and no p-values"
        if least < MIN_CASES
        else f"with fewer than {FEW_CASES}, 95% intervals of rates cover the true rate in less "
        "than 90% of studies"
    )
    if set(own.values()) == {least}:
        return [f"{counted(least, 'base case')}: {why}"]
    by_number = sorted(few.items(), key=itemgetter(1))
    who = first_of([f"{name} ({cases})" for name, cases in by_number])
    return [f"Few base cases with figures of {who}: {why}"]


def _undecidable(compared: list[Comparison]) -> list[str]:
    """Cautions about differences that no sign-flip test could find significant."""
    found = []
    for metric in ranked_by():
        pairs = [
            f"{c.ensemble} against {REFERENCES.get(c.against, c.against)}"
            for c in compared
            if c.key == metric.key and c.differing < FEW_DIFFERING
        ]
        if pairs:
            found.append(
                f"{metric.name}, {first_of(pairs)}: fewer than {FEW_DIFFERING} cases differ; no "
                "sign-flip test can be below .05"
            )
    return found


def _fewer(values: Floats) -> int:
    """The number of cases with the event in any answer or without it in any, whichever is less."""
    return min(int((values > 0).sum()), int((values < 1).sum()))


def _counts(figure: Estimate | Comparison) -> bool:
    return not _is_control(figure.ensemble) and figure.cases >= MIN_CASES


def _is_control(ensemble: str) -> bool:
    return ensemble.startswith("control:")
