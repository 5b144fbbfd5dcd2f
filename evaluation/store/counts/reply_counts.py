"""Counts of replies: their outcomes, what was normalised before they were read, their thinking."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from primum.evaluation.store.database import Fetch

# One row for each reply that was read; $1 is the study. Turns of several answers may share it.
READ = """
select distinct on ({by}) {by}, t.outcome, t.changes, t.thinking_characters, t.reasoning_tokens
from turns t join calls c on c.study = t.study and c.call = t.calls[-1] where t.study = $1
"""
COUNTS = """
with replies as ({read})
select {name}, judging, count(*) as replies, list_aggregate(list(outcome), 'histogram') as outcomes,
       count(*) filter (len(changes) > 0) as normalised,
       list_aggregate(flatten(list(changes)), 'histogram') as changes,
       sum(thinking_characters)::bigint as thinking, sum(reasoning_tokens)::bigint as tokens
from replies group by all order by all
"""
BY_ENSEMBLE = COUNTS.format(
    read=READ.format(by="t.ensemble, t.judging, c.call"), name="ensemble as name"
)
BY_MODEL = COUNTS.format(read=READ.format(by="c.model, t.judging, c.call"), name="model as name")
OVER_ALL = COUNTS.format(read=READ.format(by="t.judging, c.call"), name="'' as name")


class ReplyCounts(NamedTuple):
    """Counts of distinct replies.

    Attributes:
        replies: how many there are.
        outcomes: their number by outcome, once they were read.
        normalised: how many were normalised before they were read.
        changes: how many had each change, the most frequent first.
        thinking: characters of thinking, in all of them.
        reasoning_tokens: tokens of thinking; None where none were reported.
    """

    replies: int = 0
    outcomes: Mapping[str, int] = {}
    normalised: int = 0
    changes: Mapping[str, int] = {}
    thinking: int = 0
    reasoning_tokens: int | None = None

    @property
    def how(self) -> str:
        """What was normalised, such as "12 code fence, 3 trailing comma"."""
        return ", ".join(f"{number} {change}" for change, number in self.changes.items())

    @property
    def sentence(self) -> str:
        """How many replies were normalised, and how; empty if none was."""
        if not self.normalised:
            return ""
        were = "reply was" if self.normalised == 1 else "replies were"
        return f"{self.normalised} {were} normalised: {self.how}"


NONE = ReplyCounts()


class Replies(NamedTuple):
    """Counts of a study's replies, of agents and of judges apart.

    Attributes:
        agents: over all ensembles; a reply that several ensembles share counts once.
        judges: over all judges.
        by_ensemble: of each ensemble's agents.
        by_model: of the models that answer, by name in the panel.
        by_judge: of the models that judge.
    """

    agents: ReplyCounts
    judges: ReplyCounts
    by_ensemble: Mapping[str, ReplyCounts]
    by_model: Mapping[str, ReplyCounts]
    by_judge: Mapping[str, ReplyCounts]

    @property
    def whole(self) -> tuple[tuple[str, ReplyCounts], ...]:
        """The counts of all agents and of all judges, each with its name."""
        return ("Agents", self.agents), ("Judges", self.judges)


def reply_counts(fetch: Fetch, study: str) -> Replies:
    """The counts of a study's replies, from the rows of a store."""
    whole, by_ensemble, by_model = (
        _counts(fetch(sql, [study])) for sql in (OVER_ALL, BY_ENSEMBLE, BY_MODEL)
    )
    return Replies(
        agents=whole[False].get("", NONE),
        judges=whole[True].get("", NONE),
        by_ensemble=by_ensemble[False],
        by_model=by_model[False],
        by_judge=by_model[True],
    )


def _counts(rows: Sequence[tuple[Any, ...]]) -> dict[bool, dict[str, ReplyCounts]]:
    found: dict[bool, dict[str, ReplyCounts]] = {False: {}, True: {}}
    for name, judging, replies, outcomes, normalised, changes, *thinking in rows:
        often = sorted((changes or {}).items(), key=lambda item: (-item[1], item[0]))
        counts = ReplyCounts(replies, outcomes, normalised, dict(often), *thinking)
        found[judging][name] = counts
    return found
