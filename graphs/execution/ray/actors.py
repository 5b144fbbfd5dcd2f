"""The processes of a run on a Ray cluster: one that owns the ledger, and workers that answer."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Literal, NamedTuple

from langsmith import tracing_context

from primum.agents.ledger.ledger import Ledger, caller
from primum.agents.models.client import ChatClient, Reply, Request
from primum.agents.specs.model import AgentSpec
from primum.agents.studies.archive import require_readable
from primum.agents.studies.extensions import require_extensions
from primum.agents.studies.panels import call_problems
from primum.agents.studies.study import Study
from primum.agents.turns.transcript import Answer, Caller
from primum.cases.model import Suite
from primum.core.errors import DataError
from primum.graphs.execution.runner import Ensembles, RunInputs

UnitKey = tuple[int, str, str]
"""Trial, item id and ensemble name: a unit of work, as it is sent to a worker."""
CallGroup = Literal["seats", "judges"]
"""Whose models a call is to: those of the ensembles, or those of the judges."""
LoadExtensions = Callable[[], None]


@dataclass(frozen=True)
class Job:
    """All that a worker needs to answer a study on a suite, apart from the models' replies."""

    study: Study
    suite: Suite
    inputs: RunInputs


class WorkerNeeds(NamedTuple):
    """The arguments of every call of a worker.

    `load_extensions` stands outside the job: records of extensions cannot be unpickled before.
    `job` is Ray's reference to a Job, and `ledger` the handle of the LedgerActor.
    """

    load_extensions: LoadExtensions | None
    job: Any
    ledger: Any


class LedgerSetup(NamedTuple):
    """What the ledger's process needs: the study, what opens the ledger, and the client."""

    study: Study
    ledger_of: Callable[[], Ledger]
    client: ChatClient


class LedgerActor:
    """The only process that calls models, and the only one that needs their keys."""

    def __init__(self) -> None:
        self._callers: dict[CallGroup, Caller] = {}
        self._ledger: Ledger | None = None

    async def load_extensions(self, load: LoadExtensions) -> None:
        """Load the study's extensions; call this before `start`, whose argument may need them.

        Raises:
            DataError: one of them cannot be loaded.
        """
        load()

    async def start(self, setup: LedgerSetup) -> int:
        """Open the ledger; returns the number of calls that it has in flight at most.

        Raises:
            DataError: it cannot be opened or written, or a model cannot be called from here.
        """
        study = setup.study
        judges = study.judge.models if study.judge else {}
        for name, model in {**judges, **study.models}.items():
            for _, message in call_problems(model):
                raise DataError(
                    f"{name}: {message} (in the environment of `ray start` on this machine)"
                )
        self._ledger = ledger = setup.ledger_of()
        self._callers["seats"] = caller(ledger, study.models, setup.client)
        self._callers["judges"] = caller(ledger, judges, setup.client)
        return ledger.concurrency

    async def ask(self, group: CallGroup, request: Request, agent: AgentSpec) -> Reply:
        """The reply in the ledger, or that of the one call that is made in the whole cluster.

        Raises:
            DataError: the ledger cannot be used, or the run is over.
        """
        if group not in self._callers:
            raise DataError("the run is over; no more calls are made")
        return await self._callers[group](request, agent)

    async def counts(self) -> tuple[int, int]:
        """Numbers of calls made, and of replies taken from the ledger, so far."""
        return (self._ledger.made, self._ledger.found) if self._ledger else (0, 0)

    async def stop(self) -> tuple[int, int]:
        """Refuse new calls, wait for those in flight, close the ledger, and return its counts."""
        self._callers.clear()
        if self._ledger:
            await self._ledger.drain()
            self._ledger.close()
        return await self.counts()


class Worker:
    """Compiled ensembles that ask models through the ledger's process; it needs no API key.

    Every call brings `WorkerNeeds`, of which the job is fetched once, so that a worker that was
    started again can answer any call.
    """

    def __init__(self) -> None:
        self._ensembles: Ensembles | None = None

    async def prepare(self, needs: WorkerNeeds) -> None:
        """Load the study's extensions and compile its ensembles, once.

        Raises:
            DataError: this machine has another version of Primum or of an extension, or lacks an
                extension or what a control needs.
        """
        if self._ensembles is None:
            if needs.load_extensions:
                try:
                    needs.load_extensions()
                except DataError as error:
                    raise DataError(f"a worker's machine: {error}") from None
            self._ensembles = self._compiled(await needs.job, needs.ledger)

    async def answer(self, needs: WorkerNeeds, keys: Sequence[UnitKey]) -> list[Answer]:
        """Answer some units of work at the same time."""
        await self.prepare(needs)
        assert self._ensembles is not None
        with tracing_context(enabled=False):  # LANGSMITH_TRACING would send cases away
            return await asyncio.gather(
                *(
                    self._ensembles.answer(trial, self._items[item], self._specs[name])
                    for trial, item, name in keys
                )
            )

    def _compiled(self, job: Job, ledger: Any) -> Ensembles:
        own, wanted = version("primum"), job.study.version
        if own != wanted:
            raise DataError(f"a worker's machine has Primum {own}; install {wanted}, the study's")
        require_extensions(job.study.extensions, job.study.id)
        require_readable(job.study)
        self._items = {item.id: item for item in job.suite.items()}
        self._specs = {spec.name: spec for spec in job.study.ensembles}
        make, imported = job.inputs.matcher_of, job.inputs.imported
        matcher = make(_ledger_caller(ledger, "judges")) if make else None
        call = _ledger_caller(ledger, "seats")
        ensembles = Ensembles(job.study, call, matcher=matcher, imported=imported)
        ensembles.prepare(job.suite)
        return ensembles


def _ledger_caller(ledger: Any, group: CallGroup) -> Caller:
    async def call(request: Request, agent: AgentSpec) -> Reply:
        reply: Reply = await ledger.ask.remote(group, request, agent)
        return reply

    return call
