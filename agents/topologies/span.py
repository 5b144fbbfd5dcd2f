"""How an ablation spans a graph: what a design may vary, and the choices that it makes."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from primum.agents.specs.model import AgentSpec
from primum.agents.specs.rule import Rule


@dataclass(frozen=True, slots=True)
class Span:
    """Which lists of a design a graph needs and takes, and how many models draft together.

    Attributes:
        needs: lists that a design must give.
        takes: lists that it may give besides.
        fewest: models that draft together at least.
        most: and at most; None for no limit.
        usual: the sizes from which and to which a design goes that names none; None is the whole
            pool.
        last_word: one of the lists must be given: who has the last word.
        ordered: whether the order of the models makes another ensemble.
    """

    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    fewest: int = 1
    most: int | None = None
    usual: tuple[int, int | None] = (1, None)
    last_word: tuple[str, ...] = ()
    ordered: bool = False


class Choice(NamedTuple):
    """Who drafts (of a chain: all its agents); who has the last word, and how; what else varies.

    The last word is a rule's, an aggregator's or, of a chain (None), the last agent's.
    """

    team: tuple[str, ...]
    last: Rule | str | None
    how: str
    fields: dict[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        """Every model that has a seat."""
        ending = (self.last,) if isinstance(self.last, str) else ()
        return (*self.team, *self.fields.get("critics", ()), *ending)

    @property
    def fits(self) -> bool:
        """Whether it makes an ensemble: enough drafts to count, to select from or to shuffle."""
        drafts = self.fields.get("samples") or len(self.team)
        rule = self.last if isinstance(self.last, Rule) else None
        read = drafts - 1 if rule else drafts  # a debater has its own draft apart
        several = self.how == "select" or "shuffle" in self.fields
        return (read > 1 or not several) and drafts >= (rule.k or 1 if rule else 1)

    @property
    def concluding(self) -> dict[str, Any]:
        """The fields of an ensemble that say who has the last word."""
        if isinstance(self.last, Rule):
            return {"rule": self.last}
        if self.last:
            return {"aggregator": AgentSpec(model=self.last), "aggregation": self.how}
        return {}

    def some(self, *fields: str) -> dict[str, Any]:
        """The fields that vary, as far as they are among these."""
        return {name: value for name, value in self.fields.items() if name in fields}


def agents(names: tuple[str, ...]) -> tuple[AgentSpec, ...]:
    """Models in seats, with nothing of the seats' own."""
    return tuple(AgentSpec(model=name) for name in names)
