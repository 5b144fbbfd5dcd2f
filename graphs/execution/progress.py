"""Progress of a run on stderr: a live bar on a terminal, plain lines elsewhere."""

import sqlite3
import sys
import time
from collections import Counter
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from primum.agents.models.outcomes import Outcome
from primum.agents.turns.transcript import Answer
from primum.core.console import counted, say
from primum.core.terminal import clean
from primum.graphs.execution.executor import Executor

SECONDS_BETWEEN_LINES = 10.0


class Progress:
    """Counts answers and prints how many are done, with calls, cost and failures."""

    def __init__(self, total: int, executor: Executor) -> None:
        """`total` is the number of answers to expect; nothing is printed before the first one."""
        self._total = total
        self._executor = executor
        self._done = 0
        self._failed: Counter[str] = Counter()
        self._given_up: set[str] = set()
        self._cost, self._unpriced = 0.0, False
        # Keys of calls; a Python set of them would take four times the memory.
        self._counted = sqlite3.connect(":memory:", isolation_level=None)
        self._counted.execute("create table calls (key blob primary key) strict, without rowid")
        self._said = self._started = time.monotonic()
        self._bar: Bar | None = None
        if sys.stderr.isatty():
            self._bar = Bar(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bar_id = self._bar.add_task("answers", total=total)

    def __enter__(self) -> Self:
        """Start the bar."""
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Stop the bar and print a last line."""
        if self._bar:
            self._bar.stop()
        self._say()

    def add(self, answer: Answer) -> None:
        """Count an answer."""
        self._done += 1
        if answer.outcome is not Outcome.OK or answer.unjudged:
            self._failed["unjudged" if answer.unjudged else str(answer.outcome)] += 1
        self._count_cost(answer)
        if self._bar:
            self._bar.update(self._bar_id, completed=self._done, description=self._state())
        elif self._done < self._total and time.monotonic() - self._said > SECONDS_BETWEEN_LINES:
            self._said = time.monotonic()
            self._say()

    def _count_cost(self, answer: Answer) -> None:
        """Add the cost of an answer's calls, each counted once."""
        judging = answer.judgement.said if answer.judgement else ()
        for call in (call for turn in (*answer.turns, *judging) for call in turn.calls):
            if call.reply.given_up and call.model not in self._given_up:
                self._given_up.add(call.model)
                say(
                    f"{call.model}: {call.reply.reason}. The run goes on without it; the same "
                    "command asks it again"
                )
            key = (bytes.fromhex(call.key),)
            if self._counted.execute("insert or ignore into calls values (?)", key).rowcount:
                self._cost += call.reply.cost or 0.0
                self._unpriced |= call.reply.cost is None

    def _state(self) -> str:
        made, seconds = self._executor.made, time.monotonic() - self._started
        parts = [counted(made, "call")]
        if made and seconds > 1:
            parts.append(_rate(made, seconds))
        if self._cost:
            parts.append(f"${self._cost:.2f}{'+' if self._unpriced else ''}")
        parts += [f"{number} {outcome}" for outcome, number in sorted(self._failed.items())]
        parts += [f"{endpoint} {load}" for endpoint, load in self._executor.endpoints.items()]
        return clean(" ".join(", ".join(parts).split()))

    def _say(self) -> None:
        print(
            f"primum: {self._done} of {counted(self._total, 'answer')}, {self._state()}",
            file=sys.stderr,
        )


def _rate(calls: int, seconds: float) -> str:
    """Calls a second, or a minute where there are fewer."""
    each, unit = (seconds, "s") if calls >= seconds else (seconds / 60, "min")
    return f"{calls / each:.1f}/{unit}"
