"""The processes of a run on a Ray cluster: one that owns the ledger, and workers that answer."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Literal

from langsmith import tracing_context

from primum.agents.ledger.ledger import Ledger, caller
from primum.agents.models.client import ChatClient, Reply, Request
from primum.agents.studies.archive import require_prompts
from primum.agents.studies.panels import obstacles
from primum.agents.studies.study import Study
from primum.agents.turns.transcript import Answer, Caller, MatcherOf
from primum.cases.model import Suite
from primum.core.errors import DataError
from primum.graphs.execution.runner import Ensembles, Imported

Place = tuple[int, str, str]
"""A trial, an item's id, an ensemble's name: a unit of work, as it is sent to a worker."""
Who = Literal["seats", "judges"]


@dataclass(frozen=True)
class Job:
    """All that a worker needs to answer a study on a suite, apart from the models' replies."""

    study: Study
    suite: Suite
    matcher_of: MatcherOf | None = None
    imported: Imported | None = None


class LedgerActor:
    """The only process that calls models, and the only one that needs their keys."""

    def __init__(self, study: Study, ledger_of: Callable[[], Ledger], client: ChatClient) -> None:
        self._study = study
        self._ledger_of = ledger_of
        self._client = client
        self._callers: dict[Who, Caller] = {}
        self._ledger: Ledger | None = None

    async def start(self) -> int:
        """Open the ledger, and return the most calls that it has in flight.

        Raises:
            DataError: it cannot be opened or written, or a model cannot be called from here.
        """
        judges = self._study.judge.models if self._study.judge else {}
        for name, model in {**judges, **self._study.models}.items():
            for _, message in obstacles(model):
                raise DataError(
                    f"{name}: {message} (in the environment of `ray start` on this machine)"
                )
        self._ledger = ledger = self._ledger_of()
        self._callers["seats"] = caller(ledger, self._study.models, self._client)
        self._callers["judges"] = caller(ledger, judges, self._client)
        return ledger.concurrency

    async def ask(self, who: Who, request: Request, model: str) -> Reply:
        """The reply in the ledger, or that of the one call that is made in the whole cluster.

        Raises:
            DataError: the ledger cannot be used, or the run is over.
        """
        if who not in self._callers:
            raise DataError("the run is over; no more calls are made")
        return await self._callers[who](request, model)

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
    """Compiled ensembles that ask through the ledger's process; it needs no key and keeps nothing.

    Every call brings what it needs: Ray's reference to a Job, which is fetched once, and the handle
    of the LedgerActor. So a worker that was started again is as good as a new one.
    """

    def __init__(self) -> None:
        self._ensembles: Ensembles | None = None

    async def prepare(self, needs: tuple[Any, Any]) -> None:
        """Compile the ensembles, once.

        Raises:
            DataError: this machine has another version of Primum, or not what a control needs.
        """
        if self._ensembles is None:
            job, ledger = needs
            self._ensembles = self._compiled(await job, ledger)

    async def answer(self, needs: tuple[Any, Any], places: Sequence[Place]) -> list[Answer]:
        """Answer some units at the same time."""
        await self.prepare(needs)
        assert self._ensembles is not None
        with tracing_context(enabled=False):  # LANGSMITH_TRACING would send cases away
            return await asyncio.gather(
                *(
                    self._ensembles.answer(trial, self._items[item], self._specs[name])
                    for trial, item, name in places
                )
            )

    def _compiled(self, job: Job, ledger: Any) -> Ensembles:
        own, wanted = version("primum"), job.study.version
        if own != wanted:
            raise DataError(f"a worker's machine has Primum {own}; install {wanted}, the study's")
        require_prompts(job.study)
        self._items = {item.id: item for item in job.suite.items()}
        self._specs = {spec.name: spec for spec in job.study.ensembles}
        matcher = job.matcher_of(_ledger_caller(ledger, "judges")) if job.matcher_of else None
        call = _ledger_caller(ledger, "seats")
        ensembles = Ensembles(job.study, call, matcher=matcher, imported=job.imported)
        ensembles.prepare(job.suite)
        return ensembles


def _ledger_caller(ledger: Any, who: Who) -> Caller:
    async def call(request: Request, model: str) -> Reply:
        reply: Reply = await ledger.ask.remote(who, request, model)
        return reply

    return call
