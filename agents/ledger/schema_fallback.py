"""Calls whose schema is optional: sent with it, and without it where the endpoint rejects it.

What an endpoint takes is found out by the first such call of a run, for which all others to the
same model of the same endpoint wait. A call that is made without its schema is marked in the
ledger before it is sent, so that a replay finds the same reply whatever else the ledger holds, and
a run that is continued, whose first calls are so marked, does not ask the endpoint again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from primum.agents.ledger.database import Record
from primum.agents.models.client import ChatClient, Credentials, Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.models.schema_support import Rejection, rejection_of

if TYPE_CHECKING:
    from primum.agents.ledger.ledger import Ledger

Endpoint = tuple[str | None, str | None, str, str | None]
"""The address and version of an interface, and the id and revision of a model."""


class Forms(NamedTuple):
    """The two forms of a call, ready to be sent."""

    endpoint: Endpoint
    with_schema: Callable[[], Awaitable[Reply]]
    without_schema: Callable[[], Awaitable[Reply]]


@dataclass
class SchemaFallback:
    """Asks calls whose schema is optional, through the ledger of a run."""

    ledger: "Ledger"
    _rejecting: set[Endpoint] = field(default_factory=set)
    _accepting: set[Endpoint] = field(default_factory=set)
    _first: dict[Endpoint, asyncio.Event] = field(default_factory=dict)

    async def ask(
        self, request: Request, client: ChatClient | None, credentials: Credentials
    ) -> Reply:
        """The reply to a call with its schema, or else, so marked, to the one without it.

        Raises:
            DataError: neither is in the ledger and there is no client, or it cannot be used.
            BudgetError: the call would exceed the budget.
        """
        forms = self._forms(request, client, credentials)
        if self.ledger.record.is_without_schema(request.key):
            self._rejecting.add(forms.endpoint)
            return await forms.without_schema()
        known = self.ledger.peek(request.key, replayed=client is None)
        if known:
            rejection = self._learn(forms.endpoint, known)
            return await (forms.without_schema if rejection else forms.with_schema)()
        return await (self._send(forms) if client else forms.without_schema())

    def _learn(self, endpoint: Endpoint, reply: Reply) -> Rejection | None:
        """Whether a reply to a call with its schema rejects it; what that says of later calls."""
        rejection = rejection_of(reply)
        if rejection is Rejection.NAMED:
            self._rejecting.add(endpoint)
        elif reply.outcome is Outcome.OK:
            self._accepting.add(endpoint)
        return rejection

    def _forms(
        self, request: Request, client: ChatClient | None, credentials: Credentials
    ) -> Forms:
        async def with_schema() -> Reply:
            return await self.ledger.ask(request, client, credentials)

        async def without_schema() -> Reply:
            text = request.without_schema()
            if client:
                await self.ledger.record.put_without_schema(request.key, text.key)
            reply = await self.ledger.ask(text, client, credentials)
            return reply.model_copy(update={"without_schema": True})

        endpoint = (request.api_base, request.api_version, request.model, request.revision)
        return Forms(endpoint, with_schema, without_schema)

    async def _send(self, forms: Forms) -> Reply:
        """The reply to a call that is not recorded; the first of an endpoint goes alone."""
        first = self._first.get(forms.endpoint)
        if first:
            await first.wait()
            return await self._try(forms)
        first = self._first[forms.endpoint] = asyncio.Event()
        try:
            return await self._try(forms)
        finally:
            first.set()

    async def _try(self, forms: Forms) -> Reply:
        """With the schema, unless the endpoint rejected it before; then, or else, without.

        A rejection that does not name the schema holds for later calls only if the call without
        the schema is then accepted, and none with a schema was before.
        """
        if forms.endpoint in self._rejecting:
            return await forms.without_schema()
        reply = await forms.with_schema()
        rejection = self._learn(forms.endpoint, reply)
        if rejection is None:
            return reply
        if rejection is Rejection.NAMED:
            self._first[forms.endpoint].set()
        reply = await forms.without_schema()
        failed = reply.outcome is Outcome.PROVIDER_ERROR
        if not failed and forms.endpoint not in self._accepting:
            self._rejecting.add(forms.endpoint)
        return reply


def recorded_reply(record: Record, request: Request) -> Reply | None:
    """The reply that a record holds for a request, with its schema or, so marked, without it."""
    if request.schema_optional and record.is_without_schema(request.key):
        return record.get(request.without_schema().key)
    return record.get(request.key)
