"""The leaderboard: every ensemble of a study with its figures, costs, models and roles."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from primum.evaluation.html_report.ensemble_kinds import kind_of
from primum.evaluation.html_report.metric_format import all_metrics
from primum.evaluation.html_report.study_source import Row, Source
from primum.evaluation.metrics.july_2026 import F1_WEIGHTED, SEVERE_RATE
from primum.evaluation.metrics.record import Metric
from primum.evaluation.scoring.policies import DEFAULT_POLICY, Policy
from primum.evaluation.store.counts.outcome_counts import ANSWERED, DEGRADED, JUDGED, MODEL_FAILED
from primum.evaluation.store.counts.reply_counts import NONE, reply_counts

MAX_ENSEMBLES = 200  # in one page
Figures = dict[str, list[float | None]]
"""By a measure's key: mean, lower and upper end of the interval, base cases."""


def board(source: Source, wanted: Sequence[str]) -> list[Row]:
    """The ranked ensembles from best to worst by the headline metric, then the others.

    At most `MAX_ENSEMBLES`: those `wanted`, those that are no teams, then the best teams.
    """
    entries = _entries(source)
    replies = reply_counts(source.fetch, source.id).by_ensemble
    figures = {policy: _figures(source, policy) for policy in Policy}
    for entry in entries:
        name = entry["name"]
        read = replies.get(name, NONE)
        entry["normalised"], entry["normalised_how"] = read.normalised, read.how
        entry["figures"] = figures[DEFAULT_POLICY][name]
        entry["answered_only"] = figures[Policy.ANSWERED_ONLY][name]
    ranked = sorted(entries, key=_order)
    first = sorted(
        range(len(ranked)),
        key=lambda i: (ranked[i]["name"] not in wanted, ranked[i]["is_team"], i),
    )
    shown = [ranked[i] for i in sorted(first[:MAX_ENSEMBLES])]
    for entry in shown:
        if entry["figures"] == entry["answered_only"]:
            entry["answered_only"] = None
    return shown


def shown_metrics(entries: Sequence[Row]) -> list[Metric]:
    """The metrics that any of the ensembles has a figure of."""
    there = {
        key for entry in entries for key, (mean, *_) in entry["figures"].items() if mean is not None
    }
    return [m for m in all_metrics() if m.key in there or m in (F1_WEIGHTED, SEVERE_RATE)]


def _order(entry: Row) -> tuple[bool, float, str]:
    mean = entry["figures"].get(F1_WEIGHTED.key, [None])[0]
    return not entry["ranked"], 1.0 if mean is None else -mean, entry["name"]


def _entries(source: Source) -> list[Row]:
    """The study's ensembles without their figures."""
    seats: dict[str, list[Row]] = defaultdict(list)
    for seat in source.rows("select * from agents where study = $1"):
        seats[seat["ensemble"]].append(seat)
    outcome_counts = {row["ensemble"]: row for row in source.rows(OUTCOME_COUNTS)}
    costs = {row["ensemble"]: row for row in source.rows("select * from cost where study = $1")}
    found = []
    for row in source.rows("select * from ensembles where study = $1"):
        name, kind = row["ensemble"], kind_of(row["graph"])
        own, counts, cost = seats[name], outcome_counts.get(name, {}), costs.get(name, {})
        found.append(
            {
                "name": name,
                "graph": row["graph"],
                "kind": kind.name,
                "is_team": kind.is_team,
                "ranked": kind.ranked,
                "has_text": kind.has_text,
                "from_file": kind.from_file,
                "members": row["members"],
                "simulated": row["simulated"],
                "own_family_judges": row["own_family_judges"] or [],
                "seats": {seat["seat"]: seat["model"] for seat in own},
                "size": len(own),
                "roles": _counted([seat["role"] for seat in own]),
                "families": sorted({seat["family"] for seat in own}),
                "access": sorted({seat["access"] for seat in own}),
                "asked": counts.get("asked", 0),
                "answered": counts.get("answered", 0),
                "judged": counts.get("judged", 0),
                "model_failures": counts.get("model_failures", 0),
                "degraded": counts.get("degraded", 0),
                "seconds": counts.get("seconds") if own else None,
                **_costs(cost, counts.get("asked", 0), known=not kind.from_file),
            }
        )
    return found


def _costs(cost: Row, asked: int, *, known: bool) -> dict[str, Any]:
    """Calls and US dollars, in total and per answer; None where they are not known."""
    calls, dollars = cost.get("calls", 0), cost.get("cost", 0.0) if known else None
    return {
        "calls": calls,
        "cost": dollars,
        "calls_each": calls / asked if asked and known else None,
        "cost_each": dollars / asked if asked and dollars is not None else None,
        "judge_calls": cost.get("judge_calls", 0),
        "judge_cost": cost.get("judge_cost"),
    }


def _figures(source: Source, policy: Policy) -> dict[str, Figures]:
    found: dict[str, Figures] = defaultdict(dict)
    sql = """select ensemble, definition, metric, mean, lo, hi, cases from summaries
             where study = $1 and policy = $2"""
    for row in source.rows(sql, policy):
        key = f"{row['definition']}/{row['metric']}"
        found[row["ensemble"]][key] = [row["mean"], row["lo"], row["hi"], row["cases"]]
    return found


def _counted(names: Sequence[str]) -> str:
    """Names with their number, such as `3 generators, 1 critic`."""
    counts = {name: names.count(name) for name in dict.fromkeys(names)}
    return ", ".join(f"{n} {name}{'s' if n > 1 else ''}" for name, n in counts.items())


OUTCOME_COUNTS = f"""
select ensemble, count(*) as asked, sum({ANSWERED}::int)::int as answered,
       sum({JUDGED}::int)::int as judged, sum({MODEL_FAILED}::int)::int as model_failures,
       sum({DEGRADED}::int)::int as degraded, round(avg(seconds), 9) as seconds
from answers where study = $1 group by ensemble
"""
