"""The call ledger: every call is made once, and its reply is on disk before it is used."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from primum.agents.ledger.budget import Budget
from primum.agents.ledger.database import Record
from primum.agents.ledger.dispatcher import CHANCE, Dispatcher, Hooks
from primum.agents.ledger.leases import Leases
from primum.agents.ledger.schema_fallback import SchemaFallback
from primum.agents.models.client import ChatClient, Credentials, Reply, Request, credentials_of
from primum.agents.models.schema_support import with_advice
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.turns.transcript import Caller
from primum.core.errors import DataError

CACHE_SIZE = 1_000  # replies in memory
POLL_SECONDS = 0.05  # between two looks for a reply that another process is waiting for


@dataclass
class Ledger:
    """Replies by the key of their request; a request that is not in the ledger is sent, once.

    Processes that share a ledger wait for a call that one of them is making.

    Attributes:
        path: the file; without one, replies last as long as the process.
        concurrency: most calls in flight.
        retry_failed: whether recorded transient failures are sent again, once in a run.
        budget: what calls may cost; None is without limit.
        made: calls made.
        found: requests that needed no call: in the ledger, or in flight already.
    """

    path: Path | None
    concurrency: int = 16
    retry_failed: bool = False
    budget: Budget | None = None
    made: int = 0
    found: int = 0
    dispatcher: Dispatcher = field(init=False)
    fallback: SchemaFallback = field(init=False)
    _in_flight: dict[str, asyncio.Task[Reply]] = field(default_factory=dict)
    _unsent: set[asyncio.Task[Reply]] = field(default_factory=set)
    _recent: dict[str, Reply] = field(default_factory=dict)
    _failed: set[str] = field(default_factory=set)
    _draining: bool = False

    def __post_init__(self) -> None:
        """Open the file.

        Raises:
            DataError: it cannot be opened or written.
        """
        self.record = Record(self.path)
        self.leases = Leases(self.path and self.path.with_suffix(".leases"))
        self.dispatcher = Dispatcher(self.concurrency)
        self.fallback = SchemaFallback(self)

    def close(self) -> None:
        """Close the files."""
        self.leases.close()
        self.record.close()

    async def ask(
        self, request: Request, client: ChatClient | None, credentials: Credentials
    ) -> Reply:
        """The recorded reply, else that of the one call that is made for this key.

        Raises:
            DataError: it is not in the ledger and there is no client, or the ledger cannot be used.
            BudgetError: the call would exceed the budget.
        """
        key = request.key
        task = self._in_flight.get(key)
        if task is None:
            known = self._known(key, replayed=client is None)
            if known:
                return known
            if client is None:
                raise DataError(
                    f"{self.path}: call {key[:12]} to {request.model} is not in the ledger, "
                    "and this command makes no call: run the study first, with the same options"
                )
            task = asyncio.create_task(self._lease_and_send(request, client, credentials))
            self._in_flight[key] = task
            self._unsent.add(task)
            task.add_done_callback(lambda done: self._done(key, done))
        else:
            self.found += 1
        return await asyncio.shield(task)

    async def drain(self) -> None:
        """Cancel the calls that are not sent yet, and wait for those that are."""
        self._draining = True
        for task in self._unsent:
            task.cancel()
        self._unsent.clear()
        await asyncio.gather(*self._in_flight.values(), return_exceptions=True)
        self._draining = False

    def peek(self, key: str, *, replayed: bool) -> Reply | None:
        """The recorded reply, unless it is a failure that this run has still to retry.

        Those are the transient ones if the run retries failures, and those of endpoints that
        answered no call at the time; none in a run that makes no call (`replayed`).
        """
        known = self._recent.get(key) or self.record.get(key)
        if known is None or replayed or key in self._failed:
            return known
        retry = known.blocked or (self.retry_failed and known.outcome.is_transient)
        return None if retry else known

    def _known(self, key: str, *, replayed: bool = False) -> Reply | None:
        """As `peek`; a reply is counted as found, and kept in memory."""
        known = self.peek(key, replayed=replayed)
        if known:
            self.found += 1
            self._remember(key, known)
        return known

    def _remember(self, key: str, reply: Reply) -> None:
        """Keep a reply in memory for the ensembles that ask for it next."""
        self._recent[key] = reply
        if len(self._recent) > CACHE_SIZE:
            del self._recent[next(iter(self._recent))]

    async def _lease_and_send(
        self, request: Request, client: ChatClient, credentials: Credentials
    ) -> Reply:
        """The reply to a call, once no other process is making it."""
        key = request.key
        while not self.leases.take(key):
            await asyncio.sleep(POLL_SECONDS * CHANCE.uniform(0.5, 1.5))
            known = self._known(key)
            if known:
                return known
        try:
            known = self._known(key)  # put there between the first look and the lease
            if known:
                return known
            reply = await self._send(request, client, credentials)
            self._remember(key, reply)
            return reply
        finally:
            self.leases.release(key)

    async def _send(self, request: Request, client: ChatClient, credentials: Credentials) -> Reply:
        """The reply to a call, sent within the budget and recorded."""
        held = await self.budget.hold(request, credentials) if self.budget else 0.0

        async def record(reply: Reply) -> Reply:
            if self.budget:
                self.budget.spend(request, reply, held)
            return await self.record.put(request, reply)

        hooks = self._hooks(self._in_flight[request.key], record)
        try:
            reply = await self.dispatcher.send(request, client, credentials, hooks)
        finally:
            if self.budget:
                self.budget.release(held)
        self.made += reply.attempts > 0
        if reply.outcome.is_transient:
            self._failed.add(request.key)
        return reply

    def _hooks(
        self, task: asyncio.Task[Reply], on_reply: Callable[[Reply], Awaitable[Reply]]
    ) -> Hooks:
        """Hooks that keep track of what `drain` may cancel: calls that are not sent."""

        def on_wait() -> None:
            if self._draining:
                task.cancel()
            else:
                self._unsent.add(task)

        return Hooks(lambda: self._unsent.discard(task), on_wait, on_reply)

    def _done(self, key: str, task: asyncio.Task[Reply]) -> None:
        self._in_flight.pop(key)
        self._unsent.discard(task)
        if not task.cancelled():
            task.exception()  # whoever asked may have gone; asyncio would report it on stderr


def caller(
    ledger: Ledger,
    models: Mapping[str, ModelSpec],
    client: ChatClient | None,
    own_clients: Mapping[str, ChatClient] | None = None,
) -> Caller:
    """A function that sends a request of an agent to its model, through a ledger.

    Args:
        ledger: answers what it has recorded.
        models: the models by name.
        client: client of the models that have none of their own; None only replays the record.
        own_clients: clients of single models, by name.
    """
    own = own_clients or {}

    @cache
    def credentials(model: str, timeout: float | None) -> Credentials:
        return credentials_of(models[model], timeout)

    async def call(request: Request, agent: AgentSpec) -> Reply:
        ask = ledger.fallback.ask if request.schema_optional else ledger.ask
        known = credentials(agent.model, agent.timeout)
        reply = await ask(request, own.get(agent.model) or client, known)
        return reply if request.schema_optional else with_advice(request, reply)

    return call
