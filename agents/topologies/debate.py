"""debate: generators that read one another and revise, until they agree or the rounds are over.

(Du et al., arXiv 2305.14325.) A rule or an aggregator then has the last word.
"""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from primum.agents.roles.debater import DEBATER
from primum.agents.specs.model import AgentSpec
from primum.agents.specs.rule import Rule
from primum.agents.topologies.ensemble import ReadsSeveral
from primum.agents.topologies.span import DesignPoint, Span, agents
from primum.agents.topologies.wiring import (
    Aggregation,
    Step,
    Wiring,
    aggregator_of,
    drafts_of,
    names,
    reading,
    require_countable,
    require_several,
    rule_of,
)
from primum.core.field_errors import field_error


class Debate(ReadsSeveral):
    """Debaters read one another for `rounds` at most; a rule or an aggregator concludes."""

    description: ClassVar[str] = "generators that read one another and revise; a rule or aggregator"
    span: ClassVar[Span] = Span(
        needs=("rounds",),
        takes=("rules", "aggregators", "aggregation", "authors", "shuffle", "orders"),
        fewest=2,
        usual=(2, None),
        last_word=("rules", "aggregators"),
    )
    coalitions: ClassVar[bool] = True

    graph: Literal["debate"] = "debate"
    generators: Annotated[tuple[AgentSpec, ...], Field(min_length=2)]
    rounds: Annotated[int, Field(ge=1, le=9)]
    aggregator: AgentSpec | None = None
    aggregation: Aggregation = "synthesise"
    rule: Rule | None = None

    @model_validator(mode="after")
    def _one_last_word(self) -> Self:
        if (self.rule is None) == (self.aggregator is None):
            raise field_error("rule", "a debate has an aggregator or a rule for the last word")
        if self.rule:
            require_countable(self.rule, len(self.generators))
        require_several(self.aggregation, len(self.generators) if self.aggregator else 0)
        return self

    def wire(self) -> Wiring:
        """START -> generators -> agreed? -> the same seats again -> agreed? -> last word -> END."""
        drafts = drafts_of(self.generators)
        steps, rounds = list(drafts), []
        for number in range(2, self.rounds + 2):
            again = [reading(_revision(draft, number), steps) for draft in drafts]
            rounds.append(names(again))
            steps += again
        if self.aggregator:
            last = aggregator_of(self.aggregator, self.aggregation, steps)
        else:
            assert self.rule, "either concludes"
            last = rule_of(self.rule, steps)
        return Wiring((*steps, last), tuple(rounds))

    @classmethod
    def fields_of(cls, point: DesignPoint) -> dict[str, Any]:
        """Debaters, rounds and who concludes."""
        return {
            "generators": agents(point.team),
            **point.settings_among("rounds", "authors", "shuffle"),
            **point.conclusion,
        }


def _revision(draft: Step, number: int) -> Step:
    name = f"{draft.seat}-round-{number}"
    return Step(name, draft.seat, DEBATER, draft.agent, field=draft.field, round=number)
