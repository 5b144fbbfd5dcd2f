"""agents/ledger/dispatcher.py and rate_limit.py: concurrency, rate limits and retries."""

import asyncio
import time
from collections.abc import Callable

import pytest

from primum.agents.ledger.dispatcher import ATTEMPTS_WHEN_RATE_LIMITED, Dispatcher, expected_tokens
from primum.agents.ledger.rate_limit import ConcurrencyLimit, RateLimit
from primum.agents.models.client import Credentials, Message, Reply, Request
from primum.agents.models.outcomes import Outcome

OK = Reply(outcome=Outcome.OK, text="yes")
AWAY = Reply(outcome=Outcome.PROVIDER_ERROR, reason="429", retry_after=0.0, rate_limited=True)
BROKEN = Reply(outcome=Outcome.PROVIDER_ERROR, reason="500", retry_after=0.0)
LATE = Reply(outcome=Outcome.TIMEOUT, reason="late", retry_after=0.0)
FINAL = Reply(outcome=Outcome.PROVIDER_ERROR, reason="400")


def request(text: str = "hello", base: str | None = None, model: str = "openai/x") -> Request:
    return Request(model=model, messages=(Message(role="user", content=text),), api_base=base)


class Endpoint:
    """Answers by a script, and counts who is there at once."""

    def __init__(self, script: Callable[[int], Reply], seconds: float = 0.0) -> None:
        self.script, self.seconds = script, seconds
        self.asked = self.there = self.peak = 0

    async def complete(self, request: Request, credentials: Credentials) -> Reply:  # noqa: ARG002
        self.asked += 1
        number = self.asked
        self.there += 1
        self.peak = max(self.peak, self.there)
        await asyncio.sleep(self.seconds)
        self.there -= 1
        return self.script(number)


@pytest.mark.parametrize(
    ("script", "outcome", "attempts"),
    [
        (lambda _: OK, Outcome.OK, 1),
        (lambda n: OK if n == 3 else BROKEN, Outcome.OK, 3),
        (lambda _: BROKEN, Outcome.PROVIDER_ERROR, 4),
        (lambda _: FINAL, Outcome.PROVIDER_ERROR, 1),
        (lambda n: OK if n == 15 else AWAY, Outcome.OK, 15),
        (lambda _: AWAY, Outcome.PROVIDER_ERROR, ATTEMPTS_WHEN_RATE_LIMITED),
        (lambda n: AWAY if n % 2 else BROKEN, Outcome.PROVIDER_ERROR, 8),
        (lambda _: LATE, Outcome.TIMEOUT, 2),
        (lambda n: LATE if n == 3 else BROKEN, Outcome.PROVIDER_ERROR, 4),
    ],
)
async def test_attempts_are_counted_and_end(
    script: Callable[[int], Reply], outcome: Outcome, attempts: int
) -> None:
    endpoint = Endpoint(script)
    reply = await Dispatcher(4, pause=0.0).send(request(), endpoint, Credentials())
    assert (reply.outcome, reply.attempts, endpoint.asked) == (outcome, attempts, attempts)
    assert reply.retry_after is None, "nothing of the attempts is kept but their number"


async def test_no_more_calls_than_the_cap_are_in_flight_at_all_endpoints_together() -> None:
    endpoint, dispatcher = Endpoint(lambda _: OK, 0.005), Dispatcher(7)
    bases = ["http://a", "http://b", None]
    await asyncio.gather(
        *(
            dispatcher.send(request(str(n), bases[n % 3]), endpoint, Credentials())
            for n in range(100)
        )
    )
    assert endpoint.peak == dispatcher.peak == 7
    assert set(dispatcher.limits) == {"http://a", "http://b", "openai"}


async def test_a_slow_endpoint_does_not_hold_up_another() -> None:
    slow, fast = (
        Endpoint(lambda _: AWAY.model_copy(update={"retry_after": 5.0})),
        Endpoint(lambda _: OK),
    )
    dispatcher = Dispatcher(2)
    waits = asyncio.create_task(dispatcher.send(request("x", "http://a"), slow, Credentials()))
    await asyncio.sleep(0.01)
    async with asyncio.timeout(1):
        for n in range(20):
            await dispatcher.send(request(str(n), "http://b"), fast, Credentials())
    waits.cancel()
    assert slow.asked == 1, "it asked to be left alone for five seconds"


async def test_the_limit_halves_once_a_burst_and_grows_again() -> None:
    limit = ConcurrencyLimit(16)
    async with limit.slot() as since:
        pass
    for _ in range(5):  # five calls of one burst are turned away
        limit.halve(since)
    assert limit.limit == 8
    await asyncio.sleep(0.002)
    async with limit.slot() as since:
        pass
    limit.halve(since)
    assert limit.limit == 4
    for _ in range(400):
        limit.grow()
    assert limit.limit == 16


async def test_a_closed_gate_opens_when_it_was_told_to() -> None:
    limit, started = ConcurrencyLimit(2), time.monotonic()
    limit.close_for(0.1)
    async with limit.slot():
        assert 0.09 < time.monotonic() - started < 1


async def test_who_gives_up_waiting_takes_no_place() -> None:
    limit = ConcurrencyLimit(1)
    async with limit.slot():
        waits = [asyncio.create_task(_through(limit)) for _ in range(3)]
        await asyncio.sleep(0)
        waits[0].cancel()
        waits[1].cancel()
        await asyncio.sleep(0)
    async with asyncio.timeout(1):
        await waits[2]
    assert (limit.in_flight, limit.peak) == (0, 1)


async def test_who_is_cancelled_while_being_let_in_gives_the_place_back() -> None:
    limit = ConcurrencyLimit(1)
    async with limit.slot():
        waits = asyncio.create_task(_through(limit))
        await asyncio.sleep(0)
    waits.cancel()  # its place was given in the same moment
    await asyncio.gather(waits, return_exceptions=True)
    async with asyncio.timeout(1):
        await _through(limit)
    assert limit.in_flight == 0


async def _through(limit: ConcurrencyLimit) -> None:
    async with limit.slot():
        await asyncio.sleep(0)


async def test_calls_are_spread_over_the_minute() -> None:
    rate = RateLimit(per_minute=1200)  # one in 50 ms
    started = time.monotonic()
    turns = [rate.reserve() - started for _ in range(5)]
    assert turns == pytest.approx([0, 0.05, 0.1, 0.15, 0.2], abs=0.02)


async def test_tokens_are_spread_over_the_minute() -> None:
    endpoint, dispatcher = Endpoint(lambda _: OK), Dispatcher(8)
    asked = request("word " * 80)
    assert expected_tokens(asked) == 100
    started = time.monotonic()
    spread = Credentials(tpm=60_000)  # a thousand tokens a second
    await asyncio.gather(*(dispatcher.send(asked, endpoint, spread) for _ in range(4)))
    assert 0.29 < time.monotonic() - started < 2


async def test_the_time_of_all_attempts_is_the_calls() -> None:
    endpoint = Endpoint(lambda n: OK if n == 3 else BROKEN, 0.02)
    reply = await Dispatcher(1, pause=0.0).send(request(), endpoint, Credentials())
    assert reply.seconds >= 0.06


async def test_the_wait_for_a_slot_is_not_in_the_seconds_of_a_call() -> None:
    endpoint, dispatcher = Endpoint(lambda _: OK, 0.1), Dispatcher(1)
    calls = [dispatcher.send(request(str(n)), endpoint, Credentials()) for n in range(4)]
    seconds = [reply.seconds for reply in await asyncio.gather(*calls)]
    assert all(0.1 <= each < 0.2 for each in seconds), "one after another, each 0.1 s"


class Timed:
    """Notes when it is asked; the first call is told to come back later."""

    def __init__(self, first: Reply = OK) -> None:
        self.first, self.at = first, list[float]()

    async def complete(self, request: Request, credentials: Credentials) -> Reply:  # noqa: ARG002
        self.at.append(time.monotonic())
        return self.first if len(self.at) == 1 else OK


async def test_an_endpoint_that_was_closed_is_not_asked_all_at_once() -> None:
    """Those whose turn went by while it was closed take another."""
    endpoint, dispatcher = Timed(AWAY.model_copy(update={"retry_after": 1.5})), Dispatcher(16)
    paced = Credentials(rpm=600)  # ten a second
    await asyncio.gather(*(dispatcher.send(request(str(n)), endpoint, paced) for n in range(16)))
    later = [at for at in endpoint.at if at > endpoint.at[0] + 1.4]
    assert len(later) > 10
    assert later[-1] - later[0] > 0.1 * (len(later) - 5)


async def test_a_model_at_two_endpoints_has_the_pace_of_each() -> None:
    slow, fast, dispatcher = Timed(), Timed(), Dispatcher(16)
    started = time.monotonic()
    await asyncio.gather(
        *(
            dispatcher.send(request(str(n), "http://a"), fast, Credentials(rpm=1e6))
            for n in range(9)
        ),
        *(
            dispatcher.send(request(str(n), "http://b"), slow, Credentials(rpm=1200))
            for n in range(5)
        ),
    )
    assert slow.at[-1] - started > 0.19


async def test_whoever_asks_to_be_left_alone_is() -> None:
    """A 503 too; it says nothing of how many calls are too many."""
    endpoint = Timed(BROKEN.model_copy(update={"retry_after": 0.4}))
    dispatcher = Dispatcher(8)
    first = asyncio.create_task(dispatcher.send(request("first"), endpoint, Credentials()))
    await asyncio.sleep(0.05)
    await asyncio.gather(
        *(dispatcher.send(request(str(n)), endpoint, Credentials()) for n in range(8))
    )
    await first
    assert endpoint.at[1] - endpoint.at[0] > 0.39
    assert dispatcher.limits["openai"].limit == 8
