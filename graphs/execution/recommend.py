"""One case through one ensemble, outside any suite."""

import asyncio
from pathlib import Path
from typing import NamedTuple, cast

from langsmith import tracing_context

from primum.agents.ledger.ledger import Ledger, caller
from primum.agents.models.litellm_client import LiteLLMClient
from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.plan import PLAN
from primum.agents.protocols.protocol import choose_protocol
from primum.agents.roles.transcript import Answer
from primum.agents.simulation.clinician import SimulatedModels
from primum.agents.simulation.profiles import with_profile
from primum.agents.specs.ensemble import EnsembleSpec, Panel
from primum.agents.specs.model import ModelSpec
from primum.agents.studies.panels import require_callable
from primum.cases.model import PublicCase, Suite
from primum.core.errors import DataError, PrimumError, UsageError
from primum.core.terminal import clean
from primum.graphs.execution.runner import BUILDERS, conclude_answer
from primum.graphs.topologies.state import Setting, State


class Recommendation(NamedTuple):
    """Who answered, what, and whether simulated clinicians had a part in it."""

    spec: EnsembleSpec
    answer: Answer
    simulated: bool


class NoPlanError(PrimumError):
    """The models gave no plan."""

    exit_code = 4


def plan_one(
    panel: Panel, name: str | None, letter: str, simulated_models: SimulatedModels, suite: Suite
) -> tuple[EnsembleSpec, dict[str, ModelSpec]]:
    """Which ensemble of a panel answers a letter, and its models.

    Args:
        panel: who can answer.
        name: an ensemble or a solo; None takes the panel's first ensemble.
        letter: the case, as text.
        simulated_models: where simulated clinicians find the suite's key.
        suite: the only cases that simulated clinicians answer.

    Raises:
        UsageError: no ensemble or solo has that name.
        DataError: the letter is empty, or simulated clinicians do not know it.
    """
    offered = {spec.name: spec for spec in (*panel.ensembles, *panel.solos())}
    spec = offered.get(name) if name else panel.ensembles[0]
    if spec is None:
        raise UsageError(f"--ensemble {name}: no such ensemble; there are {', '.join(offered)}")
    if not letter.strip():
        raise DataError("the case is empty; give its text in a file, or - for standard input")
    used = {agent.model for _, _, agent in spec.seats}
    models = {model: panel.models[model] for model in panel.models if model in used}
    if any(model.simulated for model in models.values()):
        if not any(item.presentation.strip() == letter.strip() for item in suite.items()):
            raise DataError(
                f"simulated clinicians answer the cases of a suite only, and this is none of "
                f"{suite.info.name}: name another --suite, or real models by --panel"
            )
        revision = simulated_models.register(suite)
        models = {
            model: with_profile(model, given, revision) if given.simulated else given
            for model, given in models.items()
        }
    return spec, models


def recommend(
    panel: Panel, path: Path, name: str | None, letter: str, suite: Suite, form: str | None
) -> Recommendation:
    """An ensemble's plan for a letter, with everything that its agents said.

    Nothing is kept: the calls are on no ledger but one in memory.

    Args:
        panel: who can answer.
        path: the panel's file.
        name: an ensemble or a solo; None takes the panel's first ensemble.
        letter: the case, as text.
        suite: the only cases that simulated clinicians answer.
        form: of the plan; None takes the usual one.

    Raises:
        UsageError: no ensemble or solo has that name, or a plan no such form.
        DataError: a model cannot be called, or not for this letter.
        NoPlanError: no plan came back, and why.
    """
    protocol = choose_protocol(PLAN.name, form)
    simulated_models = SimulatedModels()
    spec, models = plan_one(panel, name, letter, simulated_models, suite)
    require_callable(models, path)
    case = PublicCase(id="case", presentation=letter.strip(), menu=())
    graph = BUILDERS[spec.graph](spec, models)

    async def answer() -> State:
        call = caller(Ledger(None), models, LiteLLMClient(simulated_models))
        with tracing_context(enabled=False):  # LANGSMITH_TRACING would send the case away
            setting = Setting(protocol, case, 1, call)
            return cast("State", await graph.ainvoke({"turns": []}, context=setting))

    found = conclude_answer(spec, case.id, 1, asyncio.run(answer())["turns"])
    if found.outcome is not Outcome.OK:
        raise NoPlanError(f"no plan: {found.outcome}: {clean(found.reason)}")
    return Recommendation(spec, found, any(model.simulated for model in models.values()))
