"""The study: one experiment, its whole manifest, and the id that follows from it."""

from typing import Literal

from primum.agents.spec import EnsembleSpec, ModelSpec, Spec, digest
from primum.cases.model import SuiteInfo


class Study(Spec):
    """Suite x ensembles x trials. Two runs of the same manifest are the same study."""

    suite: SuiteInfo
    suite_digest: str
    protocol: Literal["menu"] = "menu"
    models: dict[str, ModelSpec]
    ensembles: tuple[EnsembleSpec, ...]
    trials: int
    seed: int
    against: str | None = None
    version: str

    @property
    def id(self) -> str:
        """The suite's name and the first eight digits of the manifest's digest."""
        return f"{self.suite.name}-{digest(self.model_dump(mode='json'))[:8]}"

    @property
    def simulated_names(self) -> frozenset[str]:
        """The ensembles that rest on simulated clinicians."""
        return frozenset(e.name for e in self.ensembles if self.rests_on_simulation(e))

    @property
    def simulated(self) -> bool:
        """Whether any figure of it rests on simulated clinicians."""
        return bool(self.simulated_names)

    def rests_on_simulation(self, ensemble: EnsembleSpec) -> bool:
        """Whether a simulated clinician sits in one of its seats."""
        return any(self.models[agent.model].simulated for _, _, agent in ensemble.seats)
