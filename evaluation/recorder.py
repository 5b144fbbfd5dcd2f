"""From answers to figures: scores what comes in, stores it in batches, and sums it up."""

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from primum.agents.archive import forget_study, keep_study
from primum.agents.records import Answer
from primum.agents.study import Study
from primum.cases.model import Suite
from primum.evaluation.analysis.analyse import Figures, analyse
from primum.evaluation.compare import Comparison, comparisons
from primum.evaluation.rows import (
    FIGURES,
    answer_rows,
    columns,
    figure_rows,
    manifest_rows,
    study_row,
)
from primum.evaluation.schema import TABLES
from primum.evaluation.scores import ScoreBook
from primum.evaluation.store import PATIENCE_SECONDS, Store, StoreBusyError
from primum.evaluation.summary import Estimate, draw_sample, estimates
from primum.evaluation.tally import Tally

SECONDS_A_BATCH = 2.0
ANSWERS_A_BATCH = 2_000
SHORT_PATIENCE_SECONDS = 0.2


class Result(NamedTuple):
    """All figures of a finished study."""

    study: Study
    tallies: dict[str, Tally]
    letters: int
    estimates: tuple[Estimate, ...]
    comparisons: tuple[Comparison, ...]
    figures: Figures

    def exit_code(self, max_failed: float) -> int:
        """0 done; 1 more than the given percent of models' answers failed or were not judged.

        4 if that holds for all, and none of it is the models' own doing.
        """
        asked = [self.tallies[e.name] for e in self.study.ensembles if e.graph != "control"]
        total = sum(tally.asked for tally in asked)
        if total and sum(tally.unanswered + tally.unjudged for tally in asked) == total:
            return 4
        return int(100 * sum(tally.failed for tally in asked) > max_failed * total)


@dataclass
class Recorder:
    """Takes a study's answers as they are done."""

    store: Store
    study: Study
    suite: Suite
    imported: str | None = None

    def __post_init__(self) -> None:
        """Write the manifest, to the archive beside the store too; `imported` is a file's text.

        What an earlier run of the same study stored stays until renewed.
        """
        keep_study(self.store.path.parent, self.study, self.suite, self.imported)
        names = tuple(ensemble.name for ensemble in self.study.ensembles)
        self._book = ScoreBook(self.suite, names, self.study.trials, self.study.weights)
        asked = len(self._book.tasks) * self.study.trials
        self._tallies = {
            spec.name: Tally(asked=0 if spec.graph == "imported" else asked)
            for spec in self.study.ensembles
        }
        self._waiting: list[Answer] = []
        self._known: set[str] = set()
        self._written = time.monotonic()
        before = self.store.is_complete(self.study.id)
        self._there_before = before is not None
        manifest = manifest_rows(self.study, self.suite, complete=before is True)
        self.store.write(self.study.id, manifest, replace=list(manifest))

    def add(self, answer: Answer) -> None:
        """Take an answer; a batch is stored every two seconds or 2,000 answers."""
        self._waiting.append(answer)
        self._tallies[answer.ensemble].add(answer)
        due = time.monotonic() - self._written > SECONDS_A_BATCH
        if due or len(self._waiting) >= ANSWERS_A_BATCH:
            with suppress(StoreBusyError):  # it goes with the next batch
                self.flush(SHORT_PATIENCE_SECONDS)

    def flush(self, patience: float = PATIENCE_SECONDS) -> None:
        """Score and store what is waiting.

        Raises:
            StoreBusyError: another process holds the store; what is waiting still does.
        """
        self._written = time.monotonic()
        found = self._book.add(self._waiting)
        known = set(self._known)
        rows = answer_rows(self.study, self._waiting, found, known)
        self.store.write(self.study.id, rows, patience=patience)
        self._waiting, self._known = [], known

    def discard(self) -> None:
        """Take back what was stored of a study that could not be told to its end."""
        if not self._there_before:
            forget_study(self.store.path.parent, self.study)
            self.store.write(self.study.id, {}, replace=list(TABLES))

    def finish(self) -> Result:
        """Store the rest, sum up, and mark the study complete."""
        self.flush()
        sample = draw_sample(self._book, self.study.seed)
        found = tuple(estimates(sample))
        registered = frozenset((c.ensemble, c.against, c.metric) for c in self.study.contrasts)
        against = (self.study.against,) if self.study.against else ()
        compared = tuple(comparisons(sample, self.study.ensembles, registered, against))
        done = columns("studies", [study_row(self.study, complete=True)])
        figures = analyse(sample, self.study)
        rows = {**figure_rows(self.study, found, compared, figures), "studies": done}
        self.store.write(self.study.id, rows, replace=["studies", *FIGURES])
        return Result(self.study, self._tallies, len(self._book.tasks), found, compared, figures)
