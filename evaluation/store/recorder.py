"""Records a study: scores its answers, writes them in batches, and summarises them at the end."""

import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from primum.agents.studies.archive import delete_study, save_study
from primum.agents.studies.study import Study
from primum.agents.topologies.ensemble import EnsembleSpec, Kind
from primum.agents.turns.transcript import Answer
from primum.cases.model import Suite
from primum.cases.part import take
from primum.evaluation.analysis.analyse import Figures
from primum.evaluation.notices import DEGRADED_MARK
from primum.evaluation.statistics.estimates import Estimate
from primum.evaluation.statistics.paired_differences import Comparison
from primum.evaluation.store.counts.bound_replies import ModelReplies, bound_replies
from primum.evaluation.store.counts.costs import Cost, Costs, judge_cost_of, spending
from primum.evaluation.store.counts.outcome_counts import OutcomeCounts
from primum.evaluation.store.counts.reply_counts import Replies, reply_counts
from primum.evaluation.store.database import BUSY_TIMEOUT_SECONDS, Store, StoreBusyError
from primum.evaluation.store.scorer import Scorer
from primum.evaluation.store.writer import BatchWriter

SECONDS_A_BATCH = 2.0
SHARE_OF_TIME = 0.05  # of scoring and storing; batches are spaced out to keep to it
ANSWERS_A_BATCH = 1_000
SHORT_BUSY_TIMEOUT_SECONDS = 0.2


class Result(NamedTuple):
    """All figures of a study.

    `failures` counts harms of teams by failure mode and severity. `lost` is whether every answer of
    models is lost, so that there is no figure.
    """

    study: Study
    outcome_counts: dict[str, OutcomeCounts]
    spending: dict[str, Costs]
    judging: Cost
    replies: Replies
    bound_replies: tuple[ModelReplies, ...]
    items: int
    estimates: tuple[Estimate, ...]
    comparisons: tuple[Comparison, ...]
    figures: Figures
    failures: Counter[tuple[str, str]]
    lost: bool
    cautions: tuple[str, ...]

    def degraded(self, name: str) -> int:
        """The number of an ensemble's degraded answers; 0 if there is no such ensemble."""
        tally = self.outcome_counts.get(name)
        return tally.degraded if tally else 0

    def degraded_mark(self, name: str) -> str:
        """What follows the name of an ensemble, or of a comparator, whose answers are degraded."""
        return DEGRADED_MARK if self.degraded(name) else ""

    def exit_code(self, max_failed: float) -> int:
        """The exit code of the run.

        4 if every answer is lost: none of models was usable and judged, and there is no figure; 1
        if more than `max_failed` percent of models' answers failed or were not judged; else 0.
        """
        if self.lost:
            return 4
        asked = [
            self.outcome_counts[e.name] for e in self.study.ensembles if e.kind is not Kind.CONTROL
        ]
        total = sum(tally.asked for tally in asked)
        return int(100 * sum(tally.failed for tally in asked) > max_failed * total)


class Recorder:
    """Scores the answers of a study as they arrive, and stores them in batches."""

    def __init__(
        self,
        store: Store,
        study: Study,
        suite: Suite,
        imported: str | None = None,
        started: datetime | None = None,
    ) -> None:
        """Store the manifest, in the archive beside the store too.

        Args:
            store: the store; rows of an earlier run of the study remain until they are replaced.
            study: the study.
            suite: its suite, of which its part is stored with the figures.
            imported: the text of a file of imported answers.
            started: when the run began (UTC); by default now.
        """
        self._store, self._study = store, study
        started = started or datetime.now(UTC)
        save_study(store.path.parent, study, suite, imported, started)
        own = take(suite, study.part)
        self._scorer = Scorer(study, own)
        self._writer = BatchWriter(store, study, own, started)
        self._waiting: list[Answer] = []
        self._due = time.monotonic() + SECONDS_A_BATCH

    def add(self, answer: Answer) -> None:
        """Add an answer; a batch is stored about every two seconds, or at 1,000 answers."""
        self._waiting.append(answer)
        if time.monotonic() > self._due or len(self._waiting) >= ANSWERS_A_BATCH:
            with suppress(StoreBusyError):  # stored with the next batch
                self.flush(SHORT_BUSY_TIMEOUT_SECONDS)

    def flush(self, timeout: float = BUSY_TIMEOUT_SECONDS) -> None:
        """Score and store the answers that are waiting.

        Raises:
            StoreBusyError: another process holds the store; the scored rows wait for the next call.
        """
        began = time.monotonic()
        self._due = began + SECONDS_A_BATCH
        scored = self._scorer.score(self._waiting)
        self._waiting = []
        self._writer.write_answers(scored, timeout)
        self._due = began + max(SECONDS_A_BATCH, (time.monotonic() - began) / SHARE_OF_TIME)

    def discard(self) -> None:
        """Delete the rows of a study that failed, unless an earlier run had stored it."""
        if not self._writer.there_before:
            delete_study(self._store.path.parent, self._study)
            self._store.delete(self._study.id)

    def finish(self) -> Result:
        """Store the remaining answers, compute all figures, and mark the study complete."""
        self.flush()
        if lost := self._scorer.lost:
            self._scorer.forget()
            self._writer.forget_scores()
        summary = self._scorer.summarize()
        self._writer.finish(summary)
        with self._store.reading() as fetch:
            took = spending(fetch, self._study.id)
            judging = judge_cost_of(fetch, self._study.id)
            replies = reply_counts(fetch, self._study.id)
            bound = bound_replies(fetch, self._study)
        return Result(
            study=self._study,
            outcome_counts=self._scorer.outcome_counts,
            spending={spec.name: _spent_on(spec, took) for spec in self._study.ensembles},
            judging=judging,
            replies=replies,
            bound_replies=bound,
            items=self._scorer.items,
            estimates=summary.estimates,
            comparisons=summary.comparisons,
            cautions=tuple(c.caution for c in summary.cautions),
            figures=summary.figures,
            failures=self._scorer.failures,
            lost=lost,
        )


def _spent_on(spec: EnsembleSpec, took: dict[str, Costs]) -> Costs:
    """The costs of an ensemble; unknown for imported answers."""
    spent = took.get(spec.name, Costs())
    return spent._replace(answering=Cost(0, None)) if spec.kind is Kind.IMPORTED else spent
