"""Every analysis of a study's scores, each as the records of one table."""

from typing import Any

from primum.agents.study import Study
from primum.evaluation.analysis.effects import effects
from primum.evaluation.summary import Sample

Figures = dict[str, tuple[Any, ...]]
"""Records by the name of their table."""


def analyse(sample: Sample, study: Study) -> Figures:
    """What a study's ensembles, held against one another, say of their agents."""
    return {"effects": tuple(effects(sample, study.ensembles))}
