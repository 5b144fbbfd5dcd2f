"""`primum power`: the power of studies of several designs to detect a difference."""

from dataclasses import dataclass

import numpy as np

from primum.agents.studies.panel import Panel
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.cases.model import Suite, SuiteInfo
from primum.core.errors import UsageError
from primum.evaluation.metrics.record import AnswerMetric
from primum.evaluation.metrics.registry import columns
from primum.evaluation.power.detection import Power, design_power
from primum.evaluation.power.effect_size import effect_size
from primum.evaluation.power.simulated_studies import draw_cases, simulate, specialties_of
from primum.evaluation.power.teams import Team, team_of
from primum.evaluation.statistics.bootstrap import MIN_CASES
from primum.evaluation.statistics.estimates import nanmean

MAX_CASES, MAX_TRIALS = 2_000, 100
MAX_ANSWERS = 10_000_000


@dataclass(frozen=True)
class PowerRequest:
    """The difference to detect, and the designs of the studies that are to detect it.

    Attributes:
        ensemble: the baseline's name.
        against: the comparator's name; None if `points` is given.
        points: the reduction of severe harm of a better team, in percentage points.
        metric: name of the metric that is compared.
        cases: the designs' numbers of base cases.
        trials: the designs' numbers of trials.
        contrasts: number of registered contrasts, this one included.
        studies: number of simulated studies of each design.
        seed: of all draws.
    """

    ensemble: str
    against: str | None
    points: float | None
    metric: str
    cases: tuple[int, ...]
    trials: tuple[int, ...]
    contrasts: int = 1
    studies: int = 500
    seed: int = 0


@dataclass(frozen=True)
class PowerResult:
    """The power of each design, and the expected values of both ensembles.

    `own` and `theirs` are the expected values of the metric, `difference` is own minus theirs, and
    `difference_se` its standard error over simulated studies. `error_reduction` is the shift of a
    better team's error rates in standard deviations (probit); None if an ensemble was named.
    """

    request: PowerRequest
    suite: SuiteInfo
    other: str
    own: float
    theirs: float
    difference: float
    difference_se: float
    error_reduction: float | None
    designs: tuple[Power, ...]


def parse_numbers(option: str, text: str, least: int, most: int) -> tuple[int, ...]:
    """The numbers of a list such as 20,50,100.

    Raises:
        UsageError: the text is no such list, repeats a number, or has one out of bounds.
    """
    parts = text.split(",")
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise UsageError(f"{option} {text}: write whole numbers with commas between, as in 20,50")
    found = tuple(int(part) for part in parts)
    if len({*found}) < len(found) or not all(least <= number <= most for number in found):
        raise UsageError(f"{option} {text}: each number once, from {least} to {most}")
    return found


def parse_designs(cases: str, trials: str, studies: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The numbers of cases and of trials that the options --cases and --trials give.

    Raises:
        UsageError: either is no such list, or there are more answers than can be simulated.
    """
    many = parse_numbers("--cases", cases, MIN_CASES, MAX_CASES)
    often = parse_numbers("--trials", trials, 1, MAX_TRIALS)
    if max(many) * max(often) * studies > MAX_ANSWERS:
        raise UsageError(
            f"--cases {max(many)}, --trials {max(often)} and --studies {studies} come to more than "
            f"{MAX_ANSWERS:,} answers of a team; ask for fewer"
        )
    return many, often


def metric_of_answers(name: str) -> AnswerMetric:
    """The metric of single answers with a name.

    Raises:
        UsageError: there is no such metric.
    """
    found = {m.name: m for m in columns() if not m.definition.superseded}
    if name not in found:
        raise UsageError(
            f"--metric {name}: no metric of an answer has this name; there are {', '.join(found)}"
        )
    return found[name]


def power(suite: Suite, panel: Panel, request: PowerRequest) -> PowerResult:
    """Simulate studies of every design, and count those that detect the difference.

    Smaller studies consist of the first cases and trials of larger ones.

    Raises:
        UsageError: an ensemble or metric is unknown or cannot be simulated, or both are the same.
        DataError: a model without a valid profile.
    """
    metric = metric_of_answers(request.metric)
    teams, less = _teams(suite, panel, request)
    specialties = specialties_of(suite, max(request.cases))
    drawn = draw_cases(suite, specialties, request.studies, request.seed)
    trials = max(request.trials)
    values = simulate(suite, drawn, teams, [metric], trials, request.seed)[:, 0]
    differences = values[0] - values[1]
    by_study = nanmean(nanmean(differences, 2), 0)
    expected = float(np.nanmean(by_study))
    sign = -1 if expected < 0 else 1
    designs = tuple(
        design_power(
            differences[:many, :, :often],
            *(specialties[:many], request.contrasts, request.seed, sign),
        )
        for many in request.cases
        for often in request.trials
    )
    own, theirs = (float(np.nanmean(side)) for side in values)
    error = float(np.nanstd(by_study, ddof=1) / np.sqrt(request.studies))
    other = request.against or f"{request.ensemble}-better"
    return PowerResult(request, suite.info, other, own, theirs, expected, error, less, designs)


def _teams(
    suite: Suite, panel: Panel, request: PowerRequest
) -> tuple[tuple[Team, Team], float | None]:
    offered = {spec.name: spec for spec in (*panel.ensembles, *panel.solos())}
    team = team_of(_pick("--ensemble", request.ensemble, offered), panel.models)
    if request.against is None:
        better, less = effect_size(suite, team, request.points or 0.0, request.seed)
        return (team, better), less
    if request.against == request.ensemble:
        raise UsageError(f"--against {request.against}: name two different ensembles")
    return (team, team_of(_pick("--against", request.against, offered), panel.models)), None


def _pick(option: str, name: str, offered: dict[str, EnsembleSpec]) -> EnsembleSpec:
    if name not in offered:
        raise UsageError(f"{option} {name}: no such ensemble; there are {', '.join(offered)}")
    return offered[name]
