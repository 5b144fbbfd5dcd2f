"""The tables of a study's manifest: filled when it begins, and its own row again when it ends."""

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
    """A study, when its latest run started (UTC), and whether every answer is in and summarised."""

    study: Study
    started: datetime
    complete: bool


class Manifest(NamedTuple):
    """What a study asks of whom."""

    study: Study
    suite: Suite


class StudyRow(TypedDict):
    """One study: suite x ensembles x trials."""

    suite: Annotated[str, "name of the suite"]
    protocol: Annotated[str, "how items were asked and answers read"]
    form: Annotated[str | None, "how long an answer may be; null where the protocol has no forms"]
    matcher: Annotated[
        str, "what turned answers into verdicts, with its version; lexical is no judge"
    ]
    weights: Annotated[list[float], "of severe, moderate, mild and uncertain options"]
    trials: Annotated[int, "repeats of every ensemble on every item"]
    seed: Annotated[int, "seed of resampling and of the coin"]
    simulated: Annotated[bool, "whether any ensemble rests on simulated clinicians"]
    synthetic: Annotated[bool, "whether the suite's cases are invented"]
    notice: Annotated[str, "what must be said wherever figures are shown"]
    licence: Annotated[str, "licence of the suite"]
    citation: Annotated[str, "what to cite for the suite"]
    complete: Annotated[bool, "whether every answer is in and summarised"]
    started_at: Annotated[datetime, "UTC"]
    version: Annotated[str, "version of Primum"]
    manifest: Annotated[str, SqlType("JSON"), "the whole manifest"]


class ItemRow(TypedDict):
    """One item: a base case or one of its variants."""

    item: Annotated[ItemId, KEY]
    base_case: Annotated[str, "id of the base case, whose options judge it"]
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
    reason: Annotated[str | None, "why this score, where the suite says so"]
    guideline: Annotated[
        str | None, "the guideline that the score leans on, where the suite says so"
    ]


class EnsembleRow(TypedDict):
    """One ensemble, solo or control of a study."""

    ensemble: Annotated[EnsembleName, KEY]
    graph: Annotated[str, "the graph that joins its agents; docs/design.md has the built-in ones"]
    ensemble_kind: Annotated[str, ", ".join(Kind)]
    asks_models: Annotated[bool, "whether models are asked for its answers"]
    from_file: Annotated[bool, "whether its answers come from a file"]
    members: Annotated[list[str], "the solos that it is compared with"]
    simulated: Annotated[bool, "whether simulated clinicians sit in it"]
    own_family_judges: Annotated[list[str], "judges that are of the family of one of its models"]


class AgentRow(TypedDict):
    """One seat of an ensemble."""

    ensemble: Annotated[EnsembleName, KEY]
    seat: Annotated[str, KEY, "generator-1, critic-1, guardian-1, aggregator, ..."]
    role: Annotated[str, "generator (also one who debates), critic, guardian or aggregator"]
    model: Annotated[str, "name of the model in the panel"]
    model_id: Annotated[str, "LiteLLM's id of the model"]
    family: Annotated[str, "family of the model"]
    access: Annotated[str, "open, proprietary or rag"]
    simulated: Annotated[bool, "whether it is a simulated clinician"]


def _studies(progress: Progress) -> Iterator[StudyRow]:
    study = progress.study
    yield {
        "suite": study.suite.name,
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
