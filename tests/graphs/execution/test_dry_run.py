"""graphs/execution/dry_run.py: what a dry run counts is what a run asks."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from primum.agents.ledger.ledger import Ledger
from primum.agents.models.client import Credentials, Reply, Request
from primum.agents.protocols.protocol import Protocol
from primum.agents.simulation.client import SimulatedClient
from primum.agents.simulation.clinician import SimulatedModels
from primum.agents.specs.model import ModelSpec, Price
from primum.agents.studies.panel import Panel
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.cases.model import Suite
from primum.graphs.execution.run import RunOptions, StudyRun, dry_run
from primum.graphs.execution.runner import Runner
from primum.graphs.execution.study_builder import StudySettings, plan_study
from primum.tests.graphs.building.script import PROTOCOLS, role_of, spec

FREE = Price(input_per_million=0, output_per_million=0)
NAMES = "aspen-large birch-large cedar-large".split()
MODELS = {
    name: ModelSpec(id=f"sim/{name}", family=f"sim-{name[:5]}", access="open", price=FREE)
    for name in NAMES
}
TRIO, DUO = " ".join(NAMES), " ".join(NAMES[:2])
MAJORITY: dict[str, Any] = {"rule": "majority"}
SELECT: dict[str, Any] = {"aggregator": NAMES[0], "aggregation": "select"}
TEAMS: dict[str, EnsembleSpec] = {
    "vote": spec("vote", TRIO, **MAJORITY),
    "samples": spec("self-consistency", NAMES[0], samples=3, **MAJORITY),
    "panel": spec("panel", TRIO, critics=NAMES[0], aggregator=NAMES[1], authors="named"),
    "selection": spec("panel", TRIO, critics=NAMES[2], **SELECT, shuffle=3),
    "deep": spec("layers", DUO, layers=[DUO, TRIO], **SELECT),
    "relay": spec("relay", NAMES[0], guardians=DUO),
    "debate": spec("debate", TRIO, rounds=3, **MAJORITY),
}


class Counted(SimulatedClient):
    """Simulated clinicians whose questions are counted by model and role."""

    def __init__(self, suite: Suite) -> None:
        simulated_models = SimulatedModels()
        self.revision = simulated_models.register(suite)
        super().__init__(simulated_models)
        self.calls: Counter[tuple[str, str]] = Counter()

    async def complete(self, request: Request, credentials: Credentials) -> Reply:
        self.calls[request.model, role_of(request)] += 1
        return await super().complete(request, credentials)


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_dry_run_counts_every_call_once_by_model_and_role(
    protocol: Protocol, tiny_suite: Suite, tmp_path: Path
) -> None:
    """A debate may end before its last round, and two drafts of the same words are read once."""
    client = Counted(tiny_suite)
    teams = tuple(team.model_copy(update={"name": name}) for name, team in TEAMS.items())
    panel = Panel(name="woods", models=MODELS, ensembles=teams)
    study = plan_study(
        tiny_suite, panel, client.revision, StudySettings(names=[*TEAMS], protocol=protocol)
    )
    path = tmp_path / "ledger.sqlite"
    run = StudyRun(
        study=study, ledger=path, simulated_models=SimulatedModels(), options=RunOptions()
    )
    foretold = await dry_run(run, tiny_suite)
    ledger = Ledger(path)
    async for _ in Runner(study, ledger, client).run(tiny_suite):
        pass
    ledger.close()
    assert sum(client.calls.values()) == ledger.made
    debating = {kind for kind in foretold.calls if kind[1] == "debater"}
    assert debating == {(f"sim/{name}", "debater") for name in NAMES}
    assert {foretold.calls[kind] for kind in debating} == {3 * 3}  # rounds, letters
    assert client.calls.keys() == foretold.calls.keys()
    assert all(number <= foretold.calls[kind] for kind, number in client.calls.items())
    missing = {kind: foretold.calls[kind] - client.calls[kind] for kind in client.calls}
    assert not [kind for kind, number in missing.items() if kind[1] == "generator" and number]
    assert sum(number for kind, number in missing.items() if kind not in debating) <= 4
    again = await dry_run(run, tiny_suite)
    assert again.calls == again.recorded == client.calls
