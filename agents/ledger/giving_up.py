"""When an endpoint is given up for a model, so that a run sends nothing more to it.

A used-up quota or credit, and a limit that is reset in more than an hour, do not pass while a run
lasts: the first such answer is the last. A refused key may be a gateway's passing trouble, or a
filter's word for one prompt: it takes three in a row, and no answer of another kind before. The
calls that are left then have the outcome PROVIDER_ERROR without being sent; the other models go on.
All replies that are blocked so are asked again when the study is run again.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from primum.agents.models.client import Reply
from primum.agents.models.endpoints.blocked import Blocked
from primum.agents.models.outcomes import Outcome

IN_A_ROW = {Blocked.QUOTA: 1, Blocked.LIMIT: 1, Blocked.ACCESS: 3}
UNLESS_ANSWERED = {Blocked.ACCESS}


class Standing(NamedTuple):
    """How a model fared at its endpoint so far.

    Attributes:
        blocked: what the last replies in a row said.
        in_a_row: the number of those.
        answered: whether any reply was not blocked, and came from the endpoint.
    """

    blocked: Blocked | None = None
    in_a_row: int = 0
    answered: bool = False

    @property
    def is_given_up(self) -> bool:
        """Whether nothing more is sent."""
        if self.blocked is None or (self.answered and self.blocked in UNLESS_ANSWERED):
            return False
        return self.in_a_row >= IN_A_ROW[self.blocked]


def standing_after(standing: Standing, reply: Reply) -> Standing:
    """The standing after one more reply."""
    if reply.blocked is None:
        answered = standing.answered or not reply.outcome.is_transient
        return Standing(None, 0, answered)
    again = standing.in_a_row if reply.blocked is standing.blocked else 0
    return Standing(reply.blocked, again + 1, standing.answered)


@dataclass
class Watch:
    """Notes the replies of a model at its endpoint, until it is given up.

    Attributes:
        last: the reply for which it was given up; None as long as it is not.
    """

    last: Reply | None = None
    _standing: Standing = field(default_factory=Standing)
    _given_up: asyncio.Event = field(default_factory=asyncio.Event)

    def noted(self, reply: Reply) -> Reply:
        """A reply, marked if the endpoint is given up for it."""
        if self.last:
            return reply
        self._standing = standing_after(self._standing, reply)
        if not self._standing.is_given_up:
            return reply
        self.last = reply.model_copy(
            update={"given_up": True, "reason": f"given up, as {reply.blocked}: {reply.reason}"}
        )
        self._given_up.set()
        return self.last

    def unsent(self, last: Reply, attempts: int) -> Reply:
        """The reply to a call that is not sent, or not again, since the endpoint is given up."""
        return Reply(
            outcome=Outcome.PROVIDER_ERROR,
            reason=last.reason,
            status=last.status,
            cost=None if attempts else 0.0,
            attempts=attempts,
            blocked=last.blocked,
            given_up=True,
        )

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds, or until the endpoint is given up."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._given_up.wait()
