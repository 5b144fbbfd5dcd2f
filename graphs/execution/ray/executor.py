"""The cluster executor: one ledger, any number of workers on any number of machines, by Ray."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any, TypeVar

from primum.agents.ledger.ledger import Ledger
from primum.agents.models.client import ChatClient
from primum.agents.studies.study import Study
from primum.agents.turns.transcript import Answer, MatcherOf
from primum.cases.model import Suite
from primum.core.errors import DataError
from primum.graphs.execution.ray.actors import Job, LedgerActor, Worker
from primum.graphs.execution.ray.chunks import PAUSE_SECONDS, Chunk, Chunks
from primum.graphs.execution.ray.cluster import cause_of, join, load_ray
from primum.graphs.execution.runner import ASKED_PER_SLOT, Imported, units

UNITS_A_CHUNK = 8
CHUNKS_A_WORKER = 2  # at least: it never waits for the next one
PLACED_WITHIN_SECONDS = 120.0
CHUNKS_AT_HAND = 64  # answered, and not yet taken
ASKED_AT_ONCE = 100_000  # questions that wait in the ledger's process
T = TypeVar("T")


class ClusterExecutor:
    """Answers a study on a Ray cluster; the ledger stays on the machine that starts the run.

    `made` and `found` are up to half a second old during a run, and exact after it.
    """

    def __init__(
        self,
        study: Study,
        ledger_of: Callable[[], Ledger],
        client: ChatClient,
        *,
        matcher_of: MatcherOf | None = None,
        imported: Imported | None = None,
        address: str | None = None,
        workers: int | None = None,
    ) -> None:
        """Nothing is started before `run`. All arguments are sent to other processes by pickle.

        Args:
            study: what is run.
            ledger_of: opens the ledger, in its own process.
            client: calls the models, in that process.
            matcher_of: makes the matcher from a caller of the study's judges, in each worker.
            imported: answers from a file.
            address: of a cluster; "auto" is the one of this machine; None starts one here.
            workers: number of workers; None takes one for each of the cluster's CPUs.

        Raises:
            DataError: Ray is not installed.
        """
        self._ray = load_ray()
        self._study, self._matcher_of, self._imported = study, matcher_of, imported
        self._ledger_of, self._client = ledger_of, client
        self._address, self._count = address, workers
        self._joined = False
        self.made = self.found = 0

    @property
    def endpoints(self) -> dict[str, str]:
        """Empty: only the ledger's process knows."""
        return {}

    def size(self, suite: Suite) -> int:
        """Number of answers that `run` will yield."""
        return sum(1 for _ in units(self._study, suite, self._imported))

    async def run(self, suite: Suite) -> AsyncGenerator[Answer]:
        """Yield every answer, in order of completion.

        Raises:
            DataError: there is no such cluster; the ledger's process or too many workers were lost;
                the ledger is damaged or cannot be written.
        """
        if not self._ray.is_initialized():
            join(self._ray, self._address, self._count)
            self._joined = True
        ledger = self._place_ledger()
        workers: list[Any] = []
        done: asyncio.Queue[list[Answer] | BaseException] = asyncio.Queue(CHUNKS_AT_HAND)
        try:
            concurrency = await self._of_ledger(ledger.start.remote())
            job = self._ray.put(Job(self._study, suite, self._matcher_of, self._imported))
            workers += self._place_workers()
            chunks = Chunks(self._ray, (job, ledger), self._chunks(suite), done)
            supervisor = asyncio.create_task(
                self._supervise(ledger, workers, concurrency, chunks, done)
            )
            try:
                left = self.size(suite)
                while left:
                    answers = await done.get()
                    if isinstance(answers, BaseException):
                        await self._of_ledger(ledger.counts.remote())
                        raise answers
                    left -= len(answers)
                    for answer in answers:
                        yield answer
            finally:
                supervisor.cancel()
                await asyncio.wait([supervisor])
        finally:
            for worker in workers:
                self._ray.kill(worker)
            with suppress(self._ray.exceptions.RayActorError):
                self.made, self.found = await ledger.stop.remote()
            self._ray.kill(ledger)

    def close(self) -> None:
        """Disconnect from the cluster; a cluster that was started for this run is stopped."""
        if self._joined:
            self._ray.shutdown()
            self._joined = False

    def _chunks(self, suite: Suite) -> Iterator[Chunk]:
        waiting = units(self._study, suite, self._imported)
        places = ((trial, item.id, spec.name) for trial, item, spec in waiting)
        while chunk := tuple(islice(places, UNITS_A_CHUNK)):
            yield Chunk(chunk)

    def _place_ledger(self) -> Any:
        here = self._ray.get_runtime_context().get_node_id()
        affinity = self._ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy
        place = self._ray.remote(
            num_cpus=0,
            max_concurrency=ASKED_AT_ONCE,
            concurrency_groups={"counting": 8},  # never behind those who ask
            scheduling_strategy=affinity(here, soft=False),
        )
        return place(LedgerActor).remote(self._study, self._ledger_of, self._client)

    def _place_workers(self) -> list[Any]:
        count = self._count or max(1, int(self._ray.cluster_resources().get("CPU", 1)))
        # A lost worker is started again where there is room; its chunks go to whoever is free.
        place = self._ray.remote(num_cpus=1, max_restarts=-1, scheduling_strategy="SPREAD")
        return [place(Worker).remote() for _ in range(count)]

    async def _supervise(
        self,
        ledger: Any,
        workers: list[Any],
        concurrency: int,
        chunks: Chunks,
        done: asyncio.Queue[list[Answer] | BaseException],
    ) -> None:
        """Keep every worker busy and watch the ledger; an error ends this and is put in `done`."""
        each = -(-ASKED_PER_SLOT * concurrency // (UNITS_A_CHUNK * len(workers)))
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._watch(ledger, chunks))
                for worker in workers * max(CHUNKS_A_WORKER, each):
                    group.create_task(chunks.serve(worker))
        except BaseExceptionGroup as errors:
            await done.put(errors.exceptions[0])

    async def _watch(self, ledger: Any, chunks: Chunks) -> None:
        """Update the counts; raise DataError if the ledger is lost or no worker can be placed."""
        clock = asyncio.get_running_loop().time
        latest = clock() + PLACED_WITHIN_SECONDS
        while True:
            counts = ledger.counts.options(concurrency_group="counting")
            self.made, self.found = await self._of_ledger(counts.remote())
            if not chunks.placed and clock() > latest:
                free = self._ray.available_resources().get("CPU", 0)
                raise DataError(
                    f"no worker was placed within {PLACED_WITHIN_SECONDS:.0f} s: each needs a CPU, "
                    f"and {free:.0f} are free"
                )
            await asyncio.sleep(PAUSE_SECONDS)

    async def _of_ledger(self, answer: Awaitable[T]) -> T:
        try:
            return await answer
        except self._ray.exceptions.RayTaskError as error:
            raise cause_of(self._ray, error) from None
        except self._ray.exceptions.RayActorError as error:
            why = str(error).splitlines()[-1] if error.actor_init_failed else "Ray's logs say why"
            raise DataError(
                f"the process that owns the ledger is gone ({why}); replies are in the ledger: "
                "the same command continues from there"
            ) from None
