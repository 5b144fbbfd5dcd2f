"""Limits of an endpoint: calls in flight at once, and calls or tokens a minute."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

MINUTE = 60.0


class ConcurrencyLimit:
    """A limit on the calls in flight at one endpoint, which adapts, and none while it is closed.

    The limit starts at the cap. It halves when the endpoint is overloaded (once for all calls that
    were in flight) and grows by one for every limit's worth of calls that succeed (additive
    increase, multiplicative decrease).
    """

    def __init__(self, cap: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.cap = cap
        self.limit = float(cap)
        self.in_flight = 0
        self.peak = 0
        self._clock = clock
        self._closed_until = 0.0
        self._halved_at = float("-inf")
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def slot(self) -> AsyncGenerator[float]:
        """Wait for a slot and hold it; yields the time at which it was acquired."""
        await self.acquire()
        try:
            yield self._clock()
        finally:
            self.release()

    async def acquire(self) -> None:
        """Wait for a slot and take it; who asked first gets the first one."""
        if not self._waiters and self._has_room():
            self._take()
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        self._wake()
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():  # given in the same moment
                self.release()
            raise

    def release(self) -> None:
        """Give a slot back."""
        self.in_flight -= 1
        self._wake()

    def grow(self) -> None:
        """Raise the limit a little: a call was answered."""
        self.limit = min(self.cap, self.limit + 1 / self.limit)
        self._wake()

    def halve(self, since: float) -> None:
        """Halve the limit: a call that went out at `since` was rejected or timed out.

        Nothing happens if the limit was halved after that.
        """
        if since > self._halved_at:
            self._halved_at = self._clock()
            self.limit = max(1.0, self.limit / 2)

    def close_for(self, seconds: float) -> None:
        """Give no slot for so many seconds."""
        self._closed_until = max(self._closed_until, self._clock() + seconds)

    def _has_room(self) -> bool:
        return self.in_flight < int(self.limit) and self._clock() >= self._closed_until

    def _take(self) -> None:
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)

    def _wake(self) -> None:
        """Give free slots to those who wait; while closed, do so when it opens."""
        while self._waiters and self._has_room():
            waiter = self._waiters.popleft()
            if not waiter.cancelled():
                self._take()
                waiter.set_result(None)
        closed_for = self._closed_until - self._clock()
        if self._waiters and closed_for > 0 and self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(closed_for + 0.001, self._reopen)

    def _reopen(self) -> None:
        self._timer = None
        self._wake()


class RateLimit:
    """Spreads calls, or tokens, evenly over the minute."""

    def __init__(self, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds_each = MINUTE / per_minute
        self._clock = clock
        self._free_at = 0.0

    def reserve(self, amount: float = 1.0) -> float:
        """Reserve the next free time for so many calls or tokens; returns its start."""
        start = max(self._clock(), self._free_at)
        self._free_at = start + amount * self._seconds_each
        return start
