"""Comparison of the judges of a panel: each alone, the panel without each, and own-family bias.

All judges are compared on the same plans, and verdicts of single judges are scored as those of the
panel are. The figures of the study do not change.
"""

from collections import defaultdict
from dataclasses import dataclass
from importlib import import_module
from math import nan
from pathlib import Path

import numpy as np

from primum.agents.studies.study import Study
from primum.cases.model import Suite
from primum.cases.part import take
from primum.evaluation.metrics.judge_scores import WITHOUT
from primum.evaluation.metrics.july_2026 import F1_WEIGHTED
from primum.evaluation.statistics.bootstrap import intervals, resample, strata_of
from primum.evaluation.statistics.estimates import RESAMPLES, nanmean
from primum.evaluation.store.query import snapshot


@dataclass(frozen=True, slots=True)
class Ranking:
    """Ensembles from highest to lowest weighted F1, according to some judges.

    `tau` is Kendall's rank correlation with the ranking by all judges (tau-b).
    """

    judges: str
    order: tuple[str, ...]
    means: tuple[float, ...]
    tau: float


@dataclass(frozen=True, slots=True)
class Preference:
    """The own-family bias of a judge, relative to the other judges.

    `difference` is the judge's weighted F1 minus the mean of the other judges', on plans of
    ensembles of its own family minus on those of others; above 0 it favours its own. Paired
    by case, with a 95% bootstrap interval.
    """

    judge: str
    own: tuple[str, ...]
    difference: float
    lo: float
    hi: float
    cases: int


def rankings(store: Path, study: Study) -> list[Ranking]:
    """The rankings by all judges, then by the panel without each judge, then by each alone."""
    sql = """with seen as (
            select ensemble, item, trial, judges, value from judge_scores
            where study = $1 and metric = $2
            union all
            select ensemble, item, trial, 'all', value from scores
            where study = $1 and metric = $2 and definition = $3
                and (ensemble, item, trial) in
                    (select (ensemble, item, trial) from judge_scores where study = $1)
        ), by_item as (select ensemble, item, judges, avg(value) as value from seen group by all),
        by_case as (select ensemble, base_case, judges, avg(value) as value
            from by_item join (select * from items where study = $1) using (item) group by all)
        select judges, ensemble, round(avg(value), 12) from by_case group by all order by all"""
    given = [study.id, F1_WEIGHTED.name, F1_WEIGHTED.definition.name]
    with snapshot(store) as connection:
        rows = connection.execute(sql, given).fetchall()
    means: dict[str, dict[str, float]] = defaultdict(dict)
    for judges, ensemble, mean in rows:
        means[judges][ensemble] = mean
    whole = means.get("all", {})
    found = []
    for judges in sorted(
        means, key=lambda name: (name != "all", not name.startswith(WITHOUT), name)
    ):
        own = means[judges]
        order = tuple(sorted(own, key=lambda name: (-own[name], name)))
        found.append(Ranking(judges, order, tuple(own[name] for name in order), tau(whole, own)))
    return found


def preferences(store: Path, study: Study, suite: Suite) -> list[Preference]:
    """The own-family bias of every judge; NaN where all ensembles or none are of its family."""
    if study.judge is None or len(study.judge.judges) < 2:  # noqa: PLR2004
        return []
    labels = [judge.label for judge in study.judge.judges]
    sql = """with by_item as (
            select judges, ensemble, item, avg(value) as value from judge_scores
            where study = $1 and metric = $3 and not starts_with(judges, $2)
            group by all)
        select judges, ensemble, base_case, avg(value)
        from by_item join (select * from items where study = $1) using (item) group by all"""
    with snapshot(store) as connection:
        rows = connection.execute(sql, [study.id, WITHOUT, F1_WEIGHTED.name]).fetchall()
    ensembles = {spec.name: study.judged_by_own_family(spec) for spec in study.ensembles}
    own_cases = take(suite, study.part).cases
    cases = {case.id: place for place, case in enumerate(own_cases)}
    cube = np.full((len(labels), len(ensembles), len(cases)), np.nan)
    names = list(ensembles)
    for judge, ensemble, case, value in rows:
        cube[labels.index(judge), names.index(ensemble), cases[case]] = value
    strata = strata_of([case.specialty for case in own_cases])
    weights = resample(strata, RESAMPLES, study.seed)
    found = []
    for place, label in enumerate(labels):
        own = [name for name in names if label in ensembles[name]]
        excess = cube[place] - nanmean(np.delete(cube, place, axis=0), 0)
        mine = np.array([name in own for name in names])
        by_case = nanmean(excess[mine], 0) - nanmean(excess[~mine], 0)
        got = intervals(by_case[:, None], weights)
        figures = (float(got.mean[0]), float(got.lo[0]), float(got.hi[0]))
        found.append(Preference(label, tuple(own), *figures, int(got.cases[0])))
    return found


def tau(one: dict[str, float], other: dict[str, float]) -> float:
    """Kendall's tau-b of two rankings over the names in both, rounded to 12 decimals.

    NaN where all values of either are tied, or fewer than two names are in both.
    """
    names = sorted(set(one) & set(other))
    if len(names) <= 1:
        return nan
    first, second = ([of[name] for name in names] for of in (one, other))
    return round(float(import_module("scipy.stats").kendalltau(first, second).statistic), 12)
