"""The comparison of two ensembles of a stored study: figures, differences and outcomes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from primum.agents.studies.study import Study
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.cases.model import Suite
from primum.core.errors import DataError, UsageError
from primum.core.sql import literal
from primum.evaluation.metrics.july_2026 import SEVERE_RATE
from primum.evaluation.scoring.policies import DEFAULT_POLICY
from primum.evaluation.statistics.estimates import Estimate, draw_sample, estimates
from primum.evaluation.statistics.paired_differences import Comparison, comparisons
from primum.evaluation.store.counts.outcome_counts import ANSWERED, JUDGED
from primum.evaluation.store.load_scores import load_book
from primum.evaluation.store.query import snapshot
from primum.evaluation.store.store_notices import degraded_of

UNJUDGED = "unjudged"
OUTCOMES = f"""
select ensemble, if({ANSWERED} and not {JUDGED}, {literal(UNJUDGED)}, outcome),
       count(*) from answers where study = ? and list_contains(?, ensemble) group by all
"""
MAX_NAMES = 12
KNOWN = """
select ensemble from ensembles join studies using (study) where complete
group by ensemble order by max(started_at) desc, ensemble
"""
COST = "select ensemble, calls, cost from cost where study = ? and list_contains(?, ensemble)"


@dataclass(frozen=True)
class Side:
    """One ensemble of a comparison: figures by metric key, outcomes, degraded answers, calls, cost.

    `cost` is in US dollars for the whole study, None where a price is unknown.
    """

    spec: EnsembleSpec
    figures: dict[str, Estimate]
    outcomes: Counter[str]
    degraded: int
    calls: int
    cost: float | None


@dataclass(frozen=True)
class StoredComparison:
    """Two ensembles and the paired differences between them, by metric key."""

    study: Study
    items: int
    one: Side
    other: Side
    differences: dict[str, Comparison]


def study_of_both(store: Path, one: str, other: str) -> str:
    """The id of the latest complete study that has both ensembles.

    Raises:
        UsageError: both names are the same.
        DataError: there is no store, or no such study.
    """
    _require_two(one, other)
    sql = """select study from ensembles join studies using (study)
             where complete and ensemble in (?, ?) group by study, started_at
             having count(*) = 2 order by started_at desc limit 1"""
    with snapshot(store) as connection:
        found = connection.execute(sql, [one, other]).fetchall()
        known = [name for (name,) in connection.execute(KNOWN).fetchall()]
    for name in (one, other):
        if name not in known:
            raise DataError(f"{store}: no complete study has {name}; there are {_some(known)}")
    if not found:
        raise DataError(f"{store}: no complete study has both {one} and {other}")
    return str(found[0][0])


def contrast(store: Path, study: Study, suite: Suite, one: str, other: str) -> StoredComparison:
    """The comparison of two ensembles of a study.

    Raises:
        UsageError: the study lacks an ensemble of that name, or both names are the same.
        DataError: there is no store, or it has no scores of one of them.
    """
    specs = {spec.name: spec for spec in study.ensembles}
    for name in (one, other):
        if name not in specs:
            raise UsageError(f"{name}: not in {study.id}, which has {_some(list(specs))}")
    _require_two(one, other)
    names = (one, other)
    book = load_book(store, study, suite, names)
    sample = draw_sample(book, study.seed)
    figures = [e for e in estimates(sample) if e.policy == DEFAULT_POLICY]
    outcomes: dict[str, Counter[str]] = {name: Counter() for name in names}
    with snapshot(store) as connection:
        given = [study.id, list(names)]
        for name, outcome, number in connection.execute(OUTCOMES, given).fetchall():
            outcomes[name][outcome] = number
        costs = {name: row for name, *row in connection.execute(COST, given).fetchall()}
    degraded = degraded_of(store, study.id, names)
    sides = [
        Side(
            specs[name],
            {e.key: e for e in figures if e.ensemble == name},
            outcomes[name],
            degraded[name][0],
            *costs.get(name, (0, 0.0)),
        )
        for name in names
    ]
    found = comparisons(sample, (), frozenset({(one, other, SEVERE_RATE.name)}))
    differences = {c.key: c for c in found}
    return StoredComparison(study, len(book.items), sides[0], sides[1], differences)


def _require_two(one: str, other: str) -> None:
    if one == other:
        raise UsageError(f"{one}: the same ensemble twice; name two different ones")


def _some(names: Sequence[str]) -> str:
    return ", ".join([*names[:MAX_NAMES], *["..."] * (len(names) > MAX_NAMES)]) or "none"
