"""The call ledger: every call once, on disk before anyone uses it, one flight for one key."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from primum.agents.ledger.budget import Budget
from primum.agents.ledger.database import Record
from primum.agents.ledger.dispatcher import Dispatcher
from primum.agents.ledger.leases import Leases
from primum.agents.models.client import ChatClient, Credentials, Reply, Request
from primum.agents.roles.transcript import Caller
from primum.agents.specs.model import ModelSpec
from primum.core.errors import DataError

CACHE_SIZE = 1_000  # replies
POLL_SECONDS = 0.05  # between two looks at what another process is asking


@dataclass
class Ledger:
    """Replies by the key of their request; what is not on record is asked once, and kept.

    With `retry_failed`, timeouts and provider errors on record are asked again. `made` counts the
    calls made, `found` the questions that took none: on record, or being asked already. Several
    processes may share a record: a call that one is making the others wait for. Without a path
    nothing is kept.
    """

    path: Path | None
    concurrency: int = 16
    retry_failed: bool = False
    budget: Budget | None = None
    made: int = 0
    found: int = 0
    dispatcher: Dispatcher = field(init=False)
    _flights: dict[str, asyncio.Task[Reply]] = field(default_factory=dict)
    _waiting: set[asyncio.Task[Reply]] = field(default_factory=set)
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

    def close(self) -> None:
        """Close the files."""
        self.leases.close()
        self.record.close()

    async def ask(
        self, request: Request, client: ChatClient | None, credentials: Credentials
    ) -> Reply:
        """The reply on record; else the reply of the one call that is made for this key.

        Raises:
            DataError: there is none and no client to ask, or the ledger cannot be used.
            BudgetError: the call would exceed the budget.
        """
        key = request.key
        flight = self._flights.get(key)
        if flight is None:
            known = self._known(key)
            if known:
                return known
            if client is None:
                raise DataError(
                    f"{self.path}: call {key[:12]} to {request.model} is not on record, "
                    "and nothing is asked here: run the study first, with the same options"
                )
            flight = asyncio.create_task(self._call(key, request, client, credentials))
            self._flights[key] = flight
            self._waiting.add(flight)
            flight.add_done_callback(lambda done: self._landed(key, done))
        else:
            self.found += 1
        return await asyncio.shield(flight)

    async def drain(self) -> None:
        """Give up the calls that are not out, and wait for those that are."""
        self._draining = True
        for flight in self._waiting:
            flight.cancel()
        self._waiting.clear()
        await asyncio.gather(*self._flights.values(), return_exceptions=True)
        self._draining = False

    def _known(self, key: str) -> Reply | None:
        """The reply on record, unless it is to be asked for again: told so, not yet in this run."""
        known = self._recent.get(key) or self.record.get(key)
        again = self.retry_failed and key not in self._failed
        if known is None or (again and known.outcome.is_transient):
            return None
        self.found += 1
        self._remember(key, known)
        return known

    def _remember(self, key: str, reply: Reply) -> None:
        """Keep a reply at hand for the ensembles that ask for it next."""
        self._recent[key] = reply
        if len(self._recent) > CACHE_SIZE:
            del self._recent[next(iter(self._recent))]

    async def _call(
        self, key: str, request: Request, client: ChatClient, credentials: Credentials
    ) -> Reply:
        while not self.leases.take(key):
            await asyncio.sleep(POLL_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311
            known = self._known(key)
            if known:
                return known
        try:
            known = self._known(key)  # what another has just put there
            if known:
                return known
            reply = await self._made(key, request, client, credentials)
            self._remember(key, reply)
            return reply
        finally:
            self.leases.release(key)

    async def _made(
        self, key: str, request: Request, client: ChatClient, credentials: Credentials
    ) -> Reply:
        flight, budget = self._flights[key], self.budget
        held = await budget.hold(request, credentials) if budget else 0.0

        def out(gone: bool) -> None:  # noqa: FBT001
            if gone:
                self._waiting.discard(flight)
            elif self._draining:
                flight.cancel()
            else:
                self._waiting.add(flight)

        async def keep(reply: Reply) -> Reply:
            if budget:
                budget.spend(request, reply, held)
            return await self.record.put(key, request, reply)

        try:
            reply = await self.dispatcher.send(request, client, credentials, out, keep)
        finally:
            if budget:
                budget.release(held)
        self.made += 1
        if reply.outcome.is_transient:
            self._failed.add(key)
        return reply

    def _landed(self, key: str, flight: asyncio.Task[Reply]) -> None:
        self._flights.pop(key)
        self._waiting.discard(flight)


def caller(
    ledger: Ledger,
    models: Mapping[str, ModelSpec],
    client: ChatClient | None,
    own_clients: Mapping[str, ChatClient] | None = None,
) -> Caller:
    """The way through a ledger to some models, which are named as their panel names them.

    Args:
        ledger: answers what is on record.
        models: who may be asked.
        client: asks those that have no client of their own; None asks nobody.
        own_clients: clients of single models, by name.
    """
    own = own_clients or {}
    credentials = {
        name: Credentials(key_env=spec.key_env, price=spec.price, rpm=spec.rpm, tpm=spec.tpm)
        for name, spec in models.items()
    }

    async def call(request: Request, model: str) -> Reply:
        return await ledger.ask(request, own.get(model) or client, credentials[model])

    return call
