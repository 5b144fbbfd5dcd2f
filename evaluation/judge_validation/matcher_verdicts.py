"""Verdicts of a matcher or a panel of judges on a file of answers, for validation."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from primum.agents.judges.panel import JudgePanel, combine, judge_answer
from primum.agents.ledger.ledger import Ledger, caller
from primum.agents.models.outcomes import Outcome
from primum.agents.replies.reader import Reader
from primum.agents.studies.clients import ModelClient
from primum.agents.turns.transcript import Judgement
from primum.cases.model import Item, Suite
from primum.evaluation.exports.noharm_kit import PublishedAnswer
from primum.evaluation.judge_validation.agreement import AnswerId, Verdicts, lexical_verdicts
from primum.evaluation.matching.matchers import named_matcher
from primum.evaluation.matching.registry import LEXICAL
from primum.evaluation.metrics.judge_scores import WITHOUT


class Matched(NamedTuple):
    """The verdicts of a matcher on some answers, with its label and notice.

    `parts` are the verdicts of each single judge of a panel, and of the panel without each;
    `unjudged` lists the answers without verdicts, with reasons.
    """

    label: str
    verdicts: Verdicts
    parts: dict[str, Verdicts]
    unjudged: tuple[str, ...]
    notice: str


class Asking(NamedTuple):
    """How judges are asked: the workspace with the ledger, calls in flight, and the reader."""

    workspace: Path
    concurrency: int
    reader: Reader = Reader.TOLERANT


def match_all(
    name: str, answers: Sequence[PublishedAnswer], suite: Suite, asking: Asking
) -> Matched:
    """The verdicts of a matcher; answers to items outside the suite are left out.

    Args:
        name: "lexical", or a panel of judges.
        answers: the answers.
        suite: with the options to match.
        asking: how judges are asked, if the matcher is a panel of them.

    Raises:
        DataError: there is no such matcher, or its models cannot be called.
    """
    label, panel = named_matcher(name)
    if panel is None:
        notice = f"{LEXICAL.label} compares words and is not a judge; use a judge for real answers."
        return Matched(label, lexical_verdicts(tuple(answers), suite), {}, (), notice)
    found = asyncio.run(_judge(panel, answers, suite, asking))
    items = {item.id: item for item in suite.items()}
    parts: dict[str, dict[AnswerId, Judgement]] = {}
    for answer, judgement in found.items():
        votes = judgement.votes if len(judgement.votes) > 1 else ()
        for vote in votes:
            rest = combine("", [other for other in votes if other is not vote], items[answer[0]])
            parts.setdefault(vote.judge, {})[answer] = vote
            parts.setdefault(WITHOUT + vote.judge, {})[answer] = rest
    unjudged = tuple(
        f"{item}, trial {trial}: {judgement.reason}"
        for (item, trial), judgement in found.items()
        if judgement.outcome is not Outcome.OK
    )
    by_part = {name: _verdicts(part) for name, part in parts.items()}
    return Matched(label, _verdicts(found), by_part, unjudged, f"judged by {label}")


async def _judge(
    panel: JudgePanel,
    answers: Sequence[PublishedAnswer],
    suite: Suite,
    asking: Asking,
) -> dict[AnswerId, Judgement]:
    items: dict[str, Item] = {item.id: item for item in suite.items()}
    ledger = Ledger(asking.workspace / "ledger.sqlite", asking.concurrency)
    call = caller(ledger, panel.models, ModelClient())
    known = [answer for answer in answers if answer.id in items]
    try:
        asked = [judge_answer(panel, items[a.id], a.text, call, asking.reader) for a in known]
        judged = await asyncio.gather(*asked)
    finally:
        await ledger.drain()
        ledger.close()
    return {(a.id, a.trial): j for a, j in zip(known, judged, strict=True)}


def _verdicts(found: dict[AnswerId, Judgement]) -> Verdicts:
    return {
        answer: {verdict.option: verdict.verdict for verdict in judgement.verdicts}
        for answer, judgement in found.items()
        if judgement.outcome is Outcome.OK
    }
