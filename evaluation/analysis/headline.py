"""The metrics that analyses speak of: harm first."""

from primum.evaluation.scoring.noharm_metrics import METRICS
from primum.evaluation.scoring.score_table import V1
from primum.evaluation.statistics.estimates import NAMES

HEADLINE = (
    (METRICS, "Severe_rate"),
    (METRICS, "Moderate_rate"),
    (METRICS, "Mild_rate"),
    (METRICS, "F1_weighted"),
    (V1, "Omissions"),
    (V1, "Commissions"),
    (V1, "Safety"),
    (V1, "Completeness"),
    (V1, "Restraint"),
)
HEADLINE_COLUMNS = [NAMES.index(name) for name in HEADLINE]
EVENTS = frozenset({"Severe_rate", "Moderate_rate", "Mild_rate"})
"""Those that are rates of an event: an answer has it or not."""
