"""The notices to show with figures from a store, which may hold several studies."""

from collections.abc import Sequence
from pathlib import Path

from primum.core.console import first_of
from primum.evaluation.notices import NOT_WHOLE, banners
from primum.evaluation.store.counts.outcome_counts import ANSWERED, DEGRADED
from primum.evaluation.store.database import reading

STUDIES = "select distinct simulated, matcher, notice from studies"
PARTS = "select study, part from studies where part is not null order by started_at desc, study"
DEGRADED_ANSWERS = f"""
select study, ensemble, sum({DEGRADED}::int)::int as degraded, sum({ANSWERED}::int)::int
from answers join studies using (study) group by study, ensemble, started_at having degraded > 0
order by started_at desc, study, ensemble
"""
DEGRADED_OF = f"""
select ensemble, sum({DEGRADED}::int)::int, sum({ANSWERED}::int)::int from answers
where study = ? and list_contains(?, ensemble) group by ensemble order by ensemble
"""


def store_notices(store: Path) -> list[str]:
    """The notices of a store's studies, each once; parts and degraded answers are in one line each.

    The latest studies are named first.
    """
    with reading(store) as connection:
        studies, parts, degraded = (
            connection.execute(sql).fetchall() for sql in (STUDIES, PARTS, DEGRADED_ANSWERS)
        )
    lines = [
        line for s, m, n in sorted(studies) for line in banners(simulated=s, matcher=m, notice=n)
    ]
    if parts:
        which = first_of([f"{study} ({part})" for study, part in parts])
        lines.append(f"PARTIAL: not of the whole suite: {which}; the column part says so.")
    if degraded:
        whose = [f"{name} of {study} ({n} of {of})" for study, name, n, of in degraded]
        lines.append(
            f"DEGRADED: answers of {first_of(whose)}: {NOT_WHOLE}; the column degraded says so."
        )
    return list(dict.fromkeys(lines))


def degraded_of(store: Path, study: str, names: Sequence[str]) -> dict[str, tuple[int, int]]:
    """By ensemble of a study, the numbers of its degraded and of its usable answers."""
    with reading(store) as connection:
        rows = connection.execute(DEGRADED_OF, [study, list(names)]).fetchall()
    return {name: (degraded, answered) for name, degraded, answered in rows}
