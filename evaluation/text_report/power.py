"""The result of a power analysis, as text and as one JSON object."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.table import Table

from primum.core.terminal import table_of
from primum.evaluation.power.detection import ALPHA, Power, smallest_design
from primum.evaluation.power.power import PowerResult, metric_of_answers
from primum.evaluation.statistics.estimates import RESAMPLES

SIMULATED = (
    "SIMULATED: power under the error model of the simulated clinicians: the errors of real models "
    "may be more or less correlated, and no figure here says anything about medicine."
)
COLUMNS = ("cases", "trials", "power", "standard error", "by interval", "standard error")
STANDARD_ERRORS = 2  # within which a difference counts as none


def notices(found: PowerResult) -> list[str]:
    """The notices to show with the figures."""
    return [SIMULATED, *([found.suite.warning] if found.suite.warning else [])]


def expectation(found: PowerResult) -> Iterator[str]:
    """Sentences on the ensembles, the expected difference, and the definition of power."""
    asked = found.request
    yield (
        f"{asked.metric}: {asked.ensemble} {_level(found, found.own)}, {found.other} "
        f"{_level(found, found.theirs)}; expected difference {_difference(found)}."
    )
    if found.error_reduction is not None:
        yield (
            f"{found.other} is {asked.ensemble} with other members of the same families, whose "
            f"errors are {found.error_reduction:.2f} standard deviations rarer (probit)."
        )
    if abs(found.difference) < STANDARD_ERRORS * found.difference_se:
        yield "The expected difference is near 0: no size of study can be derived from it."
    if asked.contrasts > ALPHA * (RESAMPLES + 1):
        yield f"With {RESAMPLES:,} sign flips no p is small enough for {asked.contrasts} contrasts."
    among = f", Holm-adjusted as the smallest of {asked.contrasts}" if asked.contrasts > 1 else ""
    yield (
        f"Power: the share of {asked.studies} simulated studies whose sign-flip test detects "
        f"the difference (p < .05{among}). By interval: the share whose 95% interval excludes 0."
    )


def power_table(found: PowerResult) -> Table:
    """A table with a row for each design."""
    return table_of(
        COLUMNS,
        [
            (d.cases, d.trials, *(f"{n:.3f}" for n in (d.power, d.power_se)), *_interval(d))
            for d in found.designs
        ],
    )


def conclusion(found: PowerResult) -> str:
    """A sentence on the design with 80% power and the fewest answers."""
    least = smallest_design(found.designs)
    if least is None:
        most = max(found.designs, key=lambda design: design.power)
        return (
            f"None of these designs has 80% power; {_size(most)} has the highest, {most.power:.0%}."
        )
    return f"Fewest answers with 80% power: {_size(least)} ({least.power:.0%})."


def power_json(found: PowerResult) -> dict[str, Any]:
    """The object that `primum power --json` prints."""
    least = smallest_design(found.designs)
    return {
        "simulated": True,
        "synthetic": found.suite.synthetic,
        "notice": notices(found),
        "suite": found.suite.name,
        **asdict(found.request),
        "against": found.other,
        "expected": {
            "ensemble": found.own,
            "against": found.theirs,
            "difference": found.difference,
            "difference_se": found.difference_se,
        },
        "error_reduction": found.error_reduction,
        "designs": [asdict(design) for design in found.designs],
        "smallest": None if least is None else asdict(least),
    }


def _level(found: PowerResult, value: float) -> str:
    return f"{value:.1%}" if metric_of_answers(found.request.metric).event else f"{value:.3f}"


def _difference(found: PowerResult) -> str:
    if metric_of_answers(found.request.metric).event:
        return f"{100 * found.difference:+.1f} points (± {100 * found.difference_se:.1f})"
    return f"{found.difference:+.3f} (± {found.difference_se:.3f})"


def _interval(design: Power) -> tuple[str, str]:
    return f"{design.by_interval:.3f}", f"{design.by_interval_se:.3f}"


def _size(design: Power) -> str:
    plural = "" if design.trials == 1 else "s"
    return f"{design.cases} cases x {design.trials} trial{plural}"
