"""All analyses of a study's scores; each gives the records of one table."""

from typing import Any

from primum.agents.studies.study import Study
from primum.evaluation.analysis.contributions.role_effects import effects
from primum.evaluation.analysis.contributions.shapley_values import shapley_values
from primum.evaluation.analysis.contributions.team_size import team_sizes
from primum.evaluation.analysis.diversity.ceilings import ceilings
from primum.evaluation.analysis.diversity.correlations import error_correlations
from primum.evaluation.analysis.diversity.diversity import diversity
from primum.evaluation.statistics.estimates import Sample

MIN_TEAMS = 4  # of which a best quarter is one at least
Figures = dict[str, tuple[Any, ...]]
"""Records by the name of their table."""


def analyse(sample: Sample, study: Study) -> Figures:
    """The records of every analysis that compares a study's ensembles, by table."""
    many = sum(len(spec.seats) > 1 for spec in study.ensembles) >= MIN_TEAMS
    return {
        "shapley_values": tuple(shapley_values(sample, study.ensembles)),
        "effects": tuple(effects(sample, study.ensembles)),
        "error_correlations": tuple(error_correlations(sample, study)),
        "ceilings": tuple(ceilings(sample, study)),
        "diversity": tuple(diversity(sample, study)),
        "team_sizes": tuple(team_sizes(sample, study.ensembles)) if many else (),
    }
