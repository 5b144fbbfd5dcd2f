"""Writes the rows of a study to the store in batches; rows wait while the store is busy."""

from collections.abc import Sequence
from datetime import datetime

from primum.agents.studies.study import Study
from primum.cases.model import Suite
from primum.core.errors import DataError
from primum.evaluation.store.database import BUSY_TIMEOUT_SECONDS, Store
from primum.evaluation.store.schema import batch_of
from primum.evaluation.store.tables.answer_tables import ScoredAnswers
from primum.evaluation.store.tables.figure_tables import Summary
from primum.evaluation.store.tables.study_tables import Manifest, Progress
from primum.evaluation.store.tables.table import Batch


class BatchWriter:
    """Writes the rows of one study.

    Rows of an earlier run of the study remain until their answers are written again; from the first
    such answer on the study is marked as not complete.
    """

    def __init__(self, store: Store, study: Study, suite: Suite, started: datetime) -> None:
        """Write the tables of the manifest; `started` (UTC) is when the run began."""
        self._store, self._study, self._started = store, study, started
        before = store.is_complete(study.id)
        self.there_before = before is not None
        self._complete = before is True
        self._waiting: list[Batch] = []
        batch = {**self._progress(complete=self._complete), **batch_of(Manifest(study, suite))}
        store.write(study.id, batch, replace=list(batch))

    def write_answers(self, answers: ScoredAnswers, timeout: float = BUSY_TIMEOUT_SECONDS) -> None:
        """Write scored answers, and those that are still waiting.

        Raises:
            StoreBusyError: another process holds the store for longer than `timeout` seconds; the
                rows wait for the next call.
        """
        if answers.answers:
            self._waiting.append(batch_of(answers))
        if not self._waiting:
            return
        self._write(self._waiting, timeout)
        self._waiting = []

    def forget_scores(self) -> None:
        """Delete the scores of all answers; the answers stay, and say that they have none."""
        self._store.delete_scores(self._study.id)

    def finish(self, summary: Summary) -> None:
        """Write the figures, and mark the study complete.

        Raises:
            DataError: the store was replaced and lacks the study.
        """
        if self._store.is_complete(self._study.id) is None:
            raise DataError(
                f"{self._store.path}: was replaced while the study ran; "
                f"`primum resume {self._study.id}` fills it again"
            )
        batch = {**self._progress(complete=True), **batch_of(summary)}
        self._store.write(self._study.id, batch, replace=list(batch))

    def _write(self, batches: Sequence[Batch], timeout: float) -> None:
        opened = self._progress(complete=False) if self._complete else {}
        self._store.write(self._study.id, opened, *batches, replace=list(opened), timeout=timeout)
        self._complete = False

    def _progress(self, *, complete: bool) -> Batch:
        return batch_of(Progress(self._study, self._started, complete))
