"""How calls go out: so many at once, so many a minute, and again where that may help."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import tenacity

from primum.agents.client import ChatClient, Credentials, Outcome, Reply, Request
from primum.agents.gate import Gate, Pace

ATTEMPTS = 4
ATTEMPTS_WHEN_TURNED_AWAY = 20
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
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
    gates: dict[str, Gate] = field(default_factory=dict)
    _paces: dict[tuple[str, str], Pace] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """No call is in flight."""
        self._all = Gate(self.concurrency)

    @property
    def peak(self) -> int:
        """The most calls that were ever in flight at once."""
        return self._all.peak

    async def send(
        self,
        request: Request,
        client: ChatClient,
        credentials: Credentials,
        going: Callable[[], None] = lambda: None,
        keep: Callable[[Reply], Awaitable[Reply]] | None = None,
    ) -> Reply:
        """A call's reply, after as many attempts as it takes; seconds are from first to last.

        `going` is called when it goes out, each time. `keep` puts the reply on record while the
        call still holds its place: no other goes out before that.
        """
        started = time.perf_counter()
        failed = 0

        async def kept(reply: Reply) -> Reply:
            attempts = asking.statistics["attempt_number"]
            seconds = time.perf_counter() - started
            update = {"attempts": attempts, "seconds": seconds, "again": None}
            whole = reply.model_copy(update=update)
            return await keep(whole) if keep else whole

        async def once() -> Reply:
            gate = self._gate(request)
            await self._keep_pace(request, credentials)
            async with gate.turn() as since, self._all.turn():
                going()
                reply = await client.complete(request, credentials)
                if reply.turned_away or reply.outcome is Outcome.TIMEOUT:
                    gate.too_much(since, reply.again or 0.0)
                else:
                    gate.went_well()
                return await kept(reply) if reply.again is None else reply

        def enough(state: tenacity.RetryCallState) -> bool:
            nonlocal failed
            failed += not _last(state).turned_away
            return failed >= self.attempts or state.attempt_number >= ATTEMPTS_WHEN_TURNED_AWAY

        asking = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_result(lambda reply: reply.again is not None),
            wait=lambda state: _pause(state, self.pause),
            stop=enough,
            retry_error_callback=_last,
        )
        reply: Reply = await asking(once)
        return reply if reply.again is None else await kept(reply)

    def _gate(self, request: Request) -> Gate:
        endpoint = request.api_base or request.model.partition("/")[0]
        if endpoint not in self.gates:
            self.gates[endpoint] = Gate(self.concurrency)
        return self.gates[endpoint]

    async def _keep_pace(self, request: Request, credentials: Credentials) -> None:
        for kind, most in (("calls", credentials.rpm), ("tokens", credentials.tpm)):
            if most:
                pace = self._paces.setdefault((request.model, kind), Pace(most))
                await pace.wait(1 if kind == "calls" else expected_tokens(request))


def expected_tokens(request: Request) -> int:
    """Tokens that a call may take, before it is made: its prompt's, at four characters each."""
    return sum(len(message.content) for message in request.messages) // CHARACTERS_PER_TOKEN


def _last(state: tenacity.RetryCallState) -> Reply:
    assert state.outcome is not None, "asked after an attempt"
    reply: Reply = state.outcome.result()
    return reply


def _pause(state: tenacity.RetryCallState, unit: float) -> float:
    """The seconds that the provider asked for, or longer ones each time with chance in them."""
    asked = _last(state).again
    if asked:
        return min(asked, LONGEST_PAUSE_SECONDS)
    return float(tenacity.wait_random_exponential(unit, LONGEST_PAUSE_SECONDS)(state))
