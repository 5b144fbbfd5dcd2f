"""The tables of figures, each of the records of one analysis."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from typing import Annotated, Any

from primum.agents.studies.study import Study
from primum.evaluation.analysis.analyse import Figures
from primum.evaluation.analysis.attribution.attribution import Attribution
from primum.evaluation.analysis.attribution.harm_flows import Flow
from primum.evaluation.analysis.contributions.role_effects import Effect
from primum.evaluation.analysis.contributions.shapley_values import ShapleyValue
from primum.evaluation.analysis.contributions.team_size import TeamSize
from primum.evaluation.analysis.diversity.ceilings import Ceiling
from primum.evaluation.analysis.diversity.correlations import ErrorCorrelation
from primum.evaluation.analysis.diversity.diversity import Diversity
from primum.evaluation.columns import KEY
from primum.evaluation.statistics.estimates import Estimate
from primum.evaluation.statistics.paired_differences import Comparison
from primum.evaluation.store.tables.answer_tables import ScoredAnswers
from primum.evaluation.store.tables.table import Column, Row, Table

IsSimulated = Callable[[frozenset[str], Any], bool]
"""Whether a record rests on simulation, given the names of the ensembles that do."""
SIMULATED = Column("simulated", "BOOLEAN", "whether simulated clinicians are involved")


@dataclass(frozen=True, slots=True)
class Caution:
    """One caution about figures from few data."""

    caution: Annotated[str, KEY, "the figures, and the reason for caution"]


@dataclass(frozen=True)
class Summary:
    """A study's figures; `figures` holds the records of each analysis by their table's name."""

    study: Study
    estimates: tuple[Estimate, ...]
    comparisons: tuple[Comparison, ...]
    figures: Figures = field(default_factory=dict)
    cautions: tuple[Caution, ...] = ()


def _of_ensemble(simulated: frozenset[str], record: Any) -> bool:
    return record.ensemble in simulated


def _of_either(simulated: frozenset[str], record: Comparison) -> bool:
    return bool({record.ensemble, *record.other.split(", ")} & simulated)


def _of_study(simulated: frozenset[str], record: Any) -> bool:  # noqa: ARG001
    """Figures of several ensembles count as simulated if any ensemble of the study is."""
    return bool(simulated)


def as_row(record: Any) -> dict[str, Any]:
    """A record's fields by their names, tuples as lists."""
    values = {own.name: getattr(record, own.name) for own in fields(record)}
    return {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}


def _marked(is_simulated: IsSimulated, study: Study, records: Iterable[Any]) -> Iterator[Row]:
    simulated = study.simulated_names
    for record in records:
        yield {**as_row(record), SIMULATED.name: is_simulated(simulated, record)}


def _attributions(source: ScoredAnswers) -> Iterator[Row]:
    return _marked(_of_ensemble, source.study, source.attributions)


def _summaries(source: Summary) -> Iterator[Row]:
    return _marked(_of_ensemble, source.study, source.estimates)


def _comparisons(source: Summary) -> Iterator[Row]:
    return _marked(_of_either, source.study, source.comparisons)


def _cautions(source: Summary) -> Iterator[Row]:
    return map(as_row, source.cautions)


def _analysis(name: str, record: type, is_simulated: IsSimulated) -> Table:
    """The table of the records of one analysis."""

    def rows(source: Summary) -> Iterator[Row]:
        return _marked(is_simulated, source.study, source.figures.get(name, ()))

    return Table(name, record, Summary, rows, (SIMULATED,))


FIGURE_TABLES = (
    Table("summaries", Estimate, Summary, _summaries, (SIMULATED,)),
    Table("comparisons", Comparison, Summary, _comparisons, (SIMULATED,)),
    _analysis("effects", Effect, _of_study),
    _analysis("shapley_values", ShapleyValue, _of_study),
    Table("attributions", Attribution, ScoredAnswers, _attributions, (SIMULATED,)),
    _analysis("flows", Flow, _of_ensemble),
    _analysis("error_correlations", ErrorCorrelation, _of_study),
    _analysis("ceilings", Ceiling, _of_ensemble),
    _analysis("diversity", Diversity, _of_study),
    Table("cautions", Caution, Summary, _cautions),
    _analysis("team_sizes", TeamSize, _of_study),
)
