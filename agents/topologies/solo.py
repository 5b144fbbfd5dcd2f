"""solo: one generator, whose draft is the answer."""

from typing import ClassVar, Literal

from primum.agents.topologies.ensemble import EnsembleSpec, Kind, OneSeat
from primum.agents.topologies.wiring import Wiring, drafts_of


class Solo(EnsembleSpec):
    """One model alone."""

    description: ClassVar[str] = "one generator, whose draft is the answer"
    kind: ClassVar[Kind] = Kind.SOLO

    graph: Literal["solo"] = "solo"
    generators: OneSeat

    def wire(self) -> Wiring:
        """START -> generator-1 -> END."""
        return Wiring(drafts_of(self.generators))

    @property
    def interchangeable(self) -> bool:
        """Whether another model may take a seat: then it would be another solo."""
        return False

    @property
    def opening(self) -> str:
        """What it is and who drafts."""
        return f"one model alone ({self.generators[0].label})"
