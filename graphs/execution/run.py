"""Runs: their options, executor, main loop, interruption, and the dry run."""

import asyncio
import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from primum.agents.ledger.budget import EXPECTED_OUTPUT_TOKENS, Budget, require_prices, unlimited
from primum.agents.ledger.database import Record
from primum.agents.ledger.ledger import Ledger
from primum.agents.models.litellm_client import known_prices
from primum.agents.simulation.clinician import SimulatedModels
from primum.agents.specs.model import ModelSpec
from primum.agents.studies.clients import ModelClient
from primum.agents.studies.study import Study
from primum.agents.turns.transcript import Answer
from primum.cases.model import Suite
from primum.core.console import counted, say
from primum.core.errors import DataError, PrimumError
from primum.graphs.execution.dry_run import DryRunClient
from primum.graphs.execution.executor import Executor
from primum.graphs.execution.progress import Progress
from primum.graphs.execution.ray.executor import Cluster, ClusterExecutor
from primum.graphs.execution.runner import NO_INPUTS, RunInputs, Runner
from primum.graphs.execution.unreadable import UnreadableReplies

GARBAGE_THRESHOLD = 20_000  # allocations between two collections


class InterruptedRunError(PrimumError):
    """The user stopped a run."""

    exit_code = 130


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """How a run's calls are made.

    Attributes:
        concurrency: calls in flight at once, at most.
        retry_failed: whether calls that timed out or failed before are made again.
        replay: whether the ledger alone answers.
        budget: US dollars that the run's calls may cost; None sets no limit.
        cluster: whether a Ray cluster answers, not this process.
        address: of the cluster; None starts one here.
        workers: processes on the cluster; None takes one for each CPU.
        stop_after_invalid: unreadable replies of a model in a row that stop the run; None: never.
    """

    concurrency: int = 16
    retry_failed: bool = False
    replay: bool = False
    budget: float | None = None
    cluster: bool = False
    address: str | None = None
    workers: int | None = None
    stop_after_invalid: int | None = None


@dataclass(frozen=True, kw_only=True)
class StudyRun:
    """One run of a study.

    Attributes:
        study: what is run.
        ledger: the file of the ledger.
        simulated_models: where simulated models find their suite's key.
        options: how calls are made.
        inputs: matcher, imported answers, and the function that loads the study's extensions.
    """

    study: Study
    ledger: Path
    simulated_models: SimulatedModels
    options: RunOptions
    inputs: RunInputs = NO_INPUTS


def executor_for(run: StudyRun) -> Executor:
    """The executor that answers a study: of this process, or of a Ray cluster.

    Raises:
        DataError: the ledger cannot be opened or replayed, a price is unknown, Ray is missing.
    """
    study, options = run.study, run.options
    models = {**study.models, **(study.judge.models if study.judge else {})}
    budget = None
    if options.budget is not None:
        prices = known_prices(models)
        require_prices(models, prices)
        if free := unlimited(study.agents, models):
            say(
                f"budget: {', '.join(free)} without max_tokens; a reply is assumed to have "
                f"{EXPECTED_OUTPUT_TOKENS:,} tokens, or as many as the longest yet; a longer one "
                "can exceed the budget"
            )
        budget = Budget(options.budget, prices)
    if options.replay and not run.ledger.exists():
        raise DataError(f"{run.ledger}: there is no ledger to replay")
    if options.cluster:
        ledger_of = partial(
            Ledger, run.ledger.absolute(), options.concurrency, options.retry_failed, budget
        )
        return ClusterExecutor(
            study,
            ledger_of,
            ModelClient(run.simulated_models),
            run.inputs,
            Cluster(options.address, options.workers),
        )
    ledger = Ledger(run.ledger, options.concurrency, options.retry_failed, budget)
    client = None if options.replay else ModelClient(run.simulated_models)
    return Runner(study, ledger, client, inputs=run.inputs)


def watch_of(run: StudyRun) -> Callable[[Answer], None]:
    """Looks at each answer, and says which models' replies cannot be read.

    Nothing is said of a replay, which costs nothing. The function raises UnreadableRepliesError as
    the run's options say.
    """
    if run.options.replay:
        return lambda _: None
    return UnreadableReplies(run.study.id, run.options.stop_after_invalid).add


def run_suite(
    executor: Executor,
    suite: Suite,
    on_answer: Callable[[Answer], None],
    watch: Callable[[Answer], None] = lambda _: None,
) -> None:
    """Run a suite, pass each answer to `on_answer` as it is done, and close the executor.

    `watch` may look at an answer after that, and end the run by an error.

    At the first interruption, calls that were not sent are dropped and calls in flight awaited; a
    second interruption ends the run at once.

    Raises:
        InterruptedRunError: the user stopped it; replies so far are in the ledger.
        PrimumError: it cannot continue.
    """

    async def collect() -> None:
        with Progress(executor.size(suite), executor) as progress:
            async with aclosing(executor.run(suite)) as answers:
                async for answer in answers:
                    on_answer(answer)
                    progress.add(answer)
                    watch(answer)

    try:
        with _rare_garbage_collection():
            asyncio.run(collect())
    except KeyboardInterrupt:
        raise InterruptedRunError(
            f"interrupted; {counted(executor.made, 'call')} in the ledger: "
            "the same command continues from there"
        ) from None
    finally:
        executor.close()


@contextmanager
def _rare_garbage_collection() -> Iterator[None]:
    """Collect garbage less often: LangGraph allocates hundreds of objects for each answer.

    With Python's own threshold, collection takes a tenth of the CPU time of a replay.
    """
    before = gc.get_threshold()
    gc.set_threshold(GARBAGE_THRESHOLD, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


async def dry_run(run: StudyRun, suite: Suite) -> DryRunClient:
    """Go through a run without calls; the client that is returned counted what would be asked."""
    study = run.study
    study = study.model_copy(update={"models": _unpaced(study.models)})
    if study.judge:
        judge = study.judge.model_copy(update={"models": _unpaced(study.judge.models)})
        study = study.model_copy(update={"judge": judge})
    models = {**study.models, **(study.judge.models if study.judge else {})}
    there = await asyncio.to_thread(run.ledger.exists)
    record = Record(run.ledger) if there else None
    client = DryRunClient(record, known_prices(models))
    ledger = Ledger(None, run.options.concurrency)
    executor = Runner(study, ledger, client, inputs=run.inputs)
    async with aclosing(executor.run(suite)) as answers:
        async for _ in answers:
            pass
    executor.close()
    if record:
        record.close()
    return client


def _unpaced(models: Mapping[str, ModelSpec]) -> dict[str, ModelSpec]:
    """Models without limits of calls or tokens a minute, since none is called."""
    unlimited = {"rpm": None, "tpm": None}
    return {name: model.model_copy(update=unlimited) for name, model in models.items()}
