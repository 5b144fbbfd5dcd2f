"""A run from its first call to its last: the loop, the progress, the interruption."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

from primum.agents.ledger import Ledger
from primum.agents.records import Answer
from primum.cases.errors import PrimumError
from primum.cases.model import Suite
from primum.graphs.progress import Progress
from primum.graphs.runner import Runner


class InterruptedRunError(PrimumError):
    """The user stopped a run."""

    exit_code = 130


def conduct(runner: Runner, suite: Suite, ledger: Ledger, take: Callable[[Answer], None]) -> None:
    """Run a suite, hand each answer over as it is done, and close the ledger.

    Raises:
        InterruptedRunError: the user stopped it; what was asked is on record.
        DataError: the ledger is damaged or cannot be written.
    """

    async def collect() -> None:
        with Progress(runner.size(suite), ledger) as progress:
            async with aclosing(runner.run(suite)) as answers:
                async for answer in answers:
                    take(answer)
                    progress.add(answer)

    try:
        asyncio.run(collect())
    except KeyboardInterrupt:
        raise InterruptedRunError(
            f"interrupted; {ledger.made} calls are on record: the same command goes on from there"
        ) from None
    finally:
        ledger.close()
