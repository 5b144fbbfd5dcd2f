"""Scores the answers of a study as they arrive, and computes its figures at the end."""

from collections import Counter
from collections.abc import Sequence

from primum.agents.models.outcomes import Outcome
from primum.agents.studies.study import Study
from primum.agents.topologies.ensemble import Kind
from primum.agents.turns.transcript import Answer
from primum.cases.model import Suite
from primum.evaluation.analysis.analyse import analyse
from primum.evaluation.analysis.attribution.attribution import attributions
from primum.evaluation.analysis.attribution.harm_flows import Flows, count_flows
from primum.evaluation.analysis.attribution.provenance import traces
from primum.evaluation.analysis.cautions import cautions_for, degraded_caution
from primum.evaluation.metrics.score_table import ScoreBook
from primum.evaluation.statistics.estimates import draw_sample, estimates
from primum.evaluation.statistics.paired_differences import comparisons
from primum.evaluation.store.counts.outcome_counts import OutcomeCounts
from primum.evaluation.store.tables.answer_tables import ScoredAnswers
from primum.evaluation.store.tables.figure_tables import Caution, Summary


class Scorer:
    """The scores of a study in memory.

    Attributes:
        items: number of items of the suite.
        outcome_counts: of answers, by ensemble.
        failures: counts of the harms of teams by failure mode and severity.
    """

    def __init__(self, study: Study, suite: Suite) -> None:
        self._study = study
        self._suite = suite
        self._book = self._empty_book()
        self._flows = Flows()
        self.items = len(self._book.items)
        asked = self.items * study.trials
        self.outcome_counts = {
            spec.name: OutcomeCounts(asked=0 if spec.kind is Kind.IMPORTED else asked)
            for spec in study.ensembles
        }
        self.failures: Counter[tuple[str, str]] = Counter()

    def _empty_book(self) -> ScoreBook:
        names = tuple(ensemble.name for ensemble in self._study.ensembles)
        return ScoreBook(self._suite, names, self._study.trials, self._study.weights)

    def score(self, answers: Sequence[Answer]) -> ScoredAnswers:
        """Score some answers, and update the counts of outcomes, failures and flows."""
        for answer in answers:
            self.outcome_counts[answer.ensemble].add(answer)
        scored = self._book.add(answers)
        found = traces(self._study, scored)
        harms = tuple(attributions(found))
        self._flows.add(count_flows(found))
        self.failures.update((harm.failure, harm.severity) for harm in harms)
        return ScoredAnswers(self._study, tuple(answers), scored, harms)

    @property
    def lost(self) -> bool:
        """Whether answers of models were expected, and none is usable and judged."""
        of_models = [
            self.outcome_counts[spec.name]
            for spec in self._study.ensembles
            if spec.kind is not Kind.CONTROL
        ]
        return any(c.asked for c in of_models) and all(c.failed == c.asked for c in of_models)

    def forget(self) -> None:
        """Forget all scores, so that there is no figure."""
        self._book = self._empty_book()
        self._flows, self.failures = Flows(), Counter()

    def summarize(self) -> Summary:
        """All figures of the study, from the answers scored so far."""
        study = self._study
        sample = draw_sample(self._book, study.seed)
        found = tuple(estimates(sample))
        registered = frozenset((c.ensemble, c.against, c.metric) for c in study.contrasts)
        against = (study.against,) if study.against else ()
        compared = tuple(comparisons(sample, study.ensembles, registered, against))
        figures = {**analyse(sample, study), "flows": tuple(self._flows.rows())}
        said = degraded_caution(self._degraded()) + cautions_for(sample, found, compared)
        cautions = tuple(map(Caution, said))
        return Summary(study, found, compared, figures, cautions)

    def _degraded(self) -> dict[str, tuple[int, int]]:
        """The degraded and the usable answers of every ensemble."""
        return {
            name: (counts.degraded, counts.outcomes[Outcome.OK])
            for name, counts in self.outcome_counts.items()
        }
