"""Panels: models and the ensembles that they form; each member alone, and at the same cost."""

from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import Field, model_validator

from primum.agents.specs.model import AgentSpec, FrozenRecord, ModelSpec, Name
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.registry import AnyEnsemble
from primum.agents.topologies.solo import Solo
from primum.core.field_errors import field_error


class Panel(FrozenRecord):
    """A ready-made set of models and the ensembles they form.

    `prompts` is a folder of prompts of its own, as seen from the panel's file; `prompt_texts` are
    those prompts by name, read when the panel is loaded.
    """

    name: Name
    note: str = ""
    cost: str = ""
    prompts: str | None = None
    prompt_texts: dict[str, str] = Field(default_factory=dict, exclude=True)
    models: Annotated[dict[Name, ModelSpec], Field(min_length=1)]
    ensembles: Annotated[tuple[AnyEnsemble, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        seen = set(self.models)
        for index, ensemble in enumerate(self.ensembles):
            at = f"ensembles.{index}"
            if not ensemble.kind.asks_models:
                message = f"{ensemble.name}: {ensemble.graph} is not for panels"
                raise field_error(f"{at}.name", message)
            if ensemble.name in seen:
                message = f"{ensemble.name} is used twice; names are unique"
                raise field_error(f"{at}.name", message)
            seen.add(ensemble.name)
            for step in ensemble.wiring.steps:
                if step.agent and step.agent.model not in self.models:
                    known = ", ".join(self.models)
                    message = (
                        f"{ensemble.name}: {step.seat} is {step.agent.model}, not one of {known}"
                    )
                    raise field_error(f"{at}.{step.field}", message)
        return self

    def solos(self) -> tuple[Solo, ...]:
        """Each member of each ensemble alone, once, asked as in the ensemble."""
        return solos_of(self.ensembles)


def solos_of(ensembles: Iterable[EnsembleSpec]) -> tuple[Solo, ...]:
    """Each member of each ensemble alone, once, asked as in the ensemble."""
    agents: dict[str, AgentSpec] = {}
    for ensemble in ensembles:
        seated = {agent.label: agent for agent in ensemble.drafting}
        for member in ensemble.members:
            agents.setdefault(member, seated.get(member) or AgentSpec(model=member))
    return tuple(Solo(name=name, generators=(agent,)) for name, agent in agents.items())


def same_cost(spec: EnsembleSpec, specs: Iterable[EnsembleSpec]) -> tuple[EnsembleSpec, ...]:
    """Those of single members that sample themselves whose calls come nearest to an ensemble's.

    None of an ensemble that is such itself.
    """
    if spec.repeats_one_model:
        return ()
    members = {*spec.members}
    single = [other for other in specs if other.repeats_one_model and members & {*other.members}]
    nearest = min((abs(other.calls - spec.calls) for other in single), default=None)
    return tuple(other for other in single if abs(other.calls - spec.calls) == nearest)
