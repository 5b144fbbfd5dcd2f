"""The calls and costs of a study's answers, each distinct call counted once."""

from typing import NamedTuple

from primum.evaluation.store.database import Fetch

BY_ENSEMBLE = "select ensemble, calls, cost, judge_calls, judge_cost from cost where study = ?"
JUDGING = """
with used as (
    select distinct unnest(calls) as call from turns
    where study = $1 and judging
)
select count(*), sum(c.cost::decimal(38, 18))::double, count(*) = count(c.cost)
from used join calls c using (call) where c.study = $1
"""


class Cost(NamedTuple):
    """Distinct calls and their cost in US dollars; None where any price is unknown."""

    calls: int = 0
    cost: float | None = 0


class Costs(NamedTuple):
    """The costs of an ensemble's answers, and of judging them."""

    answering: Cost = Cost()
    judging: Cost = Cost()


def spending(fetch: Fetch, study: str) -> dict[str, Costs]:
    """Costs by ensemble of a store; a call that several ensembles share counts for each."""
    return {
        name: Costs(_spent(calls, cost), _spent(judge_calls, judge_cost))
        for name, calls, cost, judge_calls, judge_cost in fetch(BY_ENSEMBLE, [study])
    }


def judge_cost_of(fetch: Fetch, study: str) -> Cost:
    """The cost of a study's judges; a call that several ensembles share counts once."""
    ((calls, cost, known),) = fetch(JUDGING, [study])
    return _spent(calls, cost if known else None)


def _spent(calls: int, cost: float | None) -> Cost:
    return Cost(calls, cost) if calls else Cost()
