"""The cluster executor: answers a study with Ray, by one ledger and workers on many machines."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from primum.agents.ledger.ledger import Ledger
from primum.agents.models.client import ChatClient
from primum.agents.studies.study import Study
from primum.agents.turns.transcript import Answer
from primum.cases.model import Suite
from primum.core.errors import DataError
from primum.graphs.execution.ray.actors import Job, LedgerActor, LedgerSetup, Worker, WorkerNeeds
from primum.graphs.execution.ray.chunks import PAUSE_SECONDS, Chunk, ChunkQueue
from primum.graphs.execution.ray.cluster import cause_of, join, load_ray
from primum.graphs.execution.runner import ASKED_PER_SLOT, NO_INPUTS, RunInputs, units

UNITS_A_CHUNK = 8
CHUNKS_A_WORKER = 2  # at least, so that a worker never waits for the next one
PLACED_WITHIN_SECONDS = 120.0
DONE_CHUNKS = 64  # answered chunks that may wait for the consumer
WAITING_CALLS = 100_000  # that may wait in the ledger's process
T = TypeVar("T")
Done = asyncio.Queue[list[Answer] | BaseException]


class Cluster(NamedTuple):
    """Which cluster to use.

    `address` is that of a running cluster, or "auto" for this machine's; None starts one here.
    `workers` is their number; None takes one for each of the cluster's CPUs.
    """

    address: str | None = None
    workers: int | None = None


HERE = Cluster()


class ClusterExecutor:
    """Answers a study on a Ray cluster; the ledger stays on the machine that starts the run.

    `made` and `found` are up to half a second old during a run, and exact after it.
    """

    def __init__(
        self,
        study: Study,
        ledger_of: Callable[[], Ledger],
        client: ChatClient,
        inputs: RunInputs = NO_INPUTS,
        cluster: Cluster = HERE,
    ) -> None:
        """Nothing is started before `run`. All but `cluster` is sent to other processes by pickle.

        Args:
            study: what is run.
            ledger_of: opens the ledger, in its own process.
            client: calls the models, in that process.
            inputs: matcher, imported answers, and the function that loads the study's extensions.
            cluster: where the workers are, and how many.

        Raises:
            DataError: Ray is not installed.
        """
        self._ray = load_ray()
        self._study, self._inputs, self._cluster = study, inputs, cluster
        self._setup = LedgerSetup(study, ledger_of, client)
        self._joined = False
        self.made = self.found = 0

    @property
    def endpoints(self) -> dict[str, str]:
        """Empty: only the ledger's process knows."""
        return {}

    def size(self, suite: Suite) -> int:
        """Number of answers that `run` will yield."""
        return sum(1 for _ in units(self._study, suite, self._inputs.imported))

    async def run(self, suite: Suite) -> AsyncGenerator[Answer]:
        """Yield every answer, in order of completion.

        Raises:
            DataError: there is no such cluster; the ledger's process or too many workers were lost;
                the ledger is damaged or cannot be written; an extension cannot be loaded there.
        """
        if not self._ray.is_initialized():
            join(self._ray, self._cluster.address, self._cluster.workers)
            self._joined = True
        ledger = self._place_ledger()
        workers: list[Any] = []
        done: Done = asyncio.Queue(DONE_CHUNKS)
        load = self._inputs.load_extensions
        try:
            if load:
                await self._of_ledger(ledger.load_extensions.remote(load))
            concurrency = await self._of_ledger(ledger.start.remote(self._setup))
            job = self._ray.put(Job(self._study, suite, self._inputs))
            workers += self._place_workers()
            needs = WorkerNeeds(load, job, ledger)
            chunks = ChunkQueue(self._ray, needs, self._chunks(suite), done)
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
        waiting = units(self._study, suite, self._inputs.imported)
        keys = ((trial, item.id, spec.name) for trial, item, spec in waiting)
        while chunk := tuple(islice(keys, UNITS_A_CHUNK)):
            yield Chunk(chunk)

    def _place_ledger(self) -> Any:
        here = self._ray.get_runtime_context().get_node_id()
        affinity = self._ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy
        place = self._ray.remote(
            num_cpus=0,
            max_concurrency=WAITING_CALLS,
            concurrency_groups={"counting": 8},  # never waits behind calls
            scheduling_strategy=affinity(here, soft=False),
        )
        return place(LedgerActor).remote()

    def _place_workers(self) -> list[Any]:
        cpus = int(self._ray.cluster_resources().get("CPU", 1))
        count = self._cluster.workers or max(1, cpus)
        # A lost worker is started again where there is room; its chunks go to any free worker.
        place = self._ray.remote(num_cpus=1, max_restarts=-1, scheduling_strategy="SPREAD")
        return [place(Worker).remote() for _ in range(count)]

    async def _supervise(
        self,
        ledger: Any,
        workers: list[Any],
        concurrency: int,
        chunks: ChunkQueue,
        done: Done,
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

    async def _watch(self, ledger: Any, chunks: ChunkQueue) -> None:
        """Update the counts; raise DataError if the ledger is lost or no worker can be placed."""
        clock = asyncio.get_running_loop().time
        latest = clock() + PLACED_WITHIN_SECONDS
        while True:
            counts = ledger.counts.options(concurrency_group="counting")
            self.made, self.found = await self._of_ledger(counts.remote())
            if not chunks.any_started and clock() > latest:
                free = self._ray.available_resources().get("CPU", 0)
                raise DataError(
                    f"no worker was placed within {PLACED_WITHIN_SECONDS:.0f} s: each needs a CPU, "
                    f"and {free:.0f} are free"
                )
            await asyncio.sleep(PAUSE_SECONDS)

    async def _of_ledger(self, result: Awaitable[T]) -> T:
        """What a method of the LedgerActor returns; its own error, or DataError if it is lost."""
        try:
            return await result
        except self._ray.exceptions.RayTaskError as error:
            raise cause_of(self._ray, error) from None
        except self._ray.exceptions.RayActorError as error:
            why = str(error).splitlines()[-1] if error.actor_init_failed else "see Ray's logs"
            raise DataError(
                f"the process that owns the ledger is gone ({why}); all replies so far are in the "
                "ledger: run the same command again to continue"
            ) from None
