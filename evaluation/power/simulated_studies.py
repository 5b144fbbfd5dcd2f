"""Simulated studies: cases drawn from a suite, answered by teams, and scored as real ones are.

A case that is drawn twice in a study counts as two, with the same options and scores and with
independent draws.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from primum.cases.model import Case, Suite
from primum.core.arrays import Floats, Ints
from primum.evaluation.metrics.record import AnswerMetric, Findings
from primum.evaluation.power.beliefs import Beliefs
from primum.evaluation.power.normal_draws import SeededDraws
from primum.evaluation.power.teams import Team, decide
from primum.evaluation.scoring.answer_key import Key
from primum.evaluation.scoring.verdict_batch import Batch, match_grades

GRADES_AT_ONCE = 2_000_000  # options graded, over cases and trials


def specialties_of(suite: Suite, cases: int) -> list[str]:
    """The specialty of each of a number of cases, in the suite's proportions at every length."""
    by_specialty: dict[str, list[Case]] = defaultdict(list)
    for case in suite.cases:
        by_specialty[case.specialty].append(case)
    draft_positions = [
        ((number + 0.5) / len(found), specialty)
        for specialty, found in by_specialty.items()
        for number in range(len(found))
    ]
    order = [specialty for _, specialty in sorted(draft_positions, key=lambda place: place[0])]
    return [order[number % len(order)] for number in range(cases)]


def draw_cases(suite: Suite, specialties: Sequence[str], studies: int, seed: int) -> Ints:
    """The index in the suite of each case of each study, shape (cases, studies).

    Cases are drawn with replacement from those of the specialty.
    """
    rng = np.random.default_rng([seed, 3])
    own = [case.specialty for case in suite.cases]
    found = np.empty((len(specialties), studies), dtype=np.int64)
    for row, specialty in enumerate(specialties):
        members = [place for place, other in enumerate(own) if other == specialty]
        found[row] = rng.choice(members, size=studies)
    return found


def simulate(
    suite: Suite,
    drawn: Ints,
    teams: Sequence[Team],
    metrics: Sequence[AnswerMetric],
    trials: int,
    seed: int,
) -> Floats:
    """The metrics of the answers of several teams to the same cases.

    Args:
        suite: whose cases are drawn.
        drawn: the suite's index of each case, shape (cases, studies).
        teams: the teams that answer.
        metrics: the metrics to compute.
        trials: number of answers to every case.
        seed: of the clinicians' draws.

    Returns:
        Shape (teams, metrics, cases, studies, trials); NaN where a metric is undefined.
    """
    found = np.full((len(teams), len(metrics), *drawn.shape, trials), np.nan)
    for case, rows, columns, beliefs in _blocks(suite, drawn, trials, seed):
        key = Key(case)
        for place, team in enumerate(teams):
            given = decide(team, beliefs).reshape(-1, len(key.ids))
            values = metric_values(match_grades(key, given), metrics)
            found[place, :, rows, columns] = values.reshape(len(metrics), -1, trials).swapaxes(0, 1)
    return found


def metric_values(batch: Batch, metrics: Sequence[AnswerMetric]) -> Floats:
    """Metrics of a batch of answers, shape (metrics, answers)."""
    found = Findings(batch)
    return np.stack([metric.values(found) for metric in metrics])


def _blocks(
    suite: Suite, drawn: Ints, trials: int, seed: int
) -> Iterator[tuple[Case, Ints, Ints, Beliefs]]:
    """Each case of the suite with the rows and columns where it was drawn, in blocks."""
    for number, case in enumerate(suite.cases):
        rows, columns = np.nonzero(drawn == number)
        scores = np.array([option.score for option in case.options])
        at_once = max(1, GRADES_AT_ONCE // (trials * len(scores)))
        for start in range(0, len(rows), at_once):
            part = slice(start, start + at_once)
            size = len(rows[part])
            draws = SeededDraws(seed, (number, start), size, trials, len(scores))
            yield case, rows[part], columns[part], Beliefs(scores, draws)
