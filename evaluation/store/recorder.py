"""From answers to figures: scores what comes in, stores it in batches, and sums it up."""

import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from primum.agents.roles.transcript import Answer
from primum.agents.specs.ensemble import EnsembleSpec
from primum.agents.studies.archive import delete_study, save_study
from primum.agents.studies.study import Study
from primum.cases.model import Suite
from primum.evaluation.analysis.analyse import Figures, analyse
from primum.evaluation.analysis.attribution.attribution import attributions
from primum.evaluation.analysis.attribution.harm_flows import Flows, count_flows
from primum.evaluation.analysis.attribution.provenance import traces
from primum.evaluation.analysis.cautions import warnings_of
from primum.evaluation.scoring.score_table import ScoreBook
from primum.evaluation.statistics.estimates import Estimate, draw_sample, estimates
from primum.evaluation.statistics.paired_differences import Comparison, comparisons
from primum.evaluation.store.costs import Cost, Costs, judge_cost_of, spending
from primum.evaluation.store.database import BUSY_TIMEOUT_SECONDS, Columns, Store, StoreBusyError
from primum.evaluation.store.outcome_counts import OutcomeCounts
from primum.evaluation.store.rows import (
    FIGURES,
    answer_rows,
    attribution_rows,
    columns,
    figure_rows,
    manifest_rows,
    study_row,
)
from primum.evaluation.store.schema import TABLES

SECONDS_A_BATCH = 2.0
SHARE_OF_TIME = 0.05  # that storing may take, or batches come further apart
ANSWERS_A_BATCH = 1_000
SHORT_BUSY_TIMEOUT_SECONDS = 0.2


class Result(NamedTuple):
    """All figures of a finished study; `failures` counts harms of teams by kind and severity."""

    study: Study
    outcome_counts: dict[str, OutcomeCounts]
    spending: dict[str, Costs]
    judging: Cost
    letters: int
    estimates: tuple[Estimate, ...]
    comparisons: tuple[Comparison, ...]
    figures: Figures
    failures: Counter[tuple[str, str]]
    cautions: tuple[str, ...]

    def exit_code(self, max_failed: float) -> int:
        """0 done; 1 more than the given percent of models' answers failed or were not judged.

        4 if that holds for all, and none of it is the models' own doing.
        """
        asked = [self.outcome_counts[e.name] for e in self.study.ensembles if e.graph != "control"]
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
        save_study(self.store.path.parent, self.study, self.suite, self.imported)
        names = tuple(ensemble.name for ensemble in self.study.ensembles)
        self._book = ScoreBook(self.suite, names, self.study.trials, self.study.weights)
        asked = len(self._book.items) * self.study.trials
        self._tallies = {
            spec.name: OutcomeCounts(asked=0 if spec.graph == "imported" else asked)
            for spec in self.study.ensembles
        }
        self._waiting: list[Answer] = []
        self._flows = Flows()
        self._failures: Counter[tuple[str, str]] = Counter()
        self._due = time.monotonic() + SECONDS_A_BATCH
        before = self.store.is_complete(self.study.id)
        self._there_before = before is not None
        self._whole = before is True  # an earlier run's figures, until an answer is renewed
        self._started = datetime.now(UTC)
        manifest = manifest_rows(self.study, self.suite, self._started, complete=self._whole)
        self.store.write(self.study.id, manifest, replace=list(manifest))

    def add(self, answer: Answer) -> None:
        """Take an answer; a batch is stored every two seconds or so, or 1,000 answers."""
        self._waiting.append(answer)
        self._tallies[answer.ensemble].add(answer)
        if time.monotonic() > self._due or len(self._waiting) >= ANSWERS_A_BATCH:
            with suppress(StoreBusyError):  # it goes with the next batch
                self.flush(SHORT_BUSY_TIMEOUT_SECONDS)

    def flush(self, patience: float = BUSY_TIMEOUT_SECONDS) -> None:
        """Score and store what is waiting.

        Raises:
            StoreBusyError: another process holds the store; what is waiting still does.
        """
        started = time.monotonic()
        self._due = started + SECONDS_A_BATCH
        found = self._book.add(self._waiting)
        ways = traces(self.study, found)
        harms = tuple(attributions(ways))
        rows = {
            **answer_rows(self.study, self._waiting, found),
            "attributions": attribution_rows(self.study, harms),
        }
        opened = ["studies"] if self._whole and self._waiting else []
        if opened:
            rows["studies"] = self._study(complete=False)
        self.store.write(self.study.id, rows, replace=opened, patience=patience)
        self._whole = self._whole and not opened
        self._flows.add(count_flows(ways))
        self._failures.update((harm.failure, harm.severity) for harm in harms)
        self._waiting = []
        took = time.monotonic() - started
        self._due = started + max(SECONDS_A_BATCH, took / SHARE_OF_TIME)

    def discard(self) -> None:
        """Take back what was stored of a study that could not be told to its end."""
        if not self._there_before:
            delete_study(self.store.path.parent, self.study)
            self.store.write(self.study.id, {}, replace=list(TABLES))

    def finish(self) -> Result:
        """Store the rest, sum up, and mark the study complete."""
        self.flush()
        sample = draw_sample(self._book, self.study.seed)
        found = tuple(estimates(sample))
        registered = frozenset((c.ensemble, c.against, c.metric) for c in self.study.contrasts)
        against = (self.study.against,) if self.study.against else ()
        compared = tuple(comparisons(sample, self.study.ensembles, registered, against))
        done = self._study(complete=True)
        figures = {**analyse(sample, self.study), "flows": tuple(self._flows.rows())}
        cautions = warnings_of(sample, found, compared)
        rows = {**figure_rows(self.study, found, compared, figures, cautions), "studies": done}
        self.store.write(self.study.id, rows, replace=["studies", *FIGURES])
        took = spending(self.store, self.study.id)
        return Result(
            study=self.study,
            outcome_counts=self._tallies,
            spending={spec.name: _spent_on(spec, took) for spec in self.study.ensembles},
            judging=judge_cost_of(self.store, self.study.id),
            letters=len(self._book.items),
            estimates=found,
            comparisons=compared,
            figures=figures,
            failures=self._failures,
            cautions=tuple(cautions),
        )

    def _study(self, *, complete: bool) -> Columns:
        return columns("studies", [study_row(self.study, self._started, complete=complete)])


def _spent_on(spec: EnsembleSpec, took: dict[str, Costs]) -> Costs:
    """What an ensemble took; what imported answers did, nobody knows."""
    spent = took.get(spec.name, Costs())
    return spent._replace(answering=Cost(0, None)) if spec.graph == "imported" else spent
