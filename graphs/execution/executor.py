"""Where a study's answers are worked out: in this process (local), or on a Ray cluster (cluster).

An executor gives the answers of a study on a suite, each once, in the order in which they are done.
Whatever the executor, every call is made once, by one ledger.
"""

from collections.abc import AsyncGenerator
from typing import Protocol

from primum.agents.roles.transcript import Answer
from primum.cases.model import Suite


class Executor(Protocol):
    """Answers a study, and counts the calls that it makes."""

    @property
    def made(self) -> int:
        """How many calls were made so far."""
        ...

    @property
    def found(self) -> int:
        """How many questions the record answered so far."""
        ...

    @property
    def endpoints(self) -> dict[str, str]:
        """Calls in flight and the limit, by endpoint, where it is known here."""
        ...

    def size(self, suite: Suite) -> int:
        """How many answers `run` will give."""
        ...

    def run(self, suite: Suite) -> AsyncGenerator[Answer]:
        """Every answer, in the order in which they are done.

        Left early, it gives up the calls that have not gone out, and waits for those that have.

        Raises:
            PrimumError: the run cannot go on; what was asked is on record.
        """
        ...

    def close(self) -> None:
        """Give back what it holds: ledger, processes."""
        ...
