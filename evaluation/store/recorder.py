"""From answers to figures: a scorer and a writer put together, and the archive beside the store."""

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
from primum.evaluation.analysis.analyse import Figures
from primum.evaluation.statistics.estimates import Estimate
from primum.evaluation.statistics.paired_differences import Comparison
from primum.evaluation.store.costs import Cost, Costs, judge_cost_of, spending
from primum.evaluation.store.database import BUSY_TIMEOUT_SECONDS, Store, StoreBusyError
from primum.evaluation.store.outcome_counts import OutcomeCounts
from primum.evaluation.store.scorer import Scorer
from primum.evaluation.store.writer import BatchWriter

SECONDS_A_BATCH = 2.0
SHARE_OF_TIME = 0.05  # that scoring and storing may take, or batches come further apart
ANSWERS_A_BATCH = 1_000
SHORT_BUSY_TIMEOUT_SECONDS = 0.2


class Result(NamedTuple):
    """All figures of a finished study; `failures` counts harms of teams by kind and severity."""

    study: Study
    outcome_counts: dict[str, OutcomeCounts]
    spending: dict[str, Costs]
    judging: Cost
    items: int
    estimates: tuple[Estimate, ...]
    comparisons: tuple[Comparison, ...]
    figures: Figures
    failures: Counter[tuple[str, str]]
    cautions: tuple[str, ...]

    def exit_code(self, max_failed: float) -> int:
        """0 done; 1 more than the given percent of models' answers failed or were not judged.

        4 if that holds for all, and none of it is the models' own doing.
        """
        asked = [
            self.outcome_counts[e.name] for e in self.study.ensembles if e.kind is not Kind.CONTROL
        ]
        total = sum(tally.asked for tally in asked)
        if total and sum(tally.unanswered + tally.unjudged for tally in asked) == total:
            return 4
        return int(100 * sum(tally.failed for tally in asked) > max_failed * total)


class Recorder:
    """Takes a study's answers as they are done: scores them, and stores them in batches."""

    def __init__(
        self,
        store: Store,
        study: Study,
        suite: Suite,
        imported: str | None = None,
        started: datetime | None = None,
    ) -> None:
        """Keep the manifest, in the archive beside the store too.

        Args:
            store: where rows go; what an earlier run of the same study stored stays until renewed.
            study: whose answers.
            suite: what is asked.
            imported: the text of a file of answers.
            started: when the run began (UTC); now, if it is not given.
        """
        self._store, self._study = store, study
        started = started or datetime.now(UTC)
        save_study(store.path.parent, study, suite, imported, started)
        self._scorer = Scorer(study, suite)
        self._writer = BatchWriter(store, study, suite, started)
        self._waiting: list[Answer] = []
        self._due = time.monotonic() + SECONDS_A_BATCH

    def add(self, answer: Answer) -> None:
        """Take an answer; a batch is stored every two seconds or so, or 1,000 answers."""
        self._waiting.append(answer)
        if time.monotonic() > self._due or len(self._waiting) >= ANSWERS_A_BATCH:
            with suppress(StoreBusyError):  # it goes with the next batch
                self.flush(SHORT_BUSY_TIMEOUT_SECONDS)

    def flush(self, patience: float = BUSY_TIMEOUT_SECONDS) -> None:
        """Score and store what is waiting.

        Raises:
            StoreBusyError: another process holds the store; what is waiting still does.
        """
        began = time.monotonic()
        self._due = began + SECONDS_A_BATCH
        scored = self._scorer.score(self._waiting)
        self._waiting = []
        self._writer.write_answers(scored, patience)
        self._due = began + max(SECONDS_A_BATCH, (time.monotonic() - began) / SHARE_OF_TIME)

    def discard(self) -> None:
        """Take back what was stored of a study that could not be told to its end."""
        if not self._writer.there_before:
            delete_study(self._store.path.parent, self._study)
            self._store.delete(self._study.id)

    def finish(self) -> Result:
        """Store the rest, sum up, and mark the study complete."""
        self.flush()
        summary = self._scorer.summarize()
        self._writer.finish(summary)
        took = spending(self._store, self._study.id)
        return Result(
            study=self._study,
            outcome_counts=self._scorer.outcome_counts,
            spending={spec.name: _spent_on(spec, took) for spec in self._study.ensembles},
            judging=judge_cost_of(self._store, self._study.id),
            items=self._scorer.items,
            estimates=summary.estimates,
            comparisons=summary.comparisons,
            cautions=tuple(c.caution for c in summary.cautions),
            figures=summary.figures,
            failures=self._scorer.failures,
        )


def _spent_on(spec: EnsembleSpec, took: dict[str, Costs]) -> Costs:
    """What an ensemble took; what imported answers did, nobody knows."""
    spent = took.get(spec.name, Costs())
    return spent._replace(answering=Cost(0, None)) if spec.kind is Kind.IMPORTED else spent
