"""The items of reporting guidelines, with what the page of a study states about each."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import yaml

from primum.agents.studies.study import Study
from primum.evaluation.html_report.study_source import Row
from primum.evaluation.metrics.registry import METRICS

AUTHOR = "for the author"


def published() -> list[Row]:
    """Published figures, leaderboard by leaderboard; each column says which metric it is."""
    return [
        {**board, "columns": [_column(board, key) for key in board["columns"]]}
        for board in _read("published.yaml")
    ]


def _column(board: Row, key: str) -> Row:
    metric = METRICS[key]
    comparable = key in board["comparable"]
    return {"key": key, "name": metric.name, "unit": metric.unit.style, "comparable": comparable}


def checklist(study: Study, entries: Sequence[Row], count: Row) -> list[Row]:
    """The items of the guidelines; `stated` is empty where the author has to fill it in."""
    statements = _statements(study, entries, count)
    return [
        {**item, "stated": statements.get(item.get("fill", ""), "")}
        for item in _read("checklist.yaml")
    ]


def _statements(study: Study, entries: Sequence[Row], count: Row) -> dict[str, str]:
    """One sentence for each `fill` of checklist.yaml, and where the page has the details."""
    cases, items = count["cases"], count["items"]
    access = sorted({model.access for model in study.models.values()})
    asked = sum(entry["asked"] for entry in entries if entry["ranked"])
    answered = sum(entry["answered"] for entry in entries if entry["ranked"])
    judged = (
        f"A panel of {len(study.judge.judges)} ({study.matcher}); agreement: primum judge check."
        if study.judge
        else f"{study.matcher}; {study.protocol.record.judging}"
    )
    return {
        "models": f"{len(study.models)} models, with the ids that providers returned: see Models.",
        "access": f"{', '.join(access) or 'no model'}; this software tunes no model.",
        "parameters": "The parameters of every call: see Models and Ensembles.",
        "prompts": "Full text with hashes: see Prompts.",
        "graphs": "Every seat of every ensemble: see Ensembles.",
        "date": "Start of the run: see Settings.",
        "cases": f"{cases} cases, {items} items of {study.suite.name}; licence: see Settings.",
        "judging": judged,
        "measures": "Published metrics, and some of this software, named as such: docs/metrics.md.",
        "size": f"{count['answered_cases']} of {cases} cases answered, {study.trials} trial(s); "
        f"reasons for these numbers: {AUTHOR}.",
        "statistics": "Cluster bootstrap and sign-flip tests over cases; adjusted by Holm or "
        "Benjamini-Hochberg: docs/metrics.md.",
        "registered": f"{len(study.contrasts)} contrasts in the manifest of the study.",
        "missing": f"{asked - answered} of {asked} answers not usable: see Outcomes.",
        "results": "The leaderboard, with plain means by specialty and by category of options.",
        "harms": "The case browser has every harm, and as many transcripts as the file can hold.",
        "cost": "Calls, dollars and seconds: see the leaderboard.",
        "limits": f"The notices at the top of this page; further limitations: {AUTHOR}.",
        "software": f"Primum {study.version}; study {study.id}.",
    }


def _read(name: str) -> list[Row]:
    text = (files("primum.evaluation.html_report") / "data" / name).read_text(encoding="utf-8")
    found: Any = yaml.safe_load(text)
    return list(found)
