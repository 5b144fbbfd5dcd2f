"""`primum power`: what is asked, and what is found."""

from dataclasses import dataclass

import numpy as np

from primum.agents.studies.panel import Panel
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.cases.model import Suite, SuiteInfo
from primum.core.errors import UsageError
from primum.evaluation.metrics.record import AnswerMetric
from primum.evaluation.metrics.registry import columns
from primum.evaluation.power.detection import Power, power_of
from primum.evaluation.power.effect_size import effect_size
from primum.evaluation.power.simulated_studies import draw_cases, simulate, spread
from primum.evaluation.power.teams import Team, team_of
from primum.evaluation.statistics.bootstrap import FEWEST_CASES
from primum.evaluation.statistics.estimates import nanmean

MOST_CASES, MOST_TRIALS = 2_000, 100
MOST_ANSWERS = 10_000_000


@dataclass(frozen=True)
class Question:
    """Which difference, seen by studies of which sizes.

    Attributes:
        ensemble: the baseline's name.
        against: the other ensemble's; or
        points: how much less severe harm a better one would do, in percentage points.
        metric: name of the metric that is compared.
        cases: numbers of base cases.
        trials: repeats of each.
        contrasts: registered ones, this one among them.
        studies: simulated of each size.
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
class Found:
    """The power of each design, and what is expected.

    `difference` is the ensemble's metric minus the other's, `difference_se` its standard error over
    simulated studies; `reduced_rates` says by how many standard deviations a better team errs less.
    """

    question: Question
    suite: SuiteInfo
    other: str
    own: float
    theirs: float
    difference: float
    difference_se: float
    reduced_rates: float | None
    designs: tuple[Power, ...]


def numbers(option: str, text: str, least: int, most: int) -> tuple[int, ...]:
    """A list such as 20,50,100.

    Raises:
        UsageError: anything else, a number twice, or one out of bounds.
    """
    parts = text.split(",")
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise UsageError(f"{option} {text}: write whole numbers with commas between, as in 20,50")
    found = tuple(int(part) for part in parts)
    if len({*found}) < len(found) or not all(least <= number <= most for number in found):
        raise UsageError(f"{option} {text}: each number once, from {least} to {most}")
    return found


def sizes(cases: str, trials: str, studies: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The designs' cases and trials, as the options say them.

    Raises:
        UsageError: not such lists, or more answers than can be simulated.
    """
    many = numbers("--cases", cases, FEWEST_CASES, MOST_CASES)
    often = numbers("--trials", trials, 1, MOST_TRIALS)
    if max(many) * max(often) * studies > MOST_ANSWERS:
        raise UsageError(
            f"--cases {max(many)}, --trials {max(often)} and --studies {studies} come to more than "
            f"{MOST_ANSWERS:,} answers of a team; ask for fewer"
        )
    return many, often


def metric_of_answers(name: str) -> AnswerMetric:
    """The metric of an answer with that name.

    Raises:
        UsageError: there is none.
    """
    found = {m.name: m for m in columns() if not m.definition.superseded}
    if name not in found:
        raise UsageError(f"--metric {name}: none of an answer; there are {', '.join(found)}")
    return found[name]


def power(suite: Suite, panel: Panel, question: Question) -> Found:
    """Simulate studies of every size, and count those that see the difference.

    The smaller studies are the first cases and trials of the larger ones.

    Raises:
        UsageError: no such ensemble or metric, one that cannot be simulated, or the same twice.
        DataError: a model without a valid profile.
    """
    metric = metric_of_answers(question.metric)
    teams, less = _teams(suite, panel, question)
    specialties = spread(suite, max(question.cases))
    drawn = draw_cases(suite, specialties, question.studies, question.seed)
    trials = max(question.trials)
    values = simulate(suite, drawn, teams, [metric], trials, question.seed)[:, 0]
    differences = values[0] - values[1]
    by_study = nanmean(nanmean(differences, 2), 0)
    expected = float(np.nanmean(by_study))
    way = -1 if expected < 0 else 1
    designs = tuple(
        power_of(
            differences[:many, :, :often],
            *(specialties[:many], question.contrasts, question.seed, way),
        )
        for many in question.cases
        for often in question.trials
    )
    own, theirs = (float(np.nanmean(side)) for side in values)
    error = float(np.nanstd(by_study, ddof=1) / np.sqrt(question.studies))
    other = question.against or f"{question.ensemble}-better"
    return Found(question, suite.info, other, own, theirs, expected, error, less, designs)


def _teams(
    suite: Suite, panel: Panel, question: Question
) -> tuple[tuple[Team, Team], float | None]:
    offered = {spec.name: spec for spec in (*panel.ensembles, *panel.solos())}
    team = team_of(_pick("--ensemble", question.ensemble, offered), panel.models)
    if question.against is None:
        better, less = effect_size(suite, team, question.points or 0.0, question.seed)
        return (team, better), less
    if question.against == question.ensemble:
        raise UsageError(f"--against {question.against}: name two different ensembles")
    return (team, team_of(_pick("--against", question.against, offered), panel.models)), None


def _pick(option: str, name: str, offered: dict[str, EnsembleSpec]) -> EnsembleSpec:
    if name not in offered:
        raise UsageError(f"{option} {name}: no such ensemble; there are {', '.join(offered)}")
    return offered[name]
