"""What `primum power` found, for a reader and as one JSON object."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.table import Table

from primum.core.terminal import table_of
from primum.evaluation.power.detection import ALPHA, Power, smallest_design
from primum.evaluation.power.power import PowerResult, metric_of_answers
from primum.evaluation.statistics.estimates import RESAMPLES

SIMULATED = (
    "SIMULATED: power under the simulated clinicians' error model, not a promise: real models may "
    "err more alike or less, and no figure here says anything about medicine."
)
COLUMNS = ("cases", "trials", "power", "error", "interval leaves out 0", "error")
TWICE = 2


def notices(found: PowerResult) -> list[str]:
    """What must be said with the figures."""
    return [SIMULATED, *([found.suite.warning] if found.suite.warning else [])]


def expectation(found: PowerResult) -> Iterator[str]:
    """What is compared, what is expected, and what counts as seen."""
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
    if abs(found.difference) < TWICE * found.difference_se:
        yield "The two hardly differ: no size of study can be read from this."
    if asked.contrasts > ALPHA * (RESAMPLES + 1):
        yield f"Of {RESAMPLES:,} sign flips no p is low enough for so many contrasts."
    among = f", Holm-adjusted as the first of {asked.contrasts}" if asked.contrasts > 1 else ""
    yield (
        f"Power: the share of {asked.studies} simulated studies whose sign-flip test sees the "
        f"difference (p < .05{among}); beside it, whose 95% interval leaves out 0."
    )


def power_table(found: PowerResult) -> Table:
    """A row for each size of study."""
    return table_of(
        COLUMNS,
        [
            (d.cases, d.trials, *(f"{n:.3f}" for n in (d.power, d.power_se)), *_interval(d))
            for d in found.designs
        ],
    )


def conclusion(found: PowerResult) -> str:
    """The smallest study of sufficient power."""
    least = smallest_design(found.designs)
    if least is None:
        most = max(found.designs, key=lambda design: design.power)
        return f"None of these sizes has 80% power; {_size(most)} have the most, {most.power:.0%}."
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
