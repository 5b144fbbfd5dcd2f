"""The rule of a vote: how drafts are counted where no agent has the last word."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from primum.agents.specs.model import FrozenRecord
from primum.core.field_errors import field_error

Weight = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Rule(FrozenRecord):
    """How drafts are counted, option by option, where no agent has the last word.

    union: any draft has it; intersection: all have it; majority: more than half do; k-of-n: at
    least `k` do; weighted: those that have it weigh more than half. Only drafts that can be used
    count. `tie` says what becomes of exactly half.
    """

    name: Literal["union", "majority", "k-of-n", "intersection", "weighted"]
    k: Annotated[int, Field(ge=1)] | None = None
    weights: Annotated[tuple[Weight, ...], Field(strict=False)] = ()
    tie: Literal["include", "exclude"] = "exclude"

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        if (self.name == "k-of-n") != (self.k is not None):
            raise field_error("k", "k goes with the rule k-of-n, which needs it")
        if (self.name == "weighted") != bool(self.weights):
            raise field_error("weights", "weights go with the rule weighted, which needs them")
        if self.tie == "include" and self.name not in {"majority", "weighted"}:
            raise field_error("tie", f"{self.name} knows no tie; leave tie out")
        return self

    @property
    def label(self) -> str:
        """Its name in the name of an ensemble."""
        name = f"{self.k}-of-n" if self.k else self.name
        name += "".join(f"-{str(weight).removesuffix('.0')}" for weight in self.weights)
        return name if self.tie == "exclude" else f"{name}-ties-in"
