"""Methods and settings: models, prompts, parameters, outcomes, judges and versions."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

from primum.agents.judges.panel import PROMPTS
from primum.agents.models.outcomes import Outcome
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.studies.study import Study
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.evaluation.html_report.study_source import Row, Source
from primum.evaluation.scoring.answer_key import WEIGHTS
from primum.evaluation.scoring.policies import DEFAULT_POLICY
from primum.evaluation.store.counts.bound_replies import ModelReplies, bound_replies
from primum.evaluation.store.counts.reply_counts import reply_counts
from primum.prompts.render import templates_digest


def record(source: Source, entries: Sequence[Row]) -> dict[str, Any]:
    """The contents of the section on methods and settings, by name."""
    study = source.study
    shown = {entry["name"] for entry in entries}
    (kept,) = source.rows("select started_at, licence, citation from studies where study = $1")
    return {
        "models": list(_models(source)),
        "prompts": [_prompt(name, study) for name in prompts_of(study)],
        "ensembles": [_ensemble(spec) for spec in study.ensembles if spec.name in shown],
        "settings": list(_settings(study, kept)),
        "outcomes": _outcomes(source, entries),
        "replies": _replies(source),
        "judge": _judge(study),
        "contrasts": [contrast.model_dump() for contrast in study.contrasts],
        "version": study.version,
        "reader": version("primum"),
        "same_prompts": study.prompts == templates_digest(),
    }


def prompts_of(study: Study) -> list[str]:
    """The templates that the study's agents and judges read, by name."""
    protocol = study.protocol
    roles = dict.fromkeys(
        prompt for spec in study.ensembles for prompt in _prompts_of_ensemble(spec)
    )
    found = [f"{role}.{protocol.name}" for role in roles]
    if found:
        found += protocol.record.templates(protocol.form)
    return [*found, *(PROMPTS if study.judge else ())]


def _prompts_of_ensemble(spec: EnsembleSpec) -> Iterator[str]:
    for step in spec.wiring.steps:
        if step.agent and step.role.ask:
            yield step.role.name


def _prompt(name: str, study: Study) -> Row:
    text = study.protocol.prompt_text(name)
    return {"name": name, "hash": hashlib.sha256(text.encode()).hexdigest(), "text": text}


def _models(source: Source) -> Iterator[Row]:
    returned: dict[str, list[str]] = defaultdict(list)
    sql = """select distinct model, returned_model from calls
             where study = $1 and returned_model is not null order by all"""
    for row in source.rows(sql):
        returned[row["model"]].append(row["returned_model"])
    study = source.study
    judges = study.judge.models if study.judge else {}
    for replies in bound_replies(source.fetch, study):
        models = judges if replies.judging else study.models
        yield _model(models[replies.model], replies, returned[replies.model])


def _model(spec: ModelSpec, replies: ModelReplies, returned: list[str]) -> Row:
    return {
        "name": replies.model,
        "task": "judges" if replies.judging else "answers",
        "id": spec.id,
        "returned": returned,
        "family": spec.family,
        "access": spec.access,
        "replies": replies.words,
        "params": _plain(spec.params),
        "revision": spec.revision or "",
    }


def _ensemble(spec: EnsembleSpec) -> Row:
    seats = [
        {"seat": seat, "model": agent.model, "how": _how(agent)} for seat, _, agent in spec.seats
    ]
    settings = {
        "aggregation": ("select" if spec.selects else "synthesise") if spec.concluding else None,
        "rule": spec.rule_used.label if spec.rule_used else None,
        "rounds": len(spec.wiring.rounds) or None,
        "authors": ("named" if spec.reading.named else "anonymous") if len(seats) > 1 else None,
        "shuffle": spec.reading.shuffle,
    }
    given = [f"{name} {value}" for name, value in settings.items() if value is not None]
    return {"name": spec.name, "graph": spec.graph, "seats": seats, "settings": ", ".join(given)}


def _how(agent: AgentSpec) -> str:
    """A seat's own instructions and parameters, as text."""
    own = [agent.instructions.strip(), _plain(agent.params) if agent.params else ""]
    return " ".join(part for part in own if part)


def _plain(params: Any) -> str:
    return json.dumps(params, ensure_ascii=False, sort_keys=True) if params else ""


def _settings(study: Study, kept: Row) -> Iterator[tuple[str, str]]:
    suite, protocol = study.suite, study.protocol
    weights = ":".join(f"{weight:g}" for weight in study.weights)
    usual = "as in the benchmark" if study.weights == WEIGHTS else "NOT the benchmark's 72:24:3:1"
    yield "Study", study.id
    yield "Started", f"{kept['started_at']:%Y-%m-%d %H:%M} UTC"
    yield "Suite", f"{suite.name}, version {suite.version}; digest {study.suite_digest[:16]}"
    yield "Licence of the suite", kept["licence"] or "unknown"
    yield "Citation of the suite", kept["citation"] or "none given"
    yield "Protocol", protocol.label
    yield "Reader of replies", f"{protocol.reader.label}: {protocol.reader.name.sentence}"
    yield "Matcher", study.matcher
    yield "Weights", f"{weights} (severe:moderate:mild:uncertain), {usual}"
    yield "Trials", str(study.trials)
    yield "Seed", f"{study.seed}, for resampling and for the coin control"
    yield "Software", f"Primum {study.version}; digest of its prompts {study.prompts[:16]}"
    if study.imported:
        yield "Imported answers", f"digest {study.imported[:16]}"


def _outcomes(source: Source, entries: Sequence[Row]) -> dict[str, Any]:
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    sql = """select ensemble, outcome, count(*) as n from answers
             where study = $1 group by all"""
    for row in source.rows(sql):
        counts[row["ensemble"]][row["outcome"]] = row["n"]
    names = [entry["name"] for entry in entries]
    present = [o for o in Outcome if o is Outcome.OK or any(counts[name].get(o) for name in names)]
    return {
        "policy": DEFAULT_POLICY,
        "columns": present,
        "rows": [(entry, [counts[entry["name"]].get(o, 0) for o in present]) for entry in entries],
    }


def _replies(source: Source) -> dict[str, Any]:
    """The replies of each model: outcomes, what was normalised, and the length of thinking."""
    found = reply_counts(source.fetch, source.id)
    rows = [
        *((name, "answers", counts) for name, counts in found.by_model.items()),
        *((name, "judges", counts) for name, counts in found.by_judge.items()),
    ]
    whole = [f"{whose}: {c.sentence}." for whose, c in found.whole if c.normalised]
    there = [o for o in Outcome if o is Outcome.OK or any(o in own.outcomes for *_, own in rows)]
    return {"columns": there, "rows": rows, "normalised": " ".join(whole)}


def _judge(study: Study) -> Row | None:
    if study.judge is None:
        return None
    judges = [
        {"label": spec.label, "agents": [(field, agent.model) for field, agent in spec.agents]}
        for spec in study.judge.judges
    ]
    return {"label": study.judge.label, "judges": judges, "notes": study.judge.notes()}
