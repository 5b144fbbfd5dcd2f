"""How an ablation varies a graph: what a design may list, and the points of its design space."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from primum.agents.specs.model import AgentSpec
from primum.agents.specs.rule import Rule


@dataclass(frozen=True, slots=True)
class Span:
    """What a design of an ablation may vary of a graph.

    Attributes:
        needs: lists that a design must give.
        takes: lists that it may give besides.
        fewest: the least number of models that draft together.
        most: the greatest number of models that draft together; None for no limit.
        usual: smallest and largest team of a design that gives no sizes; None is the whole pool.
        last_word: of these lists, which say what gives the final answer, one must be given.
        ordered: whether another order of the models is another ensemble.
    """

    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    fewest: int = 1
    most: int | None = None
    usual: tuple[int, int | None] = (1, None)
    last_word: tuple[str, ...] = ()
    ordered: bool = False


class DesignPoint(NamedTuple):
    """One point of a design space: the settings that make one ensemble.

    Attributes:
        team: the models that draft; of a relay, all its models in order.
        concluded_by: the rule, or the name of the aggregator, that gives the final answer; None
            where the last agent of a relay gives it.
        aggregation: how an aggregator makes the answer; empty if there is none.
        settings: the other fields that the design varies, by name.
    """

    team: tuple[str, ...]
    concluded_by: Rule | str | None
    aggregation: str
    settings: dict[str, Any]

    @property
    def models(self) -> tuple[str, ...]:
        """Every model that has a seat."""
        aggregators = (self.concluded_by,) if isinstance(self.concluded_by, str) else ()
        return (*self.team, *self.settings.get("critics", ()), *aggregators)

    @property
    def is_valid(self) -> bool:
        """Whether it makes an ensemble: enough drafts to count, to select from or to shuffle."""
        drafts = self.settings.get("samples") or len(self.team)
        rule = self.concluded_by if isinstance(self.concluded_by, Rule) else None
        read = drafts - 1 if rule else drafts  # a debater's own draft is shown separately
        several = self.aggregation == "select" or "shuffle" in self.settings
        return (read > 1 or not several) and drafts >= (rule.k or 1 if rule else 1)

    @property
    def conclusion(self) -> dict[str, Any]:
        """The fields of an ensemble that say what gives the final answer."""
        if isinstance(self.concluded_by, Rule):
            return {"rule": self.concluded_by}
        if self.concluded_by:
            aggregator = AgentSpec(model=self.concluded_by)
            return {"aggregator": aggregator, "aggregation": self.aggregation}
        return {}

    def settings_among(self, *fields: str) -> dict[str, Any]:
        """The settings of some fields, as far as the design varies them."""
        return {name: value for name, value in self.settings.items() if name in fields}


def agents(names: tuple[str, ...]) -> tuple[AgentSpec, ...]:
    """Agents of some models, without instructions or parameters of their own."""
    return tuple(AgentSpec(model=name) for name in names)
