"""The runner: a suite through a study's ensembles, each answer as soon as it is there."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping
from itertools import product

from langsmith import tracing_context

from primum.agents.client import OWN_DOING, ChatClient, Credentials, Outcome, Reply, Request
from primum.agents.ledger import Ledger
from primum.agents.records import Answer, Turn
from primum.agents.spec import EnsembleSpec
from primum.agents.study import Study
from primum.cases.model import Suite, Task
from primum.graphs.controls import CONTROLS
from primum.graphs.panel import build_panel
from primum.graphs.solo import build_solo
from primum.graphs.state import Compiled, Setting

BUILDERS = {"solo": build_solo, "panel": build_panel}
ASKED_PER_SLOT = 4  # An ensemble waits on few calls at a time: enough of them keep every slot busy.

Unit = tuple[int, Task, EnsembleSpec]


class Runner:
    """Ensembles compiled once, and the way from them through the ledger to the models."""

    def __init__(
        self,
        study: Study,
        ledger: Ledger,
        client: ChatClient | None,
        own_clients: Mapping[str, ChatClient] | None = None,
    ) -> None:
        """`own_clients` answer for the models they name; `client` answers for the others."""
        self._study = study
        self._ledger = ledger
        self._client = client
        self._own_clients = own_clients or {}
        self._graphs: dict[str, Compiled] = {
            spec.name: BUILDERS[spec.graph](spec, study.models)
            for spec in study.ensembles
            if spec.graph != "control"
        }

    def units(self, suite: Suite) -> Iterator[Unit]:
        """Every (trial, task, ensemble); ensembles innermost, so that shared calls meet."""
        trials = range(1, self._study.trials + 1)
        yield from product(trials, suite.tasks(), self._study.ensembles)

    def size(self, suite: Suite) -> int:
        """How many answers `run` will give."""
        return self._study.trials * len(tuple(suite.tasks())) * len(self._study.ensembles)

    async def run(self, suite: Suite) -> AsyncGenerator[Answer]:
        """Every answer, in the order in which they are done.

        Raises:
            DataError: the ledger is damaged or cannot be written.
        """
        units = self.units(suite)
        done: asyncio.Queue[Answer | BaseException | None] = asyncio.Queue()

        async def work() -> None:
            for trial, task, spec in units:  # one iterator, shared by all who work
                done.put_nowait(await self._answer(trial, task, spec))

        async def supervise() -> None:
            try:
                async with asyncio.TaskGroup() as group:
                    for _ in range(ASKED_PER_SLOT * self._ledger.concurrency):
                        group.create_task(work())
            except BaseExceptionGroup as errors:
                done.put_nowait(errors.exceptions[0])
            done.put_nowait(None)

        with tracing_context(enabled=False):  # LANGSMITH_TRACING would send cases away
            supervisor = asyncio.create_task(supervise())
        try:
            while (answer := await done.get()) is not None:
                if isinstance(answer, BaseException):
                    raise answer
                yield answer
        finally:
            supervisor.cancel()
            await asyncio.wait([supervisor])
            await self._ledger.drain()

    async def _answer(self, trial: int, task: Task, spec: EnsembleSpec) -> Answer:
        if spec.graph == "control":
            toss = f"{self._study.seed}|{task.id}|{trial}"
            chosen = CONTROLS[spec.name](task.case, toss)
            return Answer(spec.name, task.id, trial, Outcome.OK, "", chosen)
        setting = Setting(case=task.public, trial=trial, call=self._call)
        state = await self._graphs[spec.name].ainvoke({"turns": []}, context=setting)
        return conclude(spec, task.id, trial, state["turns"])

    async def _call(self, request: Request, model: str) -> Reply:
        spec = self._study.models[model]
        client = self._own_clients.get(model) or self._client
        assert client is not None, "a study with models needs a client"
        return await self._ledger.ask(
            request, client, Credentials(key_env=spec.key_env, price=spec.price)
        )


def conclude(spec: EnsembleSpec, task: str, trial: int, turns: list[Turn]) -> Answer:
    """The ensemble's answer: its last seat's grades, or why there are none.

    Without a usable draft the outcome is one that is not a model's own doing, if there is one:
    what was not answered is not scored.
    """
    last = spec.seats[-1][0]
    final = next((turn for turn in turns if turn.seat == last), None)
    if final is None:
        failed = [turn for turn in turns if turn.role == "generator"]
        final = next((turn for turn in failed if turn.outcome not in OWN_DOING), failed[0])
        reason = f"no draft could be used; {final.seat}: {final.reason}"
    else:
        reason = final.reason
    chosen = tuple(grade.option for grade in final.grades if grade.appropriate)
    usable = final.outcome is Outcome.OK
    return Answer(
        ensemble=spec.name,
        task=task,
        trial=trial,
        outcome=final.outcome,
        reason=reason,
        recommended=chosen if usable else None,
        turns=tuple(turns),
    )
