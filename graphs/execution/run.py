"""A run from its first call to its last: the loop, the progress, the interruption."""

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
from primum.agents.models.litellm_client import LiteLLMClient, known_prices
from primum.agents.roles.transcript import Answer, MatcherOf
from primum.agents.simulation.clinician import SimulatedModels
from primum.agents.specs.model import ModelSpec
from primum.agents.studies.study import Study
from primum.cases.model import Suite
from primum.core.console import counted, say
from primum.core.errors import DataError, PrimumError
from primum.graphs.execution.dry_run import DryRunClient
from primum.graphs.execution.executor import Executor
from primum.graphs.execution.progress import Progress
from primum.graphs.execution.ray.executor import ClusterExecutor
from primum.graphs.execution.runner import Imported, Runner

GARBAGE_THRESHOLD = 20_000  # between two looks for garbage


class InterruptedRunError(PrimumError):
    """The user stopped a run."""

    exit_code = 130


@dataclass(frozen=True)
class RunOptions:
    """How a run's calls are made: how many at once, for how much, here or on a cluster.

    With `replay` the ledger alone answers.
    """

    concurrency: int = 16
    retry_failed: bool = False
    replay: bool = False
    budget: float | None = None
    cluster: bool = False
    address: str | None = None
    workers: int | None = None


def executor_for(
    study: Study,
    path: Path,
    simulated_models: SimulatedModels,
    way: RunOptions,
    matcher_of: MatcherOf | None,
    imported: Imported | None,
) -> Executor:
    """What works a study's answers out.

    Args:
        study: what is run.
        path: the ledger's file.
        simulated_models: where simulated clinicians find their suite's key.
        way: how calls are made.
        matcher_of: makes the matcher of plans of the way to its judges.
        imported: answers from a file.

    Raises:
        DataError: the ledger cannot be opened or replayed, a price is unknown, Ray is missing.
    """
    models = {**study.models, **(study.judge.models if study.judge else {})}
    budget = None
    if way.budget is not None:
        prices = known_prices(models)
        require_prices(models, prices)
        if free := unlimited(study.agents, models):
            say(
                f"budget: {', '.join(free)} without max_tokens: a reply is taken to have "
                f"{EXPECTED_OUTPUT_TOKENS:,} tokens, or as many as the longest yet; what is longer "
                "can exceed it"
            )
        budget = Budget(way.budget, prices)
    if way.replay and not path.exists():
        raise DataError(f"{path}: no ledger to replay from")
    if way.cluster:
        ledger_of = partial(Ledger, path.absolute(), way.concurrency, way.retry_failed, budget)
        return ClusterExecutor(
            study,
            ledger_of,
            LiteLLMClient(simulated_models),
            matcher_of=matcher_of,
            imported=imported,
            address=way.address,
            workers=way.workers,
        )
    ledger = Ledger(path, way.concurrency, way.retry_failed, budget)
    client = None if way.replay else LiteLLMClient(simulated_models)
    return Runner(study, ledger, client, matcher_of=matcher_of, imported=imported)


def execute(executor: Executor, suite: Suite, take: Callable[[Answer], None]) -> None:
    """Run a suite, hand each answer over as it is done, and close the executor.

    The first interruption gives up what has not gone out and waits for what has; a second one waits
    for nothing.

    Raises:
        InterruptedRunError: the user stopped it; what was asked is on record.
        PrimumError: it cannot go on.
    """

    async def collect() -> None:
        with Progress(executor.size(suite), executor) as progress:
            async with aclosing(executor.run(suite)) as answers:
                async for answer in answers:
                    take(answer)
                    progress.add(answer)

    try:
        with _rare_garbage_collection():
            asyncio.run(collect())
    except KeyboardInterrupt:
        raise InterruptedRunError(
            f"interrupted; {counted(executor.made, 'call')} on record: "
            "the same command goes on from there"
        ) from None
    finally:
        executor.close()


@contextmanager
def _rare_garbage_collection() -> Iterator[None]:
    """Look for garbage less often: LangGraph makes hundreds of objects for an answer.

    By Python's own threshold it takes a tenth of the CPU of a replay.
    """
    before = gc.get_threshold()
    gc.set_threshold(GARBAGE_THRESHOLD, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


async def dry_run(
    study: Study, suite: Suite, path: Path, matcher_of: MatcherOf | None, way: RunOptions
) -> DryRunClient:
    """A run in which nobody is asked, by an dry_run_client that counts.

    Args:
        study: what would be run.
        suite: its cases.
        path: of the ledger whose calls need not be made again.
        matcher_of: makes the matcher of plans.
        way: how calls would be made.
    """
    study = study.model_copy(update={"models": _unpaced(study.models)})
    if study.judge:
        judge = study.judge.model_copy(update={"models": _unpaced(study.judge.models)})
        study = study.model_copy(update={"judge": judge})
    models = {**study.models, **(study.judge.models if study.judge else {})}
    there = await asyncio.to_thread(path.exists)
    record = Record(path) if there else None
    dry_run_client = DryRunClient(record, known_prices(models))
    ledger = Ledger(None, way.concurrency)
    executor = Runner(study, ledger, dry_run_client, matcher_of=matcher_of)
    async with aclosing(executor.run(suite)) as answers:
        async for _ in answers:
            pass
    executor.close()
    if record:
        record.close()
    return dry_run_client


def _unpaced(models: Mapping[str, ModelSpec]) -> dict[str, ModelSpec]:
    """Models that no minute limits: nobody asks them."""
    unlimited = {"rpm": None, "tpm": None}
    return {name: model.model_copy(update=unlimited) for name, model in models.items()}
