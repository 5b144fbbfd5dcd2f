"""Chunks of units of work for a cluster's workers; another worker repeats those of a lost one."""

import asyncio
from collections.abc import Iterator
from types import ModuleType
from typing import Any, NamedTuple

from primum.agents.turns.transcript import Answer
from primum.core.errors import DataError
from primum.graphs.execution.ray.actors import UnitKey, WorkerNeeds
from primum.graphs.execution.ray.cluster import cause_of

MOST_LOST_WORKERS = 3  # over one chunk; then the run ends
PAUSE_SECONDS = 0.5


class Chunk(NamedTuple):
    """Units of work that are answered together, and the number of workers lost over them."""

    keys: tuple[UnitKey, ...]
    lost_workers: int = 0


class ChunkQueue:
    """Sends chunks to workers and passes their answers on; repeats those of a lost worker.

    `any_started` is whether any worker has started.
    """

    def __init__(
        self,
        ray: ModuleType,
        needs: WorkerNeeds,
        waiting: Iterator[Chunk],
        done: asyncio.Queue[list[Answer] | BaseException],
    ) -> None:
        self._ray, self._waiting, self._done = ray, waiting, done
        self._needs = needs
        self._returned: list[Chunk] = []
        self.any_started = False

    async def serve(self, worker: Any) -> None:
        """Keep one slot of a worker busy, until cancelled; `worker` is the handle of a Worker.

        Raises:
            DataError: three workers were lost over one chunk.
        """
        await self._wait_until_started(worker)
        while True:
            chunk = self._returned.pop() if self._returned else next(self._waiting, None)
            if chunk is None:
                await asyncio.sleep(PAUSE_SECONDS)  # another worker's chunk may be returned
                continue
            try:
                answers = await worker.answer.remote(self._needs, chunk.keys)
            except self._ray.exceptions.RayError as error:
                cause = cause_of(self._ray, error)
                if not isinstance(cause, self._ray.exceptions.RayActorError):
                    raise cause from None
                self._return(chunk)
                await self._wait_until_started(worker)
            else:
                await self._done.put(answers)

    def _return(self, chunk: Chunk) -> None:
        lost = chunk.lost_workers + 1
        if lost == MOST_LOST_WORKERS:
            trial, item, ensemble = chunk.keys[0]
            raise DataError(
                f"{lost} workers were lost over the same {len(chunk.keys)} answers (the first: "
                f"{item}, {ensemble}, trial {trial}): see Ray's logs; often memory is too small"
            )
        self._returned.append(chunk._replace(lost_workers=lost))

    async def _wait_until_started(self, worker: Any) -> None:
        """Wait until a worker has started, or started again."""
        while True:
            try:
                await worker.prepare.remote(self._needs)
            except self._ray.exceptions.RayActorError:
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                self.any_started = True
                return
