"""How far a run is, on stderr: a live bar on a terminal, plain lines elsewhere."""

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from primum.agents.client import Outcome
from primum.agents.ledger import Ledger
from primum.agents.records import Answer

SECONDS_BETWEEN_LINES = 10.0


class Progress:
    """Counts answers as they come in."""

    def __init__(self, total: int, ledger: Ledger) -> None:
        """Nothing is shown before the first answer."""
        self._total = total
        self._ledger = ledger
        self._done = self._failed = 0
        self._said = time.monotonic()
        self._bar: Bar | None = None
        if sys.stderr.isatty():
            self._bar = Bar(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task("answers", total=total)

    def __enter__(self) -> Self:
        """Start."""
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Stop, and say where it stands."""
        if self._bar:
            self._bar.stop()
        self._say()

    def add(self, answer: Answer) -> None:
        """Count an answer."""
        self._done += 1
        self._failed += answer.outcome is not Outcome.OK
        if self._bar:
            self._bar.update(self._task, completed=self._done, description=self._state())
        elif time.monotonic() - self._said > SECONDS_BETWEEN_LINES:
            self._said = time.monotonic()
            self._say()

    def _state(self) -> str:
        failed = f", {self._failed} failed" if self._failed else ""
        return f"{self._ledger.made} calls{failed}"

    def _say(self) -> None:
        print(f"primum: {self._done} of {self._total} answers, {self._state()}", file=sys.stderr)
