"""control: a recommendation that no model gave, as a fixed point beside the ensembles."""

from typing import ClassVar, Literal

from primum.agents.topologies.ensemble import EnsembleSpec, Kind


class Control(EnsembleSpec):
    """What is recommended follows from the case alone; graphs/baselines has each by its name."""

    description: ClassVar[str] = "no model: what is recommended follows from the case"
    kind: ClassVar[Kind] = Kind.CONTROL

    graph: Literal["control"] = "control"

    @property
    def opening(self) -> str:
        """What it is."""
        return "a control that asks no model"
