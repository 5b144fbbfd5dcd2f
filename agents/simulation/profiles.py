"""The simulated clinicians' error rates, from YAML."""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, RootModel, ValidationError, model_validator

from primum.agents.specs.model import FrozenRecord, ModelSpec, Price
from primum.core.documents import parse_yaml, read_text
from primum.core.errors import DataError

Percent = Annotated[float, Field(ge=0, le=100)]
Share = Annotated[float, Field(ge=0, le=1)]


class Recall(FrozenRecord):
    """Percent of options recommended, by the harm that their omission would do."""

    severe: Percent
    moderate: Percent
    mild: Percent


class FalsePositive(FrozenRecord):
    """Percent of options recommended, by the harm that they would do, or uncertain."""

    severe: Percent
    moderate: Percent
    mild: Percent
    uncertain: Percent


class Profile(FrozenRecord):
    """The error rates of one simulated clinician, and what its errors share with others'."""

    family: str
    recall: Recall
    false_positive: FalsePositive
    correlation: Share = 0.0
    difficulty: Share = 0.0
    consistency: Share = 1.0
    seed: int = 0

    @model_validator(mode="after")
    def _shares_fit(self) -> Self:
        if self.correlation + self.difficulty > 1:
            raise ValueError("correlation and difficulty together exceed 1")
        return self

    @property
    def shares(self) -> tuple[float, float, float, float]:
        """Of a belief's variance: all models', the family's, its own that stays, and that varies.

        They add up to 1 but for rounding, and none is below 0.
        """
        own = max(0.0, 1 - self.difficulty - self.correlation)
        stays = own * self.consistency
        return self.difficulty, self.correlation, stays, own - stays

    def rate(self, score: int) -> float:
        """The probability, from 0 to 1, that an option of this score is recommended."""
        rates = {
            9: self.recall.severe,
            8: self.recall.moderate,
            7: self.recall.mild,
            3: self.false_positive.mild,
            2: self.false_positive.moderate,
            1: self.false_positive.severe,
        }
        return rates.get(score, self.false_positive.uncertain) / 100


class Profiles(RootModel[dict[str, Profile]]):
    """Profiles by model id (sim/...)."""


@cache
def default_profiles() -> dict[str, Profile]:
    """The profiles that the package ships."""
    path = Path(str(files("primum.agents.simulation"))) / "profiles.yaml"
    return parse_yaml(Profiles, read_text(path), path).root


def with_profile(name: str, model: ModelSpec, revision: str) -> ModelSpec:
    """A simulated model with its profile as a parameter and a suite's key digest as its revision.

    A panel may give a profile of its own as the parameter `simulation`.

    Raises:
        DataError: no profile of that id, one that is not valid, or one of another family.
    """
    given = model.params.get("simulation")
    try:
        profile = Profile.model_validate(given) if given else default_profiles().get(model.id)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DataError(f"models.{name}.params.simulation.{where}: {first['msg']}") from None
    if profile is None:
        known = ", ".join(default_profiles())
        raise DataError(f"models.{name}.id: no simulated clinician {model.id}; there are {known}")
    if profile.family != model.family:
        raise DataError(f"models.{name}.family: {model.id} is of the family {profile.family}")
    return model.model_copy(
        update={
            "params": {**model.params, "simulation": profile.model_dump(mode="json")},
            "revision": revision,
            "price": Price(input_per_million=0, output_per_million=0),
        }
    )
