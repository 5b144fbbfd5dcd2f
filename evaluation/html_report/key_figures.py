"""The top of the page: what was run in one sentence, what it must say, and the key figures."""

from collections.abc import Sequence
from math import ceil, floor
from typing import Any

from primum.agents.studies.study import Study
from primum.evaluation.html_report.metric_format import HEADLINE, SEVERE, Measure, spread, written
from primum.evaluation.html_report.study_source import Row, Source
from primum.evaluation.notices import study_banners

TAGS = frozenset(
    "SIMULATED SYNTHETIC LEXICAL JUDGED".split()
)  # what else a notice says is a NOTICE
BRIEF = 24  # rows above which the board begins with the best, the selected and the worst
ENDS = 5  # how many are the best, and the worst


def marks(study: Study, entries: Sequence[Row]) -> list[tuple[str, str]]:
    """What must be said with every figure: a word, and the sentence that explains it."""
    said = study_banners(study)
    found = []
    for line in said:
        word, _, rest = line.partition(" ")
        tag = word.rstrip(":")
        found.append((tag, rest) if tag in TAGS else ("NOTICE", line))
    answered, judged = (sum(e[name] for e in entries) for name in ("answered", "judged"))
    if judged < answered:
        rest = f"{answered - judged} of {answered} answers were not judged, and have no score."
        found.append(("UNJUDGED", rest))
    return found


def sentence(study: Study, entries: Sequence[Row], count: Row) -> str:
    """What was run."""
    kinds = [entry["kind"] for entry in entries]
    who = [
        _number(kinds.count("team"), "team"),
        _number(kinds.count("solo"), "model") + " alone",
        _number(kinds.count("control"), "control"),
        _number(kinds.count("imported"), "file") + " of answers",
    ]
    order = ("team", "solo", "control", "imported")
    there = [words for words, kind in zip(who, order, strict=True) if kind in kinds]
    listed = ", ".join(there[:-1]) + (" and " if there[1:] else "") + there[-1]
    trials = "" if study.trials == 1 else f", {_trials(study, entries, count)} times each"
    how = study.protocol.doing
    return f"{listed} answered {_answered(count)} of the suite {study.suite.name}{trials}, {how}."


def _answered(count: Row) -> str:
    """The cases and letters that any answer is to, out of the suite's where it is not all."""
    cases, letters = count["cases"], count["letters"]
    said = _number(cases, "case")
    if count["answered_cases"] < cases:
        said = f"{count['answered_cases']} of the {said}"
    if letters == cases:
        return said
    if count["answered_letters"] < letters:
        return f"{said} ({count['answered_letters']} of {letters} letters)"
    return f"{said} in {letters} letters"


def _trials(study: Study, entries: Sequence[Row], count: Row) -> str:
    """How often; a file may hold fewer answers to some letters than to others."""
    whole = count["answered_letters"] * study.trials
    less = any(entry["kind"] == "imported" and entry["asked"] < whole for entry in entries)
    return f"up to {study.trials}" if less else f"{study.trials}"


def facts(source: Source, entries: Sequence[Row], count: Row) -> list[dict[str, str]]:
    """The key figures: a label, a value, and what it rests on."""
    found = []
    for kind, label in (("team", "Severe harm, leading team"), ("solo", "Severe harm, best alone")):
        own = [e for e in entries if e["kind"] == kind and e["figures"].get(HEADLINE.key)]
        if own:
            mean, lo, hi, _ = own[0]["figures"].get(SEVERE.key, [None] * 4)
            interval = spread(lo, hi, SEVERE.unit)
            note = f"{own[0]['name']}, first by F1"
            found.append(_fact(label, written(mean, SEVERE.unit), note, interval))
    found += _difference(source, entries)
    (severe,) = source.rows(OMITTED)
    if severe["harms"]:
        share = written(severe["omissions"] / severe["harms"], "percent")
        note = f"of {severe['harms']} severe harms of models and teams"
        found.append(_fact("Omissions among severe harms", share, note))
    models = [entry for entry in entries if entry["kind"] != "control"]
    asked, answered = (sum(entry[name] for entry in models) for name in ("asked", "answered"))
    if asked:
        unjudged = answered - sum(entry["judged"] for entry in models)
        where = " in the file" * any(entry["kind"] == "imported" for entry in models)
        note = f"{answered} of {asked} answers{where}"
        note += f"; {unjudged} not judged" * bool(unjudged)
        found.append(_fact("SoloVerdicts", written(answered / asked, "percent"), note))
    there, letters = count["answered_letters"], count["letters"]
    if there < letters:
        note = f"{there} of {letters} letters of the suite"
        found.append(_fact("Letters answered", written(there / letters, "percent"), note))
    return found


def _difference(source: Source, entries: Sequence[Row]) -> list[dict[str, str]]:
    """The leading team's paired difference with the mean of its members."""
    leading = next((entry["name"] for entry in entries if entry["kind"] == "team"), None)
    sql = """select * from comparisons where study = $1 and ensemble = $2
             and against = 'mean_member' and definition = $3 and metric = $4"""
    rows = source.rows(sql, leading, SEVERE.definition, SEVERE.metric) if leading else []
    if not rows or rows[0]["difference"] is None:
        return []
    row = rows[0]
    interval = spread(row["lo"], row["hi"], SEVERE.unit, sign=True)
    note = "points, paired with the mean of its members"
    value = written(row["difference"], SEVERE.unit, sign=True).rstrip("%")
    return [_fact("Difference to its members", value, note, interval)]


def brief(entries: Sequence[Row], wanted: Sequence[str]) -> set[str] | None:
    """The rows that a long board begins with; None where it is short."""
    if len(entries) <= BRIEF:
        return None
    names = [entry["name"] for entry in entries if entry["kind"] != "control"]
    return {*names[:ENDS], *names[-ENDS:], *wanted}


def axis(entries: Sequence[Row], one: Measure) -> tuple[float, float]:
    """The ends of a measure's axis: tenths that hold every interval of teams and solos."""
    ends = [
        end
        for entry in entries
        if entry["kind"] != "control" and one.key in entry["figures"]
        for end in entry["figures"][one.key][:3]
        if end is not None
    ]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    return max(floor(low * 10) / 10, 0.0), max(ceil(high * 10) / 10, 0.1)


def _fact(label: str, value: str, note: str, interval: str = "") -> dict[str, str]:
    return {"label": label, "value": value, "note": note, "interval": interval}


def _number(number: int, name: str) -> str:
    words: list[Any] = "no one two three four five six seven eight nine ten".split()
    said = words[number] if number < len(words) else number
    return f"{said} {name}{'' if number == 1 else 's'}"


OMITTED = """
with severe as (
    select distinct h.ensemble, h.item, h.trial, h.kind, h.action,
           if(h.kind = 'omission', o.alternative_group, null) as either,
           if(either is null, h.option_id, null) as option_id
    from harms h join ensembles e using (study, ensemble) join items c using (study, item)
    left join options o using (study, base_case, option_id)
    where h.study = $1 and h.severity = 'severe' and e.graph <> 'control'
)
select count(*)::int as harms, coalesce(sum((kind = 'omission')::int), 0)::int as omissions
from severe
"""
