"""What a study's answers took in calls and dollars: counted in the store, each call once."""

from typing import NamedTuple

from primum.evaluation.store.database import Store

BY_ENSEMBLE = "select ensemble, calls, cost, judge_calls, judge_cost from cost where study = ?"
JUDGING = """
with used as (
    select distinct unnest(calls) as call from turns
    where study = $study and judging
)
select count(*), sum(c.cost::decimal(38, 18))::double, count(*) = count(c.cost)
from used join calls c using (call) where c.study = $study
"""


class Cost(NamedTuple):
    """Distinct calls, and US dollars; None where the price of any is unknown."""

    calls: int = 0
    cost: float | None = 0


class Costs(NamedTuple):
    """What an ensemble's answers took, and what it took to judge them."""

    answering: Cost = Cost()
    judging: Cost = Cost()


def spending(store: Store, study: str) -> dict[str, Costs]:
    """Of each ensemble that any call was made for; calls that several share count for each."""
    return {
        name: Costs(_spent(calls, cost), _spent(judge_calls, judge_cost))
        for name, calls, cost, judge_calls, judge_cost in store.fetch(BY_ENSEMBLE, [study])
    }


def judge_cost_of(store: Store, study: str) -> Cost:
    """Of a study's judges, calls that several ensembles share counted once."""
    ((calls, cost, known),) = store.fetch(JUDGING, {"study": study})
    return _spent(calls, cost if known else None)


def _spent(calls: int, cost: float | None) -> Cost:
    return Cost(calls, cost) if calls else Cost()
