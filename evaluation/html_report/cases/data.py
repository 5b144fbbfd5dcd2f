"""The rows of the case browser: cases, answers with their verdicts, and transcripts of answers."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from primum.agents.roles.marks import marks_of
from primum.evaluation.html_report.role_display import concluding_roles
from primum.evaluation.html_report.study_source import Row, Source
from primum.evaluation.store.counts.outcome_counts import FAILURE

ItemTrial = tuple[str, int]
"""Which of an ensemble's answers: the item and the trial."""
FIRST_SYMBOL = 48  # a verdict and a harm are one character from here on: 3 x harm + verdict


def cases_of(source: Source) -> dict[str, Row]:
    """Every base case with its items and options, in the suite's order."""
    found: dict[str, Row] = {}
    for row in source.rows("select * from items where study = $1 order by rowid"):
        case = found.setdefault(
            row["base_case"],
            {
                "case": row["base_case"],
                "specialty": row["specialty"],
                "items": [],
                "options": [],
            },
        )
        case["items"].append([row["item"], row["edit"], row["presentation"]])
    for row in source.rows("select * from options where study = $1 order by option_id"):
        found[row["base_case"]]["options"].append(
            [
                row[name]
                for name in "option_id text category score alternative_group reason "
                "guideline".split()
            ]
        )
    return found


def answers_of(source: Source, ensemble: str) -> dict[ItemTrial, Row]:
    """Every answer of an ensemble, with a symbol for each option's verdict and harm.

    `failure` is the outcome of an answer that is not usable, else null.
    """
    found = {}
    for row in source.rows(ANSWERS, ensemble):
        found[row["item"], row["trial"]] = row
    for row in source.rows(OFF_RUBRIC, ensemble):
        off = found[row["item"], row["trial"]].setdefault("off", [])
        off.append([row["action"], row["severity"], row["text"]])
    for row in source.rows(FLAGS, ensemble, concluding_roles()):
        flags = {"missed": row["missed"], "dropped": row["dropped"]}
        found.get((row["item"], row["trial"]), {}).update(flags)
    return found


def transcripts_of(
    source: Source, ensemble: str, keys: Sequence[ItemTrial]
) -> Iterator[tuple[ItemTrial, Row]]:
    """The transcripts of some answers: turns in order, the answer, evidence, actions, causes.

    A turn is its seat, role, mark, the seat that it is about, its round, failure (null if it is
    usable), reason and text.
    """
    wanted = [f"{item}\n{trial}" for item, trial in keys]
    parts: dict[str, dict[ItemTrial, list[list[Any]]]] = {}
    for name, sql in TRANSCRIPT.items():
        parts[name] = defaultdict(list)
        for row in source.rows(sql, ensemble, wanted):
            key = (row.pop("item"), row.pop("trial"))
            parts[name][key].append(list(row.values()))
    marks = marks_of((row["seat"], row["role"]) for row in source.rows(SEATS, ensemble))
    for turn in (turn for turns in parts["turns"].values() for turn in turns):
        turn.insert(2, marks[turn[0], turn[1]])
    for key in keys:
        yield key, {name: rows[key] for name, rows in parts.items() if rows[key]}


ANSWERS = f"""
with marks as (
    select item, trial, option_id, 1 + (kind = 'commission')::int * 3
           + list_position(['mild', 'moderate', 'severe'], severity) - 1 as harm
    from harms where study = $1 and ensemble = $2 and option_id is not null),
symbols as (
    select v.item, v.trial, string_agg(chr(({FIRST_SYMBOL} + 3 * coalesce(m.harm, 0)
           + list_position(['none', 'partial', 'full'], verdict) - 1)::int), ''
           order by v.option_id) as symbols
    from verdicts v left join marks m using (item, trial, option_id)
    where v.study = $1 and v.ensemble = $2 group by all),
worst as (
    select item, trial,
           max(list_position(['mild', 'moderate', 'severe'], severity)) as worst
    from harms where study = $1 and ensemble = $2 group by all)
select item, trial, {FAILURE} as failure, reason, degraded, seconds, scored, unjudged, symbols,
       coalesce(worst, 0) as worst
from answers left join symbols using (item, trial) left join worst using (item, trial)
where study = $1 and ensemble = $2
"""
OFF_RUBRIC = """
select h.item, h.trial, h.action, h.severity, a.action as text
from harms h left join actions a on a.study = h.study and a.ensemble = h.ensemble
    and a.item = h.item and a.trial = h.trial and a.number = h.action
where h.study = $1 and h.ensemble = $2 and h.option_id is null
"""
FLAGS = """
select item, trial, max((len(missed_by) > 0)::int)::int as missed,
       max((role in (select unnest($3)) and drafts_right > 0)::int)::int as dropped
from attributions where study = $1 and ensemble = $2 group by all
"""
SEATS = """select distinct seat, role from turns
    where study = $1 and ensemble = $2 order by all"""
_HERE = "study = $1 and ensemble = $2 and (item || chr(10) || trial) in (select unnest($3))"
TRANSCRIPT = {
    "turns": f"""select item, trial, seat, role, about, round, {FAILURE} as failure,
        reason, text
        from turns where {_HERE} order by rowid""",
    "answer": f"select item, trial, text from answers where {_HERE} and text is not null",
    "evidence": f"""select item, trial, option_id, evidence from verdicts
        where {_HERE} and coalesce(evidence, '') <> '' order by all""",
    "actions": f"""select item, trial, number, action, category, matches, score
        from actions where {_HERE} order by all""",
    "causes": f"""select item, trial, option_id, kind, severity, failure, seat, drafts,
        drafts_right, caught_by, missed_by from attributions where {_HERE} order by all""",
}
