"""Figures case by case, of which the page takes plain means over some of the cases."""

from collections.abc import Sequence
from typing import Any

from primum.evaluation.html_report.study_source import Row, Source
from primum.evaluation.metrics.july_2026 import MILD_RATE, MODERATE_RATE, SEVERE_RATE
from primum.evaluation.metrics.registry import by_case
from primum.evaluation.metrics.version_1 import COMMISSIONS, OMISSIONS

SCALE = 10_000  # values are whole ten-thousandths
BY_CATEGORY = {
    SEVERE_RATE: "severe",
    MODERATE_RATE: "moderate",
    MILD_RATE: "any_harm",
    OMISSIONS: "omitted",
    COMMISSIONS: "committed",
}
"""Metrics of the harms of one category of options alone, with their column in BY_CATEGORY_SQL."""


def subsets(source: Source, entries: Sequence[Row]) -> dict[str, Any]:
    """Values by base case, in ten-thousandths, for every ensemble.

    `values[i][key]` has one value for each of `cases`, or None; a key is that of a metric, or
    `CATEGORY|KEY` for the harms of one category of options only.
    """
    cases = source.rows(
        "select distinct base_case, specialty from items where study = $1 order by all"
    )
    names = [entry["name"] for entry in entries]
    place = {row["base_case"]: i for i, row in enumerate(cases)}
    row_of = {name: i for i, name in enumerate(names)}
    values: list[dict[str, list[int | None]]] = [{} for _ in names]
    wanted = [m.key for m in by_case()]
    for row in source.rows(BY_CASE_SQL, names, wanted):
        own = values[row_of[row["ensemble"]]].setdefault(row["key"], [None] * len(cases))
        own[place[row["base_case"]]] = round(SCALE * row["value"])
    there = [[v is not None for v in own.get(SEVERE_RATE.key, [])] for own in values]
    for row in source.rows(BY_CATEGORY_SQL, names):
        e = row_of[row["ensemble"]]
        for one, column in BY_CATEGORY.items():
            key = f"{row['category']}|{one.key}"
            zeros = [0 if has else None for has in there[e]]
            own = values[e].setdefault(key, zeros)
            own[place[row["base_case"]]] = round(SCALE * row[column])
    return {
        "scale": SCALE,
        "cases": [row["base_case"] for row in cases],
        "specialties": [row["specialty"] for row in cases],
        "by_case": wanted,
        "by_category": [m.key for m in BY_CATEGORY],
        "values": values,
    }


BY_CASE_SQL = """
with by_item as (
    select ensemble, item, definition || '/' || metric as key, avg(value) as value
    from scores where study = $1 and ensemble in (select unnest($2))
    and definition || '/' || metric in (select unnest($3)) group by all)
select ensemble, base_case, key, avg(value) as value
from by_item join (select item, base_case from items where study = $1) using (item) group by all
"""
# An answer's share in its case's mean: one of its item's trials, one of its case's items.
BY_CATEGORY_SQL = """
with scored as (
    select ensemble, item, trial, base_case,
           count(*) over (partition by ensemble, item) as trials
    from answers join (select item, base_case from items where study = $1) using (item)
    where study = $1 and scored and ensemble in (select unnest($2))),
shares as (
    select s.*, 1 / (trials * items) as share from scored s
    join (select ensemble, base_case, count(distinct item) as items from scored group by all)
    using (ensemble, base_case)),
harmed as (
    select s.ensemble, s.item, s.trial, s.base_case, s.share, h.kind, h.severity,
           coalesce(o.category, a.category, '') as category,
           coalesce('g' || o.alternative_group, 'o' || h.option_id) as possible_harm
    from harms h join shares s using (ensemble, item, trial)
    left join options o on o.study = $1 and o.base_case = s.base_case and o.option_id = h.option_id
    left join actions a on a.study = $1 and a.ensemble = s.ensemble and a.item = s.item
        and a.trial = s.trial and a.number = h.action
    where h.study = $1),
by_answer as (
    select ensemble, base_case, category, share,
           max((severity = 'severe')::int) as severe,
           max((severity in ('severe', 'moderate'))::int) as moderate,
           count(distinct possible_harm) filter (kind = 'omission') as omitted,
           count(*) filter (kind = 'commission') as committed
    from harmed group by ensemble, base_case, category, share, item, trial)
select ensemble, base_case, category, sum(share * severe) as severe,
       sum(share * moderate) as moderate, sum(share) as any_harm,
       sum(share * omitted) as omitted, sum(share * committed) as committed
from by_answer where category <> '' group by all
"""
