"""What a report of the study is asked to say, and which of it the study says by itself."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import yaml

from primum.agents.studies.study import Study
from primum.evaluation.html_report.study_source import Row

AUTHOR = "for the author"


def published() -> list[Row]:
    """Published reference points, board by board."""
    return _read("published.yaml")


def checklist(study: Study, entries: Sequence[Row], count: Row) -> list[Row]:
    """The items of the reporting guidelines; `said` is empty where the author has to."""
    said = _said(study, entries, count)
    return [
        {**item, "said": said.get(item.get("fill", ""), "")} for item in _read("checklist.yaml")
    ]


def _said(study: Study, entries: Sequence[Row], count: Row) -> dict[str, str]:
    """By the name in checklist.yaml, one sentence and where the page has the rest."""
    cases, letters = count["cases"], count["letters"]
    access = sorted({model.access for model in study.models.values()})
    asked = sum(entry["asked"] for entry in entries if entry["kind"] != "control")
    answered = sum(entry["answered"] for entry in entries if entry["kind"] != "control")
    judged = (
        f"A panel of {len(study.judge.judges)} ({study.matcher}); agreement: primum judge check."
        if study.judge
        else f"{study.matcher}; {study.protocol.record.judging}"
    )
    return {
        "models": f"{len(study.models)} models, with the ids that providers returned: Models.",
        "access": f"{', '.join(access) or 'no model'}; nothing was tuned by this software.",
        "parameters": "As given to every call: Models and Ensembles.",
        "prompts": "Word for word, with hashes: Prompts.",
        "graphs": "Seat by seat: Ensembles.",
        "date": "Start of the run: Settings.",
        "cases": f"{cases} cases, {letters} letters of {study.suite.name}; licence in Settings.",
        "judging": judged,
        "measures": "As published, and named where they are ours: docs/metrics.md.",
        "size": f"{count['answered_cases']} of {cases} cases answered, {study.trials} trial(s); "
        f"why so many: {AUTHOR}.",
        "statistics": "Cluster bootstrap and sign-flip tests over cases; Holm or "
        "Benjamini-Hochberg: docs/metrics.md.",
        "registered": f"{len(study.contrasts)} in the manifest of the study.",
        "missing": f"{asked - answered} of {asked} answers of models not usable: Outcomes.",
        "results": "The board, and plain means by specialty and category there.",
        "harms": "The case browser has every harm, and the words that it has room for.",
        "cost": "The board has calls, dollars and seconds.",
        "limits": f"The notices at the top of this page; the rest {AUTHOR}.",
        "software": f"Primum {study.version}; study {study.id}.",
    }


def _read(name: str) -> list[Row]:
    text = (files("primum.evaluation.html_report") / "data" / name).read_text(encoding="utf-8")
    found: Any = yaml.safe_load(text)
    return list(found)
