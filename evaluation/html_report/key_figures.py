"""The top of the page: a sentence on what was run, the notices, and the key figures."""

from collections import Counter
from collections.abc import Sequence
from math import ceil, floor

from primum.agents.studies.study import Study
from primum.evaluation.analysis.cautions import degraded_caution
from primum.evaluation.html_report.ensemble_kinds import KINDS, SOLO, TEAM, unranked
from primum.evaluation.html_report.metric_format import (
    format_interval,
    format_value,
)
from primum.evaluation.html_report.study_source import Row, Source
from primum.evaluation.metrics.july_2026 import F1_WEIGHTED, SEVERE_RATE
from primum.evaluation.metrics.record import Metric
from primum.evaluation.notices import DEGRADED_MARK, degraded_notice, study_banners

TAGS = frozenset(
    "SIMULATED SYNTHETIC LEXICAL JUDGED PARTIAL DEGRADED".split()
)  # every other notice has the tag NOTICE
MAX_OPEN_ROWS = 24  # a longer leaderboard first shows the best, the selected and the worst
ENDS = 5  # how many rows count as the best, and as the worst


def notices(study: Study, entries: Sequence[Row]) -> list[tuple[str, str]]:
    """The notices that belong to every figure: a tag, and the sentence that explains it."""
    found = []
    for line in (*study_banners(study), *degraded_notice(_degraded(entries))):
        word, _, rest = line.partition(" ")
        tag = word.rstrip(":")
        found.append((tag, rest) if tag in TAGS else ("NOTICE", line))
    answered, judged = (sum(e[name] for e in entries) for name in ("answered", "judged"))
    of_models = [entry for entry in entries if entry["ranked"]]
    if of_models and not any(entry["judged"] for entry in of_models):
        found.append(("LOST", "no answer of a model is usable and judged, so there is no figure."))
    if judged < answered:
        rest = f"{answered - judged} of {answered} answers were not judged, and have no score."
        found.append(("UNJUDGED", rest))
    return found


def cautions(source: Source, entries: Sequence[Row]) -> list[str]:
    """The study's cautions, without that of degraded answers, which is a notice of the page."""
    said = degraded_caution(_degraded(entries))
    found = [row["caution"] for row in source.rows(CAUTIONS)]
    return [caution for caution in found if caution not in said]


def _degraded(entries: Sequence[Row]) -> dict[str, tuple[int, int]]:
    return {entry["name"]: (entry["degraded"], entry["answered"]) for entry in entries}


def summary_sentence(study: Study, entries: Sequence[Row], count: Row) -> str:
    """What was run: which ensembles answered how much of which suite, and how."""
    counts = Counter(entry["kind"] for entry in entries)
    parts = [
        _count(counts[name], kind.singular, kind.plural)
        for name, kind in KINDS.items()
        if name in counts
    ]
    listed = ", ".join(parts[:-1]) + (" and " if parts[1:] else "") + parts[-1]
    trials = "" if study.trials == 1 else f", {_trials(study, entries, count)} times each"
    of = f" ({study.part.size})" if study.part else ""
    suite, how = f"the suite {study.suite.name}{of}", study.protocol.doing
    return f"{listed} answered {_answered(count)} of {suite}{trials}, {how}."


def _answered(count: Row) -> str:
    """The cases and items that have an answer, out of those of the study where some have none."""
    cases, items = count["cases"], count["items"]
    text = _count(cases, "case", "cases")
    if count["answered_cases"] < cases:
        text = f"{count['answered_cases']} of the {text}"
    if items == cases:
        return text
    if count["answered_items"] < items:
        return f"{text} ({count['answered_items']} of {items} items)"
    return f"{text} in {items} items"


def _trials(study: Study, entries: Sequence[Row], count: Row) -> str:
    """How often each item was answered; a file may hold fewer answers to some items."""
    whole = count["answered_items"] * study.trials
    less = any(entry["from_file"] and entry["asked"] < whole for entry in entries)
    return f"up to {study.trials}" if less else f"{study.trials}"


def facts(source: Source, entries: Sequence[Row], count: Row) -> list[dict[str, str]]:
    """The key figures: a label, a value, a note on its basis, and its interval."""
    found = []
    leaders = ((TEAM, "Severe harm, leading team"), (SOLO, "Severe harm, leading single model"))
    for kind, label in leaders:
        own = [e for e in entries if e["kind"] == kind.name and e["figures"].get(F1_WEIGHTED.key)]
        if own:
            mean, lo, hi, _ = own[0]["figures"].get(SEVERE_RATE.key, [None] * 4)
            interval = format_interval(lo, hi, SEVERE_RATE.unit.style)
            note = f"{own[0]['name']}{DEGRADED_MARK * bool(own[0]['degraded'])}, highest F1"
            found.append(_fact(label, format_value(mean, SEVERE_RATE.unit.style), note, interval))
    found += _difference(source, entries)
    (severe,) = source.rows(SEVERE_HARMS, unranked(source.study))
    if severe["harms"]:
        share = format_value(severe["omissions"] / severe["harms"], "percent")
        note = f"of {severe['harms']} severe harms of models and teams"
        found.append(_fact("Omissions among severe harms", share, note))
    models = [entry for entry in entries if entry["ranked"]]
    asked, answered = (sum(entry[name] for entry in models) for name in ("asked", "answered"))
    if asked:
        unjudged = answered - sum(entry["judged"] for entry in models)
        where = " in the file" * any(entry["from_file"] for entry in models)
        note = f"{answered} of {asked} answers{where}"
        note += f"; {unjudged} not judged" * bool(unjudged)
        found.append(_fact("Usable answers", format_value(answered / asked, "percent"), note))
    there, items = count["answered_items"], count["items"]
    if there < items:
        whole = "this part of the suite" if source.study.part else "the suite"
        note = f"{there} of {items} items of {whole}"
        found.append(_fact("Items answered", format_value(there / items, "percent"), note))
    return found


def _difference(source: Source, entries: Sequence[Row]) -> list[dict[str, str]]:
    """The leading team's paired difference with the mean of its members."""
    first = next((entry for entry in entries if entry["is_team"]), None)
    leading = first["name"] if first else None
    sql = """select * from comparisons where study = $1 and ensemble = $2
             and against = 'mean_member' and definition = $3 and metric = $4"""
    metric = (SEVERE_RATE.definition.name, SEVERE_RATE.name)
    rows = source.rows(sql, leading, *metric) if leading else []
    if not rows or rows[0]["difference"] is None:
        return []
    row = rows[0]
    interval = format_interval(row["lo"], row["hi"], SEVERE_RATE.unit.style, sign=True)
    mark = DEGRADED_MARK * bool(first and first["degraded"])
    note = f"percentage points, leading team{mark} minus the mean of its members"
    value = format_value(row["difference"], SEVERE_RATE.unit.style, sign=True).rstrip("%")
    return [_fact("Difference to single models", value, note, interval)]


def initial_rows(entries: Sequence[Row], wanted: Sequence[str]) -> set[str] | None:
    """The names of the rows that a long leaderboard first shows; None where it is short."""
    if len(entries) <= MAX_OPEN_ROWS:
        return None
    names = [entry["name"] for entry in entries if entry["ranked"]]
    return {*names[:ENDS], *names[-ENDS:], *wanted}


def axis(entries: Sequence[Row], one: Metric) -> tuple[float, float]:
    """The ends of a measure's axis: tenths that include every interval of the ranked ensembles."""
    ends = [
        end
        for entry in entries
        if entry["ranked"] and one.key in entry["figures"]
        for end in entry["figures"][one.key][:3]
        if end is not None
    ]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    return max(floor(low * 10) / 10, 0.0), max(ceil(high * 10) / 10, 0.1)


def _fact(label: str, value: str, note: str, interval: str = "") -> dict[str, str]:
    return {"label": label, "value": value, "note": note, "interval": interval}


def _count(number: int, singular: str, plural: str) -> str:
    words = "no one two three four five six seven eight nine ten".split()
    text = words[number] if number < len(words) else str(number)
    return f"{text} {singular if number == 1 else plural}"


CAUTIONS = "select caution from cautions where study = $1 order by rowid"
SEVERE_HARMS = """
with severe as (
    select distinct h.ensemble, h.item, h.trial, h.kind, h.action,
           if(h.kind = 'omission', o.alternative_group, null) as either,
           if(either is null, h.option_id, null) as option_id
    from harms h join items c using (study, item)
    left join options o using (study, base_case, option_id)
    where h.study = $1 and h.severity = 'severe' and h.ensemble not in (select unnest($2))
)
select count(*)::int as harms, coalesce(sum((kind = 'omission')::int), 0)::int as omissions
from severe
"""
