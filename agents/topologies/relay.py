"""relay: one generator, then guardians, each of which rewrites what the one before it sent."""

from typing import Any, ClassVar, Literal

from primum.agents.roles.guardian import GUARDIAN
from primum.agents.topologies.ensemble import OneSeat, ReadsDrafts, Seats
from primum.agents.topologies.span import DesignPoint, Span, agents
from primum.agents.topologies.wiring import Step, Wiring, drafts_of, reading


class Relay(ReadsDrafts):
    """A chain: what a guardian cannot use is passed on as it was before."""

    description: ClassVar[str] = "a generator, then guardians that rewrite one after the other"
    span: ClassVar[Span] = Span(
        takes=("guardians", "authors"), fewest=2, usual=(2, 2), ordered=True
    )

    graph: Literal["relay"] = "relay"
    generators: OneSeat
    guardians: Seats

    def wire(self) -> Wiring:
        """START -> generator-1 -> guardian-1 -> guardian-2 -> ... -> END."""
        steps = list(drafts_of(self.generators))
        for number, agent in enumerate(self.guardians, 1):
            seat = f"guardian-{number}"
            step = Step(seat, seat, GUARDIAN, agent, field=f"guardians.{number - 1}")
            steps.append(reading(step, steps))
        return Wiring(tuple(steps))

    @property
    def opening(self) -> str:
        """What it is and who drafts."""
        return f"a relay that {self.generators[0].label} begins"

    @classmethod
    def fields_of(cls, point: DesignPoint) -> dict[str, Any]:
        """The first of the chain drafts, the others rewrite."""
        chain = agents(point.team)
        return {"generators": chain[:1], "guardians": chain[1:], **point.settings_among("authors")}
