"""The tables of a study's manifest, filled at its beginning; `studies` again at its end."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, NamedTuple, TypedDict

from primum.agents.studies.study import Study
from primum.agents.topologies.ensemble import Kind
from primum.cases.model import Suite
from primum.evaluation.columns import KEY, EnsembleName, ItemId, OptionId
from primum.evaluation.store.tables.table import SqlType, Table


class Progress(NamedTuple):
    """A study, the start of its latest run (UTC), and whether it is complete."""

    study: Study
    started: datetime
    complete: bool


class Manifest(NamedTuple):
    """A study and the cases and variants that it runs on."""

    study: Study
    suite: Suite


class StudyRow(TypedDict):
    """One study: suite x ensembles x trials."""

    suite: Annotated[str, "name of the suite"]
    part: Annotated[
        str | None, "part of the suite, as in '5 of 20 cases, 6 of 15 variants'; null for all of it"
    ]
    protocol: Annotated[str, "the protocol: how items are asked and answers read"]
    form: Annotated[str | None, "the allowed length of answers; null if the protocol has no forms"]
    matcher: Annotated[
        str, "the matcher or judges behind the verdicts, with version; lexical is no judge"
    ]
    weights: Annotated[list[float], "of severe, moderate, mild and uncertain options"]
    trials: Annotated[int, "number of answers of every ensemble to every item"]
    seed: Annotated[int, "seed of resampling and of control:coin"]
    simulated: Annotated[bool, "whether any ensemble has simulated clinicians"]
    synthetic: Annotated[bool, "whether the suite's cases are invented"]
    notice: Annotated[str, "the suite's notice, shown with every figure"]
    licence: Annotated[str, "licence of the suite"]
    citation: Annotated[str, "what to cite for the suite"]
    complete: Annotated[bool, "whether all answers and figures are stored"]
    started_at: Annotated[datetime, "UTC"]
    version: Annotated[str, "version of Primum"]
    manifest: Annotated[str, SqlType("JSON"), "the complete manifest"]


class ItemRow(TypedDict):
    """One item: a base case or one of its variants."""

    item: Annotated[ItemId, KEY]
    base_case: Annotated[str, "id of the base case, whose options apply"]
    specialty: Annotated[str, "specialty of the base case; stratum of the resampling"]
    edit: Annotated[str | None, "kind of edit of a variant; null for a base case"]
    presentation: Annotated[str, "the presentation, which ends in the question"]


class OptionRow(TypedDict):
    """One option of a base case, with the specialists' score."""

    base_case: Annotated[str, KEY, "id of the base case"]
    option_id: Annotated[OptionId, KEY]
    text: Annotated[str, "the action"]
    category: Annotated[str, "Counseling, Diagnostic, Medication, Procedure, ..."]
    score: Annotated[int, "1 to 9: 1 to 3 harm if done, 7 to 9 harm if left out"]
    alternative_group: Annotated[str | None, "group of which one member is enough; null if none"]
    reason: Annotated[str | None, "the reason for the score; null if the suite gives none"]
    guideline: Annotated[str | None, "the guideline behind the score; null if the suite gives none"]


class EnsembleRow(TypedDict):
    """One ensemble, solo or control of a study."""

    ensemble: Annotated[EnsembleName, KEY]
    graph: Annotated[str, "the graph that joins its agents; docs/design.md has the built-in ones"]
    ensemble_kind: Annotated[str, ", ".join(Kind)]
    asks_models: Annotated[bool, "whether its answers come from models"]
    from_file: Annotated[bool, "whether its answers come from a file"]
    members: Annotated[list[str], "its members as solos, with which it is compared"]
    simulated: Annotated[bool, "whether it has simulated clinicians"]
    own_family_judges: Annotated[list[str], "judges of the same family as one of its models"]


class AgentRow(TypedDict):
    """One seat of an ensemble."""

    ensemble: Annotated[EnsembleName, KEY]
    seat: Annotated[str, KEY, "generator-1, critic-1, guardian-1, aggregator, ..."]
    role: Annotated[str, "generator (debaters included), critic, guardian or aggregator"]
    model: Annotated[str, "name of the model in the panel"]
    model_id: Annotated[str, "LiteLLM's id of the model"]
    family: Annotated[str, "family of the model"]
    access: Annotated[str, "open, proprietary or rag"]
    simulated: Annotated[bool, "whether it is a simulated clinician"]


def _studies(progress: Progress) -> Iterator[StudyRow]:
    study = progress.study
    yield {
        "suite": study.suite.name,
        "part": study.part.size if study.part else None,
        "protocol": study.protocol.name,
        "form": study.protocol.form,
        "matcher": study.matcher,
        "weights": list(study.weights),
        "trials": study.trials,
        "seed": study.seed,
        "simulated": study.simulated,
        "synthetic": study.suite.synthetic,
        "notice": study.suite.warning,
        "licence": study.suite.licence,
        "citation": study.suite.citation,
        "complete": progress.complete,
        "started_at": progress.started.replace(tzinfo=None),
        "version": study.version,
        "manifest": json.dumps(study.model_dump(mode="json")),
    }


def _items(manifest: Manifest) -> Iterator[ItemRow]:
    edits = {variant.id: variant.metadata.category for variant in manifest.suite.variants}
    for item in manifest.suite.items():
        yield {
            "item": item.id,
            "base_case": item.case.id,
            "specialty": item.case.specialty,
            "edit": edits.get(item.id),
            "presentation": item.presentation,
        }


def _options(manifest: Manifest) -> Iterator[OptionRow]:
    for case in manifest.suite.cases:
        for option in case.options:
            yield {
                "base_case": case.id,
                "option_id": option.id,
                "text": option.text,
                "category": option.category,
                "score": option.score,
                "alternative_group": option.alternative,
                "reason": option.reason,
                "guideline": option.guideline,
            }


def _ensembles(manifest: Manifest) -> Iterator[EnsembleRow]:
    study = manifest.study
    for spec in study.ensembles:
        yield {
            "ensemble": spec.name,
            "graph": spec.graph,
            "ensemble_kind": spec.kind.value,
            "asks_models": spec.kind.asks_models,
            "from_file": spec.kind is Kind.IMPORTED,
            "members": list(spec.members),
            "simulated": study.rests_on_simulation(spec),
            "own_family_judges": list(study.judged_by_own_family(spec)),
        }


def _agents(manifest: Manifest) -> Iterator[AgentRow]:
    for spec in manifest.study.ensembles:
        for seat, role, agent in spec.seats:
            model = manifest.study.models[agent.model]
            yield {
                "ensemble": spec.name,
                "seat": seat,
                "role": role,
                "model": agent.model,
                "model_id": model.id,
                "family": model.family,
                "access": model.access,
                "simulated": model.simulated,
            }


STUDY_TABLES = (
    Table("studies", StudyRow, Progress, _studies),
    Table("items", ItemRow, Manifest, _items),
    Table("options", OptionRow, Manifest, _options),
    Table("ensembles", EnsembleRow, Manifest, _ensembles),
    Table("agents", AgentRow, Manifest, _agents),
)
