"""Records of Every Eval Ever (https://arxiv.org/abs/2606.14516), schema 0.3.0, of a study.

Fields are named by that schema; every value of `additional_details` is a string.
"""

import hashlib
import json
import re
import uuid
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from primum.agents.models.outcomes import Outcome
from primum.agents.specs.model import ModelSpec
from primum.agents.studies.study import Study
from primum.agents.topologies.ensemble import EnsembleSpec, Kind
from primum.cases.model import Item
from primum.evaluation.metrics.july_2026 import F1_WEIGHTED, SEVERE_RATE
from primum.evaluation.metrics.record import Metric
from primum.evaluation.notices import study_banners
from primum.evaluation.scoring.answer_key import APPROPRIATE
from primum.evaluation.scoring.policies import DEFAULT_POLICY
from primum.evaluation.statistics.estimates import RESAMPLES
from primum.prompts.render import template

SCHEMA = "0.3.0"
UNPORTABLE = re.compile(r'[<>:"\\|?*\x00-\x1f]')  # in the name of a file, on some system
WEIGHTS = {"open": "open_weights", "proprietary": "closed_weights"}
Record = dict[str, Any]


class Figure(NamedTuple):
    """A row of `summaries` with its metric."""

    metric: Metric
    mean: float
    lo: float | None
    hi: float | None
    cases: int


class Sample(NamedTuple):
    """A scored answer: text, whether it does severe harm, and matched options.

    `degraded` is the number of agents without a usable reply.
    """

    item: str
    trial: int
    outcome: str
    text: str
    severe: float
    f1: float | None
    matched: list[int]
    degraded: int


def model_id(study: Study, spec: EnsembleSpec) -> str:
    """A solo's LiteLLM id; `primum/NAME` for a team and for imported answers."""
    if spec.kind is not Kind.SOLO:
        return f"primum/{spec.name}"
    model = study.models[spec.drafting[0].model]
    name = UNPORTABLE.sub("_", model.id)
    return name if "/" in name else f"{UNPORTABLE.sub('_', model.family)}/{name}"


def place(study: Study, spec: EnsembleSpec) -> PurePosixPath:
    """The path of an ensemble's aggregate in the datastore, determined by study and ensemble."""
    developer, *name = [part for part in model_id(study, spec).split("/") if part]
    seed = hashlib.sha256(f"{study.id} {spec.name}".encode()).digest()
    file = f"{uuid.UUID(bytes=seed[:16], version=4)}.json"
    return PurePosixPath("data", study.suite.name, developer, "_".join(name), file)


def samples_beside(path: PurePosixPath) -> PurePosixPath:
    """The path of an aggregate's samples."""
    return path.with_name(f"{path.stem}_samples.jsonl")


def source_metadata(study: Study, by: str) -> Record:
    """The source of the figures, with the study's notices."""
    return {
        "source_name": "Primum",
        "source_type": "evaluation_run",
        "source_organization_name": by,
        "evaluator_relationship": "other",
        "additional_details": {
            "study": study.id,
            "notice": " ".join(study_banners(study)),
            "simulated": _word(study.simulated),
            "synthetic": _word(study.suite.synthetic),
            "protocol": study.protocol.name,
            "form": study.protocol.form or "",
            "matcher": study.matcher,
            "trials": str(study.trials),
            "weights": ":".join(f"{weight:g}" for weight in study.weights),
        },
    }


def model_info(study: Study, spec: EnsembleSpec) -> Record:
    """The model or ensemble that answered; the seats of a team are in the details."""
    models = [study.models[agent.model] for _, _, agent in spec.seats]
    seats = [
        {"seat": seat, "model": study.models[agent.model].id, **agent.model_dump(mode="json")}
        for seat, _, agent in spec.seats
    ]
    return {
        "name": spec.name,
        "id": model_id(study, spec),
        "additional_details": {
            "deployment_type": "unknown",
            "model_availability": _availability(models),
            "graph": spec.graph,
            "seats": json.dumps(seats),
            "families": "+".join(sorted({model.family for model in models})),
            "simulated": _word(study.rests_on_simulation(spec)),
        },
    }


def result(study: Study, spec: EnsembleSpec, figure: Figure, details: Record) -> Record:
    """One figure with its interval.

    Args:
        study: the study.
        spec: the ensemble.
        figure: the figure.
        details: such as coverage, as strings.
    """
    metric, name, definition = figure.metric, figure.metric.name, figure.metric.definition.name
    low, high = metric.bounds
    config = {
        "evaluation_description": f"{name}, definition {definition} (Primum, metrics.md)",
        "metric_id": f"primum.{definition}.{name}",
        "metric_name": name,
        "metric_unit": metric.unit.exported,
        "lower_is_better": metric.lower,
        "score_type": "continuous",
        "min_score": low,
        "max_score": "Infinity" if high is None else high,
        **_llm_scoring(study),
    }
    score: Record = {
        "score": figure.mean,
        "details": {
            **details,
            "policy": DEFAULT_POLICY,
            "base_cases": str(figure.cases),
            "simulated": _word(study.rests_on_simulation(spec)),
        },
    }
    if figure.lo is not None and figure.hi is not None:
        score["uncertainty"] = {
            "confidence_interval": {
                "lower": figure.lo,
                "upper": figure.hi,
                "confidence_level": 0.95,
                "method": "percentiles of a cluster bootstrap of base cases within specialties",
            },
            "num_samples": figure.cases,
            "num_bootstrap_samples": RESAMPLES,
        }
    return {
        "evaluation_result_id": metric.key,
        "evaluation_name": f"{study.suite.name} {name} ({definition})",
        "source_data": _source_data(study),
        "metric_config": config,
        "score_details": score,
    }


def sample(head: Record, study: Study, spec: EnsembleSpec, item: Item, given: Sample) -> Record:
    """One answer as a sample of the severe harm rate; it is correct without a severe harm."""
    due = [option.text for option in item.case.options if option.score >= APPROPRIATE]
    menu = [option.text for option in item.case.options]
    digest = hashlib.sha256("".join([item.presentation, *due]).encode()).hexdigest()
    return {
        **head,
        "model_id": model_id(study, spec),
        "evaluation_name": f"{study.suite.name} {SEVERE_RATE.name} ({SEVERE_RATE.definition.name})",
        "evaluation_result_id": SEVERE_RATE.key,
        "sample_id": item.id,
        "sample_hash": digest,
        "interaction_type": "single_turn",
        "input": {
            "raw": item.presentation,
            "reference": due,
            "choices": menu if study.protocol.record.shows_options else None,
        },
        "output": {"raw": [given.text]},
        "answer_attribution": [
            {
                "turn_idx": 0,
                "source": "output.raw",
                "extracted_value": ", ".join(str(option) for option in given.matched),
                "extraction_method": study.matcher,
                "is_terminal": True,
            }
        ],
        "evaluation": {"score": given.severe, "is_correct": given.severe == 0},
        "error": None if given.outcome == Outcome.OK else given.outcome,
        "metadata": {
            "base_case": item.case.id,
            "specialty": item.case.specialty,
            "trial": str(given.trial),
            "degraded": str(given.degraded),
            F1_WEIGHTED.name: "" if given.f1 is None else repr(given.f1),
            "simulated": _word(study.rests_on_simulation(spec)),
            "synthetic": _word(study.suite.synthetic),
        },
    }


def _source_data(study: Study) -> Record:
    suite = study.suite
    return {
        "dataset_name": suite.name,
        "source_type": "other",
        "additional_details": {
            "version": suite.version,
            "digest": study.suite_digest,
            "part": study.part.size if study.part else "whole",
            "licence": suite.licence,
            "citation": suite.citation,
            "synthetic": _word(suite.synthetic),
        },
    }


def _llm_scoring(study: Study) -> Record:
    if study.judge is None:
        return {}
    models = study.judge.models
    judges = [
        {
            "model_info": {
                "name": agent.label,
                "id": models[agent.model].id,
                "additional_details": {
                    "deployment_type": "unknown",
                    "model_availability": _availability([models[agent.model]]),
                },
            },
            "additional_details": {"judge": spec.label, "role": role},
        }
        for spec in study.judge.judges
        for role, agent in spec.agents
    ]
    scoring = {"judges": judges, "input_prompt": template("judge.match")}
    return {"llm_scoring": {**scoring, "aggregation_method": "median"}}


def _availability(models: list[ModelSpec]) -> str:
    kinds = {WEIGHTS.get(model.access, "unknown") for model in models}
    return kinds.pop() if len(kinds) == 1 else "unknown"


def _word(flag: object) -> str:
    return "true" if flag else "false"
