"""Calls through a client alone: no graph, no ledger, nothing judged."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from primum.agents.models.client import ChatClient, Credentials, Message, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.protocol import Protocol
from primum.cases.model import Suite

PLAN = Protocol(name="plan", form="concise")
Send = Callable[[Request], Awaitable[str]]
"""Sends a request; the text that answers it."""


def requests(suite: Suite, url: str, calls: int) -> Iterator[Request]:
    """So many distinct calls: the suite's items over and over."""
    items = list(suite.items())
    for number in range(calls):
        prompt = PLAN.prompt("generator", "draft", "", items[number % len(items)].public)
        yield Request(
            model="openai/ash",
            messages=(
                Message(role="system", content=prompt.system),
                Message(role="user", content=prompt.user),
            ),
            api_base=f"{url}/v1",
            trial=number + 1,
        )


def through(client: ChatClient) -> Callable[..., Any]:
    """A context that yields how a client of Primum's sends."""

    @asynccontextmanager
    async def opened(_: int) -> Any:
        async def send(request: Request) -> str:
            reply = await client.complete(request, Credentials())
            assert reply.outcome is Outcome.OK, reply.reason
            return reply.text

        yield send

    return opened


@asynccontextmanager
async def by_httpx(cap: int) -> Any:
    """How httpx alone sends."""
    limits = httpx.Limits(max_connections=cap, max_keepalive_connections=cap)
    async with httpx.AsyncClient(limits=limits, timeout=120) as client:

        async def send(request: Request) -> str:
            messages = [message.model_dump() for message in request.messages]
            body = {"model": request.model.partition("/")[2], "messages": messages}
            said = await client.post(f"{request.api_base}/chat/completions", json=body)
            return str(said.json()["choices"][0]["message"]["content"])

        yield send


async def cpu_seconds(opened: Callable[..., Any], asked: Sequence[Request], cap: int) -> float:
    """CPU seconds of this process for each call, so many in flight at once."""
    turn = asyncio.Semaphore(cap)

    async def one(send: Send, request: Request) -> None:
        async with turn:
            assert await send(request)

    async with opened(cap) as send:
        await asyncio.gather(*(one(send, request) for request in asked[:cap]))  # connections
        started = time.process_time()
        await asyncio.gather(*(one(send, request) for request in asked))
        return (time.process_time() - started) / len(asked)
