"""imported: answers that come from a file."""

from typing import ClassVar, Literal

from primum.agents.topologies.ensemble import EnsembleSpec, Kind


class Imported(EnsembleSpec):
    """Answers that others gave; the study's manifest has the digest of their file."""

    description: ClassVar[str] = "no model: answers from a file"
    kind: ClassVar[Kind] = Kind.IMPORTED

    graph: Literal["imported"] = "imported"

    @property
    def opening(self) -> str:
        """What it is."""
        return "a file of answers"
