"""The simulated clinicians' error rates, from YAML."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, RootModel, model_validator

from primum.agents.spec import Spec
from primum.cases.reading import parse_yaml, read_text

Percent = Annotated[float, Field(ge=0, le=100)]
Share = Annotated[float, Field(ge=0, le=1)]


class Recall(Spec):
    """Percent of options recommended, by the harm that their omission would do."""

    severe: Percent
    moderate: Percent
    mild: Percent


class FalsePositive(Spec):
    """Percent of options recommended, by the harm that they would do, or uncertain."""

    severe: Percent
    moderate: Percent
    mild: Percent
    uncertain: Percent


class Profile(Spec):
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


def default_profiles() -> dict[str, Profile]:
    """The profiles that the package ships."""
    path = Path(str(files("primum.agents"))) / "simulated.yaml"
    return parse_yaml(Profiles, read_text(path), path).root
