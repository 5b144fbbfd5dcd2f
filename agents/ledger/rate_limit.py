"""How many calls an endpoint is asked at a time, and how many a minute."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

MINUTE = 60.0


class ConcurrencyLimit:
    """Lets calls through to one endpoint: up to a limit at once, none while it is closed.

    The limit begins at the cap. It halves when the endpoint says "too much" (once for all the calls
    that were under way), and grows by one for every limit's worth of calls that went well (additive
    increase, multiplicative decrease).
    """

    def __init__(self, cap: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.cap = cap
        self.limit = float(cap)
        self.in_flight = 0
        self.peak = 0
        self._clock = clock
        self._closed_until = 0.0
        self._cut_at = float("-inf")
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._alarm: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[float]:
        """Wait for a place and hold it; gives the time at which it was taken."""
        if self._waiting or not self._open():
            place = asyncio.get_running_loop().create_future()
            self._waiting.append(place)
            self._wake()
            try:
                await place
            except asyncio.CancelledError:
                if place.done() and not place.cancelled():
                    self._leave()
                raise
        else:
            self._enter()
        try:
            yield self._clock()
        finally:
            self._leave()

    def went_well(self) -> None:
        """A call was answered."""
        self.limit = min(self.cap, self.limit + 1 / self.limit)
        self._wake()

    def too_much(self, since: float) -> None:
        """A call that went out at `since` was turned away or not answered in time."""
        if since > self._cut_at:
            self._cut_at = self._clock()
            self.limit = max(1.0, self.limit / 2)

    def close_for(self, seconds: float) -> None:
        """Let nobody through for so long."""
        self._closed_until = max(self._closed_until, self._clock() + seconds)

    def _open(self) -> bool:
        return self.in_flight < int(self.limit) and self._clock() >= self._closed_until

    def _enter(self) -> None:
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)

    def _leave(self) -> None:
        self.in_flight -= 1
        self._wake()

    def _wake(self) -> None:
        while self._waiting and self._open():
            place = self._waiting.popleft()
            if not place.cancelled():
                self._enter()
                place.set_result(None)
        closed_for = self._closed_until - self._clock()
        if self._waiting and closed_for > 0 and self._alarm is None:
            loop = asyncio.get_running_loop()
            self._alarm = loop.call_later(closed_for + 0.001, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self._wake()


class RateLimit:
    """Spreads calls, or tokens, so that a minute holds no more than were agreed."""

    def __init__(self, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds_each = MINUTE / per_minute
        self._clock = clock
        self._free_at = 0.0

    def take(self, amount: float = 1.0) -> float:
        """The time of one's turn, so much of what comes after it being taken."""
        start = max(self._clock(), self._free_at)
        self._free_at = start + amount * self._seconds_each
        return start
