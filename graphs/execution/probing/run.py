"""Makes the probes of a panel and of judges, through a ledger in memory: each is really asked."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from primum.agents.judges.panel import JudgePanel
from primum.agents.ledger.budget import Budget, require_prices
from primum.agents.ledger.ledger import Ledger, caller
from primum.agents.models.litellm_client import known_prices
from primum.agents.protocols.protocol import Protocol
from primum.agents.simulation.clinician import SimulatedModels
from primum.agents.simulation.profiles import with_profile
from primum.agents.studies.clients import ModelClient
from primum.agents.studies.panel import Panel
from primum.cases.model import Suite
from primum.graphs.execution.dry_run import DryRunClient
from primum.graphs.execution.probing.probe import (
    Probe,
    Probed,
    probes_of_judges,
    probes_of_panel,
    run_probes,
)


@dataclass(frozen=True, kw_only=True)
class ProbeOptions:
    """What is probed, and how.

    Attributes:
        panel: the models, in the roles that they have in its ensembles.
        judges: a panel of judges, if it is probed too.
        protocol: how the case is asked.
        suite: its first case is the one that is asked.
        concurrency: most calls in flight.
        budget: US dollars that the calls may cost; None sets no limit.
    """

    panel: Panel
    judges: JudgePanel | None
    protocol: Protocol
    suite: Suite
    concurrency: int
    budget: float | None


class Prober:
    """The probes of a panel: what they would cost, and what came of them."""

    def __init__(self, options: ProbeOptions) -> None:
        """Find the probes.

        Raises:
            DataError: there is a budget, and a price is unknown.
        """
        self._options = options
        self._simulated = SimulatedModels()
        panel = self._with_profiles(options.panel)
        protocol = options.protocol.model_copy(update={"prompts": panel.prompt_texts})
        item = next(iter(options.suite.items()))
        self.probes: list[Probe] = probes_of_panel(panel, protocol, item)
        if options.judges:
            self.probes += probes_of_judges(options.judges, item)
        models = {f"{p.agent.model} ({p.role})": p.model for p in self.probes}
        self._prices = known_prices(models)
        if options.budget is not None:
            require_prices(models, self._prices)

    def estimate(self) -> DryRunClient:
        """A client that counted the first call of each probe, its tokens and its cost."""
        client = DryRunClient(None, self._prices)

        async def ask() -> None:
            for probe in self.probes:
                await probe.ask(caller(Ledger(None), {probe.agent.model: probe.model}, client))

        asyncio.run(ask())
        return client

    def run(self, on_probed: Callable[[Probed], None]) -> Sequence[Probed]:
        """Ask every probe; `on_probed` is called with each as it is done."""
        budget, most = self._options.budget, self._options.concurrency
        limit = None if budget is None else Budget(budget, self._prices)
        ledger = Ledger(None, most, budget=limit)
        client = ModelClient(self._simulated)
        return asyncio.run(run_probes(self.probes, ledger, client, on_probed))

    def _with_profiles(self, panel: Panel) -> Panel:
        """The panel, with what its simulated models need to know of the suite."""
        if not any(model.simulated for model in panel.models.values()):
            return panel
        revision = self._simulated.register(self._options.suite)
        models = {
            name: with_profile(name, model, revision) if model.simulated else model
            for name, model in panel.models.items()
        }
        return panel.model_copy(update={"models": models})
