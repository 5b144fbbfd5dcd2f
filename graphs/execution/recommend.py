"""One case answered by one ensemble, without a study."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, cast

from langsmith import tracing_context

from primum.agents.ledger.ledger import Ledger, caller
from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.plan import PLAN
from primum.agents.protocols.protocol import choose_protocol
from primum.agents.replies.reader import Reader
from primum.agents.roles.record import Question
from primum.agents.simulation.clinician import SimulatedModels
from primum.agents.simulation.profiles import with_profile
from primum.agents.specs.model import ModelSpec
from primum.agents.studies.clients import ModelClient
from primum.agents.studies.panel import Panel
from primum.agents.studies.panels import require_callable
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.turns.transcript import Answer
from primum.cases.model import PublicCase, Suite
from primum.core.errors import DataError, PrimumError, UsageError
from primum.core.terminal import clean
from primum.graphs.building.builder import build
from primum.graphs.building.state import State
from primum.graphs.execution.runner import conclude_answer


class Recommendation(NamedTuple):
    """Who answered, what, and whether simulated models had a part in it."""

    spec: EnsembleSpec
    answer: Answer
    simulated: bool


class NoPlanError(PrimumError):
    """The ensemble gave no plan."""

    exit_code = 4


@dataclass(frozen=True, kw_only=True)
class RecommendationRequest:
    """One case, and who answers it.

    Attributes:
        presentation: the case, as text.
        panel: the models and ensembles that can answer.
        path: the panel's file.
        ensemble: an ensemble or a solo; None takes the panel's first ensemble.
        suite: the only cases that simulated models answer.
        form: of the plan; None takes the usual one.
        reader: which forms of replies are read.
    """

    presentation: str
    panel: Panel
    path: Path
    suite: Suite
    ensemble: str | None = None
    form: str | None = None
    reader: Reader = Reader.TOLERANT


def choose_ensemble(
    request: RecommendationRequest, simulated_models: SimulatedModels
) -> tuple[EnsembleSpec, dict[str, ModelSpec]]:
    """The ensemble that answers a request, and its models by name.

    The suite is registered with `simulated_models` where one of the models is simulated.

    Raises:
        UsageError: no ensemble or solo has the name.
        DataError: the case is empty, or the models are simulated and it is not in the suite.
    """
    panel, name, suite = request.panel, request.ensemble, request.suite
    presentation = request.presentation.strip()
    offered = {spec.name: spec for spec in (*panel.ensembles, *panel.solos())}
    spec = offered.get(name) if name else panel.ensembles[0]
    if spec is None:
        raise UsageError(f"--ensemble {name}: no such ensemble; there are {', '.join(offered)}")
    if not presentation:
        raise DataError("the case is empty; give its text in a file, or - for standard input")
    used = {agent.model for _, _, agent in spec.seats}
    models = {model: panel.models[model] for model in panel.models if model in used}
    if any(model.simulated for model in models.values()):
        if not any(item.presentation.strip() == presentation for item in suite.items()):
            raise DataError(
                f"simulated models answer only the cases of a suite, and this case is not in "
                f"{suite.info.name}: choose another --suite, or a --panel of real models"
            )
        revision = simulated_models.register(suite)
        models = {
            model: with_profile(model, given, revision) if given.simulated else given
            for model, given in models.items()
        }
    return spec, models


def recommend(request: RecommendationRequest) -> Recommendation:
    """An ensemble's plan for a case, with everything that its agents said.

    Nothing is stored: the ledger is in memory.

    Raises:
        UsageError: no ensemble or solo has the name, or a plan has no such form.
        DataError: a model cannot be called, or not for this case.
        NoPlanError: no plan came back, and why.
    """
    protocol = choose_protocol(PLAN.name, request.form, request.reader)
    simulated_models = SimulatedModels()
    spec, models = choose_ensemble(request, simulated_models)
    require_callable(models, request.path)
    case = PublicCase(id="case", presentation=request.presentation.strip(), menu=())
    graph = build(spec, models)

    async def answer() -> State:
        call = caller(Ledger(None), models, ModelClient(simulated_models))
        with tracing_context(enabled=False):  # LANGSMITH_TRACING would send the case away
            question = Question(protocol, case, 1, call)
            return cast("State", await graph.ainvoke({"turns": []}, context=question))

    found = conclude_answer(spec, case.id, 1, asyncio.run(answer())["turns"])
    if found.outcome is not Outcome.OK:
        raise NoPlanError(f"no plan: {found.outcome}: {clean(found.reason)}")
    return Recommendation(spec, found, any(model.simulated for model in models.values()))
