"""The study: the manifest of one experiment, and its id."""

from pydantic import Field, field_validator

from primum.agents.judges.panel import JudgePanel
from primum.agents.protocols.menu import MENU_MATCHER
from primum.agents.protocols.protocol import Protocol
from primum.agents.specs.model import AgentSpec, FrozenRecord, ModelSpec, digest
from primum.agents.studies.extensions import ExtensionUse
from primum.agents.topologies.ensemble import EnsembleSpec, Kind
from primum.agents.topologies.registry import AnyEnsemble
from primum.cases.model import SuiteInfo
from primum.cases.part import Part
from primum.prompts.render import templates_digest

REFERENCES = {
    "best_member": "its best member",
    "mean_member": "the mean of its members",
    "best_solo": "the best single model",
    "same_cost": "one model at the same cost",
}


class Contrast(FrozenRecord):
    """A comparison that was registered before any call was made.

    `against` is best_member, mean_member, best_solo, same_cost or an ensemble's name; `metric` is
    the name of a metric, of any definition that is not superseded. In an ablation plan it may be
    empty, which means the rate of severe harm; in a study it is never empty.
    """

    ensemble: str
    against: str
    metric: str = ""


class Study(FrozenRecord):
    """Suite x ensembles x trials. Two runs of the same manifest are the same study.

    Attributes:
        suite: name, licence and source of the suite.
        suite_digest: the digest of its content, all of it.
        part: the part of the suite that is run; None if all of it is.
        protocol: how items are asked.
        matcher: what turns answers into verdicts, with its version.
        judge: the panel of judges, if that is the matcher.
        weights: the benchmark's weights of severe, moderate, mild and uncertain options.
        models: the models, by name.
        ensembles: the ensembles, solos and controls.
        trials: number of answers of each ensemble to each item.
        seed: of all random numbers.
        against: an ensemble with which all others are compared.
        contrasts: comparisons registered beforehand.
        imported: digest of the file that imported answers come from.
        simulated_import: whether the file says that simulated models wrote them.
        prompts: digest of Primum's prompt templates.
        extensions: the extensions that the study uses.
        version: the version of Primum that planned it.
    """

    suite: SuiteInfo
    suite_digest: str
    part: Part | None = None
    protocol: Protocol = Protocol()
    matcher: str = MENU_MATCHER
    judge: JudgePanel | None = None
    weights: tuple[float, float, float, float] = (72.0, 24.0, 3.0, 1.0)
    models: dict[str, ModelSpec]
    ensembles: tuple[AnyEnsemble, ...]
    trials: int
    seed: int
    against: str | None = None
    contrasts: tuple[Contrast, ...] = ()
    imported: str | None = None
    simulated_import: bool = False
    prompts: str = Field(default_factory=templates_digest)
    extensions: tuple[ExtensionUse, ...] = ()
    version: str

    @field_validator("contrasts")
    @classmethod
    def _name_metrics(cls, contrasts: tuple[Contrast, ...]) -> tuple[Contrast, ...]:
        if not all(contrast.metric for contrast in contrasts):
            raise ValueError("every contrast of a study names its metric")
        return contrasts

    @property
    def id(self) -> str:
        """The suite's name and the first eight digits of the manifest's digest."""
        return f"{self.suite.name}-{digest(self.model_dump(mode='json'))[:8]}"

    @property
    def agents(self) -> tuple[AgentSpec, ...]:
        """All agents: those of the ensembles and those of the judges."""
        seated = [agent for ensemble in self.ensembles for _, _, agent in ensemble.seats]
        judges = self.judge.judges if self.judge else ()
        return (*seated, *(agent for judge in judges for _, agent in judge.agents))

    @property
    def simulated_names(self) -> frozenset[str]:
        """The names of the ensembles with answers of simulated models."""
        return frozenset(e.name for e in self.ensembles if self.rests_on_simulation(e))

    @property
    def simulated(self) -> bool:
        """Whether any answer is by simulated models."""
        return bool(self.simulated_names)

    def rests_on_simulation(self, ensemble: EnsembleSpec) -> bool:
        """Whether an ensemble has a simulated model, or imports answers of simulated models."""
        if ensemble.kind is Kind.IMPORTED:
            return self.simulated_import
        return any(self.models[agent.model].simulated for _, _, agent in ensemble.seats)

    def judged_by_own_family(self, ensemble: EnsembleSpec) -> tuple[str, ...]:
        """The labels of the judges with a model of the family of one of an ensemble's models."""
        families = {self.models[agent.model].family for _, _, agent in ensemble.seats}
        return self.judge.judges_of_own_family(families) if self.judge else ()
