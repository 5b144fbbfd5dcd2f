"""Chunks of units for a cluster's workers; the chunk of a lost worker goes to another."""

import asyncio
from collections.abc import Iterator
from types import ModuleType
from typing import Any, NamedTuple

from primum.agents.turns.transcript import Answer
from primum.core.errors import DataError
from primum.graphs.execution.ray.actors import Place
from primum.graphs.execution.ray.cluster import cause_of

DEATHS = 3  # of workers, over one chunk, until the run is given up
PAUSE_SECONDS = 0.5


class Chunk(NamedTuple):
    """Units that are answered together, and the workers that were lost over them."""

    places: tuple[Place, ...]
    deaths: int = 0


class Chunks:
    """Sends chunks to workers and passes their answers on; repeats those of a lost worker.

    `needs` are the arguments of every Worker call; `placed` is whether any worker has started.
    """

    def __init__(
        self,
        ray: ModuleType,
        needs: tuple[Any, Any],
        waiting: Iterator[Chunk],
        done: asyncio.Queue[list[Answer] | BaseException],
    ) -> None:
        self._ray, self._waiting, self._done = ray, waiting, done
        self._needs = needs
        self._returned: list[Chunk] = []
        self.placed = False

    async def serve(self, worker: Any) -> None:
        """Keep one slot of a worker busy, until cancelled; `worker` is the handle of a Worker.

        Raises:
            DataError: three workers were lost over one chunk.
        """
        await self._there(worker)
        while True:
            chunk = self._returned.pop() if self._returned else next(self._waiting, None)
            if chunk is None:
                await asyncio.sleep(PAUSE_SECONDS)  # another's chunk may yet come back
                continue
            try:
                answers = await worker.answer.remote(self._needs, chunk.places)
            except self._ray.exceptions.RayError as error:
                cause = cause_of(self._ray, error)
                if not isinstance(cause, self._ray.exceptions.RayActorError):
                    raise cause from None
                self._take_back(chunk)
                await self._there(worker)
            else:
                await self._done.put(answers)

    def _take_back(self, chunk: Chunk) -> None:
        if chunk.deaths + 1 == DEATHS:
            trial, item, ensemble = chunk.places[0]
            raise DataError(
                f"{DEATHS} workers were lost over the same {len(chunk.places)} answers (from "
                f"{item}, {ensemble}, trial {trial}): Ray's logs say why, often a lack of memory"
            )
        self._returned.append(chunk._replace(deaths=chunk.deaths + 1))

    async def _there(self, worker: Any) -> None:
        """Wait until a worker has started, or started again."""
        while True:
            try:
                await worker.prepare.remote(self._needs)
            except self._ray.exceptions.RayActorError:
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                self.placed = True
                return
