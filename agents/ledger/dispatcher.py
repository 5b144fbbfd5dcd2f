"""Sends calls: concurrency, rate limits and retries.

The retry policy of the project is here and nowhere else. A transient failure is sent 4 times at
most, a call that times out twice, a call that is rate limited (HTTP 429) 20 times. Retry-After
closes the endpoint for that long. Nothing waits between two attempts with a slot in hand. When an
endpoint is given up is in giving_up.py.
"""

import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from primum.agents.ledger.giving_up import Watch
from primum.agents.ledger.rate_limit import ConcurrencyLimit, RateLimit
from primum.agents.models.client import ChatClient, Credentials, Reply, Request
from primum.agents.models.cut_prompts import with_cut_prompt
from primum.agents.models.outcomes import Outcome
from primum.agents.models.schema_support import without_retry

ATTEMPTS = 4
ATTEMPTS_WHEN_TIMED_OUT = 2
ATTEMPTS_WHEN_RATE_LIMITED = 20
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
LATE_SECONDS = 0.25  # a call this far behind its reserved time reserves another
CHARACTERS_PER_TOKEN = 4
CHANCE = random.SystemRandom()


async def _unchanged(reply: Reply) -> Reply:
    return reply


@dataclass(frozen=True)
class Hooks:
    """What the sender of a call wants to know.

    Attributes:
        on_sent: called when an attempt goes out.
        on_wait: called when the call waits for its next attempt.
        on_reply: given the last reply while the call still holds its slot; what it returns is the
            result. No other call takes the slot before it is done.
    """

    on_sent: Callable[[], None] = lambda: None
    on_wait: Callable[[], None] = lambda: None
    on_reply: Callable[[Reply], Awaitable[Reply]] = _unchanged


NO_HOOKS = Hooks()


@dataclass
class Dispatcher:
    """Sends every call of a process.

    Attributes:
        concurrency: most calls in flight, at all endpoints together and at each.
        attempts: how often a call that fails is sent; rate limited attempts do not count.
        pause: upper end of the random pause before the second attempt, in seconds, where the
            provider names none; it doubles with each attempt.
        limits: the concurrency limit of each endpoint.
    """

    concurrency: int = 16
    attempts: int = ATTEMPTS
    pause: float = FIRST_PAUSE_SECONDS
    limits: dict[str, ConcurrencyLimit] = field(default_factory=dict)
    _rates: dict[tuple[str, str, str, float], RateLimit] = field(default_factory=dict)
    _watches: dict[tuple[str, str, str | None], Watch] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """No call is in flight."""
        self._all = ConcurrencyLimit(self.concurrency)

    @property
    def peak(self) -> int:
        """The most calls that were ever in flight at once."""
        return self._all.peak

    async def send(
        self,
        request: Request,
        client: ChatClient,
        credentials: Credentials,
        hooks: Hooks = NO_HOOKS,
    ) -> Reply:
        """The reply to a call, after as many attempts as it takes.

        Returns:
            The last attempt's reply, as `hooks.on_reply` returns it; its `seconds` are from the
            start of the first attempt to the end of the last: the wait for a first slot, which
            depends on what else runs, is not in them.
        """
        started = float("inf")
        replies: list[Reply] = []
        watch = self._watch(request, credentials)
        while True:
            async with self._slot(request, credentials, watch) as since:
                if watch.last:
                    return await hooks.on_reply(watch.unsent(watch.last, len(replies)))
                started = min(started, time.perf_counter())
                hooks.on_sent()
                reply = watch.noted(await _attempt(request, client, credentials))
                self._adapt(request, reply, since)
                replies.append(reply)
                attempt = len(replies)
                if reply.retry_after is None or self._is_spent(replies):
                    seconds = time.perf_counter() - started
                    update = {"attempts": attempt, "seconds": seconds, "retry_after": None}
                    return await hooks.on_reply(reply.model_copy(update=update))
                hooks.on_wait()
            await watch.sleep(self._pause(reply.retry_after, attempt))

    def _is_spent(self, replies: Sequence[Reply]) -> bool:
        """Whether a call that had these replies is not sent again."""
        failures = sum(not reply.rate_limited for reply in replies)
        timeouts = sum(reply.outcome is Outcome.TIMEOUT for reply in replies)
        return (
            failures >= self.attempts
            or timeouts >= ATTEMPTS_WHEN_TIMED_OUT
            or len(replies) >= ATTEMPTS_WHEN_RATE_LIMITED
        )

    @asynccontextmanager
    async def _slot(
        self, request: Request, credentials: Credentials, watch: Watch
    ) -> AsyncGenerator[float]:
        """Wait for the call's reserved time and a slot; yields the time of getting the slot.

        Once the endpoint is given up, the reserved time is not waited for.
        """
        limit, at = self._limit(request), self._reserve(request, credentials)
        while True:
            await watch.sleep(at - time.monotonic())
            async with limit.slot() as since, self._all.slot():
                if time.monotonic() - at > LATE_SECONDS:  # the slot was long in coming
                    at = self._reserve(request, credentials)
                if at <= time.monotonic() or watch.last:
                    yield since
                    return

    def _adapt(self, request: Request, reply: Reply, since: float) -> None:
        """Change the endpoint's limit by how a call fared that went out at `since`."""
        limit = self._limit(request)
        if reply.rate_limited or reply.outcome is Outcome.TIMEOUT:
            limit.halve(since)
        else:
            limit.grow()
        limit.close_for(reply.retry_after or 0.0)

    def _watch(self, request: Request, credentials: Credentials) -> Watch:
        """What is noted of a model at its endpoint, with its key."""
        key = (_endpoint(request), request.model, credentials.key_env)
        return self._watches.setdefault(key, Watch())

    def _limit(self, request: Request) -> ConcurrencyLimit:
        endpoint = _endpoint(request)
        if endpoint not in self.limits:
            self.limits[endpoint] = ConcurrencyLimit(self.concurrency)
        return self.limits[endpoint]

    def _reserve(self, request: Request, credentials: Credentials) -> float:
        """When a call may go out by its model's calls and tokens a minute (monotonic seconds)."""
        at = float("-inf")
        for kind, most in (("calls", credentials.rpm), ("tokens", credentials.tpm)):
            if most:
                key = (_endpoint(request), request.model, kind, most)
                rate = self._rates.setdefault(key, RateLimit(most))
                at = max(at, rate.reserve(1 if kind == "calls" else expected_tokens(request)))
        return at

    def _pause(self, retry_after: float, attempt: int) -> float:
        """Seconds until the next attempt: those of Retry-After, else exponential, full jitter."""
        if retry_after:
            return min(retry_after, LONGEST_PAUSE_SECONDS)
        return CHANCE.uniform(0.0, min(self.pause * 2.0 ** (attempt - 1), LONGEST_PAUSE_SECONDS))


async def _attempt(request: Request, client: ChatClient, credentials: Credentials) -> Reply:
    """The reply to one attempt; it says if the prompt was cut, and of a timeout after how long."""
    started = time.perf_counter()
    reply = await client.complete(request, credentials)
    if reply.outcome is not Outcome.TIMEOUT:
        return without_retry(request, with_cut_prompt(request, reply))
    after = f"no reply after {time.perf_counter() - started:.3g} s"
    limit = f"the timeout is {credentials.timeout:g} s (a field of models and seats)"
    return reply.model_copy(update={"reason": f"{after}; {limit}"})


def _endpoint(request: Request) -> str:
    return request.api_base or request.model.partition("/")[0]


def expected_tokens(request: Request) -> int:
    """Estimate of a prompt's tokens, at four characters each; for pacing, not for budgets."""
    return sum(len(message.content) for message in request.messages) // CHARACTERS_PER_TOKEN
