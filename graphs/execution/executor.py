"""Interface of executors, which answer a study: in this process (runner.py) or on Ray (ray/).

An executor yields every answer of a study on a suite once, in order of completion. With any
executor every call is made once, by one ledger.
"""

from collections.abc import AsyncGenerator
from typing import Protocol

from primum.agents.turns.transcript import Answer
from primum.cases.model import Suite


class Executor(Protocol):
    """Answers a study and counts its calls."""

    @property
    def made(self) -> int:
        """Number of calls made so far."""
        ...

    @property
    def found(self) -> int:
        """Number of replies taken from the ledger so far."""
        ...

    @property
    def endpoints(self) -> dict[str, str]:
        """Calls in flight and their limit by endpoint, such as "3/16"; empty where unknown."""
        ...

    def size(self, suite: Suite) -> int:
        """Number of answers that `run` will yield."""
        ...

    def run(self, suite: Suite) -> AsyncGenerator[Answer]:
        """Yield every answer, in order of completion.

        If it is closed early, calls that were not sent are dropped, and calls in flight awaited.

        Raises:
            PrimumError: the run cannot continue; replies so far are in the ledger.
        """
        ...

    def close(self) -> None:
        """Release the ledger and any processes."""
        ...
