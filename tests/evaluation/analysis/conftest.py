"""Turns, teams and scored answers, for the tests of where harm comes from."""

from collections.abc import Callable, Iterable, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from primum.agents.models.client import Reply
from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.protocol import Protocol
from primum.agents.replies.menu import Grade
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.studies.study import Study
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.registry import ensemble_of
from primum.agents.turns.transcript import Answer, Call, Turn
from primum.cases.model import Case, SuiteInfo
from primum.evaluation.metrics.score_table import Scored, score
from primum.evaluation.scoring.answer_key import Key

FAMILIES = {"ann": "gpt", "amy": "gpt", "ben": "llama", "cat": "gemini", "dan": "qwen"}
Options = Iterable[int]


def grades(chosen: Options, rejected: Options) -> tuple[Grade, ...]:
    rows = [(n, "Appropriate") for n in chosen] + [(n, "Inappropriate") for n in rejected]
    return tuple(Grade.model_validate({"Option": n, "GradeAI": grade}) for n, grade in rows)


@pytest.fixture(scope="session")
def turn() -> Callable[..., Turn]:
    """A turn: the options that it grades Appropriate; of a critic `remove` those that it does not."""

    def build(
        seat: str,
        chosen: Options | None = (),
        *,
        model: str = "ann",
        remove: Options = (),
        text: str = "",
        **more: Any,
    ) -> Turn:
        role = seat.split("-", maxsplit=1)[0]
        role = more.pop("role", {"layer": "aggregator"}.get(role, role))
        outcome = Outcome.REFUSAL if chosen is None else Outcome.OK
        calls = (Call(seat, model, Reply(outcome=outcome, text=text)),)
        given = grades(chosen or (), remove)
        model = "" if role == "rule" else model
        return Turn(seat, role, model, outcome, "", given, calls, **more)

    return build


@pytest.fixture(scope="session")
def team() -> Callable[..., EnsembleSpec]:
    """An ensemble: seats by the names of their models."""

    def build(graph: str, generators: str, **more: Any) -> EnsembleSpec:
        seats = {
            name: tuple(AgentSpec(model=model) for model in given.split())
            for name, given in more.items()
            if name in {"critics", "guardians"}
        }
        if "layers" in more:
            more["layers"] = tuple(
                tuple(AgentSpec(model=model) for model in layer.split()) for layer in more["layers"]
            )
        if "aggregator" in more:
            more["aggregator"] = AgentSpec(model=more["aggregator"])
        drafting = tuple(AgentSpec(model=model) for model in generators.split())
        given = {"name": "team", "graph": graph, "generators": drafting, **more, **seats}
        return ensemble_of(**given)

    return build


@pytest.fixture(scope="session")
def study_of() -> Callable[..., Study]:
    """A study of some ensembles of the models of FAMILIES."""

    def build(*specs: EnsembleSpec, protocol: str = "menu", **more: Any) -> Study:
        form = "concise" if protocol == "plan" else None
        return Study(
            suite=SuiteInfo(name="made"),
            suite_digest="0" * 64,
            protocol=Protocol.model_validate({"name": protocol, "form": form}),
            models={
                name: ModelSpec(id=f"x/{name}", family=family, access="open")
                for name, family in FAMILIES.items()
            },
            ensembles=specs,
            trials=1,
            seed=0,
            version="0",
            **more,
        )

    return build


@pytest.fixture(scope="session")
def scored() -> Callable[..., Scored]:
    """Answers of the ensemble `team` to one case, scored: turns, and the options recommended."""

    def build(case: Case, *answers: tuple[Sequence[Turn], Options | None]) -> Scored:
        return score(
            Key(case),
            [
                Answer(
                    *("team", case.id, trial),
                    Outcome.REFUSAL if chosen is None else Outcome.OK,
                    "",
                    None if chosen is None else tuple(chosen),
                    tuple(turns),
                )
                for trial, (turns, chosen) in enumerate(answers, 1)
            ],
        )

    return build


@pytest.fixture(scope="session")
def slow() -> ModuleType:
    """slow_trails.py: an independent, slow and obvious reference of where harm comes from."""
    spec = spec_from_file_location(
        "slow_provenance", Path(__file__).parent / "attribution" / "slow_provenance.py"
    )
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
