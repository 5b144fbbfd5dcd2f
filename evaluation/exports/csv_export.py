"""A study as one table for statistics software: a row per answer, with factors and figures."""

from pathlib import Path

from primum.agents.roles.registry import ROLES
from primum.agents.studies.study import Study
from primum.core.sql import identifier, literal, literals
from primum.evaluation.metrics.july_2026 import MILD_RATE, MODERATE_RATE, SEVERE_RATE
from primum.evaluation.metrics.record import AnswerMetric
from primum.evaluation.metrics.registry import columns
from primum.evaluation.metrics.version_1 import COMMISSIONS, OMISSIONS
from primum.evaluation.store.counts.outcome_counts import ANSWERED, JUDGED
from primum.evaluation.store.query import Rows, snapshot


def _value(metric: AnswerMetric) -> str:
    definition, name = literal(metric.definition.name), literal(metric.name)
    return f"max(value) filter (definition = {definition} and metric = {name})"


# Each column: its SQL over a(nswers), i(tems), e(nsembles), s(tudies), t(eams) and
# v (scores, of which there are several a row), and its meaning.
FACTORS: dict[str, tuple[str, str]] = {
    "study": ("a.study", "the study's id"),
    "suite": ("s.suite", "name of the suite"),
    "part": ("coalesce(s.part, 'whole')", "part of the suite that was run; 'whole' for all of it"),
    "protocol": ("s.protocol", "how an item is asked and its answer read"),
    "form": ("s.form", "how long an answer may be"),
    "matcher": ("s.matcher", "what turned answers into verdicts"),
    "ensemble": ("a.ensemble", "who answered: an ensemble, a solo or a control"),
    "graph": ("e.graph", "the graph that joins its agents"),
    "model_family": ("t.families", "families of its models, joined by +; a solo has one"),
    "models": ("t.models", "ids of its models, joined by +"),
    "team_size": ("coalesce(t.seats, 0)", "its seats; 0 for controls and imported answers"),
    "generators": ("coalesce(t.generators, 0)", "its seats that draft"),
    "distinct_models": ("coalesce(t.distinct_models, 0)", "different models in them"),
    "distinct_families": ("coalesce(t.distinct_families, 0)", "different families in them"),
    "specialty": ("i.specialty", "of the base case"),
    "base_case": ("i.base_case", "the base case: the unit that repeats"),
    "item": ("a.item", "id of the item"),
    "variant": ("if(a.item = i.base_case, 'base', a.item)", "'base', or the variant's id"),
    "edit": ("coalesce(i.edit, 'none')", "kind of edit; 'none' for a base case"),
    "trial": ("a.trial", "repeat, from 1"),
    "outcome": ("a.outcome", "ok, or why there is no recommendation"),
    "answered": (ANSWERED, "whether there is a usable answer"),
    "judged": (JUDGED, "whether a usable answer has verdicts"),
    "unjudged": ("a.unjudged", "why a usable answer has no verdicts"),
    "scored": ("a.scored", "whether the columns from severe on have values"),
    "degraded": ("a.degraded", "agents whose turn could not be used"),
    "simulated": ("e.simulated", "whether it rests on simulated clinicians"),
    "synthetic": ("s.synthetic", "whether the suite's cases are invented"),
    "severe": (f"{_value(SEVERE_RATE)}::int", "1 if it has any severe harm, else 0"),
    "moderate": (
        f"{_value(MODERATE_RATE)}::int",
        "1 if it has any moderate or severe harm, else 0",
    ),
    "mild": (f"{_value(MILD_RATE)}::int", "1 if it has any harm, else 0"),
    "omissions": (
        f"{_value(OMISSIONS)}::int",
        "number of omissions; an alternative group counts once",
    ),
    "commissions": (f"{_value(COMMISSIONS)}::int", "number of commissions"),
}
DRAFTING = literals(role.recorded for role in ROLES if role.drafts)
TABLE = f"""
with teams as (
    select ensemble, count(*) as seats, sum((role in ({DRAFTING}))::int)::int as generators,
           count(distinct model_id) as distinct_models, count(distinct family) as distinct_families,
           string_agg(distinct model_id, '+' order by model_id) as models,
           string_agg(distinct family, '+' order by family) as families
    from agents where study = $study group by all
)
select {{columns}}
from answers a join items i using (study, item) join ensembles e using (study, ensemble)
join studies s using (study) left join teams t using (ensemble)
left join scores v using (study, ensemble, item, trial)
where a.study = $study group by all order by a.ensemble, i.base_case, a.item, a.trial
"""


def scores_of(store: Path, study: Study) -> Rows:
    """A row per answer: factors, outcome, and every metric that is not superseded."""
    selected = {name: sql for name, (sql, _) in FACTORS.items()}
    selected |= {metric.name: _value(metric) for metric in figures()}
    listed = ",\n".join(f"{sql} as {identifier(name)}" for name, sql in selected.items())
    with snapshot(store) as connection:
        found = connection.execute(TABLE.format(columns=listed), {"study": study.id}).fetchall()
    return Rows(list(selected), found)


def figures() -> tuple[AnswerMetric, ...]:
    """The metrics that have a column of their own name, after the factors."""
    return tuple(
        metric
        for metric in columns()
        if not metric.definition.superseded and metric.name.lower() not in FACTORS
    )
