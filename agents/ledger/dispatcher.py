"""How calls go out: so many at once, so many a minute, and again where that may help."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import tenacity

from primum.agents.ledger.rate_limit import ConcurrencyLimit, RateLimit
from primum.agents.models.client import ChatClient, Credentials, Reply, Request
from primum.agents.models.outcomes import Outcome

ATTEMPTS = 4
ATTEMPTS_WHEN_RATE_LIMITED = 20
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
LATE_SECONDS = 0.25  # behind its turn, a call takes another
CHARACTERS_PER_TOKEN = 4


@dataclass
class Dispatcher:
    """The way out for every call of a process.

    Args:
        concurrency: calls in flight at most, at all endpoints together and at each.
        attempts: how often a call that failed is made; one that was turned away (429) has more.
        pause: seconds before the second attempt where the provider names none; it doubles.
    """

    concurrency: int = 16
    attempts: int = ATTEMPTS
    pause: float = FIRST_PAUSE_SECONDS
    limits: dict[str, ConcurrencyLimit] = field(default_factory=dict)
    _paces: dict[tuple[str, str, str, float], RateLimit] = field(default_factory=dict)

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
        out: Callable[[bool], None] = lambda _: None,
        keep: Callable[[Reply], Awaitable[Reply]] | None = None,
    ) -> Reply:
        """A call's reply, after as many attempts as it takes; seconds are from first to last.

        `out` is told True when it goes out, and False when it is to be made again. `keep` puts the
        reply on record while the call still holds its place: no other goes out before that.
        """
        started = time.perf_counter()
        failed = 0

        async def kept(reply: Reply) -> Reply:
            attempts = asking.statistics["attempt_number"]
            seconds = time.perf_counter() - started
            update = {"attempts": attempts, "seconds": seconds, "retry_after": None}
            whole = reply.model_copy(update=update)
            return await keep(whole) if keep else whole

        async def once() -> Reply:
            gate, turn = self._gate(request), self._turn(request, credentials)
            while True:
                await asyncio.sleep(turn - time.monotonic())
                async with gate.turn() as since, self._all.turn():
                    if time.monotonic() - turn > LATE_SECONDS:  # it stood at the gate meanwhile
                        turn = self._turn(request, credentials)
                    if turn <= time.monotonic():
                        return await through(gate, since)

        async def through(gate: ConcurrencyLimit, since: float) -> Reply:
            out(True)
            reply = await client.complete(request, credentials)
            if reply.rate_limited or reply.outcome is Outcome.TIMEOUT:
                gate.too_much(since)
            else:
                gate.went_well()
            gate.close_for(reply.retry_after or 0.0)
            if reply.retry_after is None:
                return await kept(reply)
            out(False)
            return reply

        def enough(state: tenacity.RetryCallState) -> bool:
            nonlocal failed
            failed += not _last(state).rate_limited
            return failed >= self.attempts or state.attempt_number >= ATTEMPTS_WHEN_RATE_LIMITED

        asking = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_result(lambda reply: reply.retry_after is not None),
            wait=lambda state: _pause(state, self.pause),
            stop=enough,
            retry_error_callback=_last,
        )
        reply: Reply = await asking(once)
        return reply if reply.retry_after is None else await kept(reply)

    def _gate(self, request: Request) -> ConcurrencyLimit:
        endpoint = _endpoint(request)
        if endpoint not in self.limits:
            self.limits[endpoint] = ConcurrencyLimit(self.concurrency)
        return self.limits[endpoint]

    def _turn(self, request: Request, credentials: Credentials) -> float:
        """When a call may go out, of so many calls and tokens a minute."""
        turn = float("-inf")
        for kind, most in (("calls", credentials.rpm), ("tokens", credentials.tpm)):
            if most:
                key = (_endpoint(request), request.model, kind, most)
                pace = self._paces.setdefault(key, RateLimit(most))
                turn = max(turn, pace.take(1 if kind == "calls" else expected_tokens(request)))
        return turn


def _endpoint(request: Request) -> str:
    return request.api_base or request.model.partition("/")[0]


def expected_tokens(request: Request) -> int:
    """Tokens that a call may take, before it is made: its prompt's, at four characters each."""
    return sum(len(message.content) for message in request.messages) // CHARACTERS_PER_TOKEN


def _last(state: tenacity.RetryCallState) -> Reply:
    assert state.outcome is not None, "asked after an attempt"
    reply: Reply = state.outcome.result()
    return reply


def _pause(state: tenacity.RetryCallState, unit: float) -> float:
    """The seconds that the provider asked for, or longer ones each time with chance in them."""
    asked = _last(state).retry_after
    if asked:
        return min(asked, LONGEST_PAUSE_SECONDS)
    return float(tenacity.wait_random_exponential(unit, LONGEST_PAUSE_SECONDS)(state))
