"""What each judge of a panel makes of a plan: its figures by one judge alone, and without one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from primum.agents.judges.panel import combine
from primum.agents.models.outcomes import Outcome
from primum.agents.turns.transcript import Answer, Judgement
from primum.cases.model import Item
from primum.evaluation.metrics.registry import by_judge, column
from primum.evaluation.metrics.score_table import Scored, score

WITHOUT = "without "


class JudgeScore(NamedTuple):
    """One metric of one plan as one judge sees it, or as the panel does without that judge."""

    ensemble: str
    item: str
    trial: int
    judges: str
    metric: str
    value: float


def judge_scores(found: Sequence[Scored]) -> Iterator[JudgeScore]:
    """Each plan's figures by each judge, and without each; undefined ones are left out."""
    metrics = by_judge()
    places = [column(metric) for metric in metrics]
    for scored in found:
        item = Item(id="", presentation="", case=scored.batch.key.case)
        seen = [(label, a) for answer in scored.answers for label, a in _seen(answer, item)]
        if seen:
            again = score(scored.batch.key, [answer for _, answer in seen])
            for (label, answer), values in zip(seen, again.values[:, places], strict=True):
                for metric, value in zip(metrics, values, strict=True):
                    if value == value:  # not NaN  # noqa: PLR0124
                        where = (answer.ensemble, answer.item, answer.trial)
                        yield JudgeScore(*where, label, metric.name, float(value))


def _seen(answer: Answer, item: Item) -> Iterator[tuple[str, Answer]]:
    """A plan as each of its judges sees it, and as the panel does without each."""
    votes = answer.judgement.votes if answer.judgement else ()
    if len(votes) < 2:  # noqa: PLR2004
        return
    for vote in votes:
        rest = combine("", [other for other in votes if other is not vote], item)
        views: tuple[tuple[str, Judgement], ...] = (
            (vote.judge, vote),
            (WITHOUT + vote.judge, rest),
        )
        for label, judgement in views:
            if judgement.outcome is Outcome.OK:
                yield label, replace(answer, judgement=judgement)
