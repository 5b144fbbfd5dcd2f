"""What has the last word where several drafts come together: an aggregator, a selector, a rule."""

from collections.abc import Sequence
from typing import Literal

from primum.agents.roles.aggregator import AGGREGATOR
from primum.agents.roles.selector import SELECTOR
from primum.agents.roles.voting import RULE
from primum.agents.specs.model import AgentSpec, field_error
from primum.agents.specs.rule import Rule
from primum.agents.topologies.wiring import Step, names

Aggregation = Literal["synthesise", "select"]
HOW = {"synthesise": AGGREGATOR, "select": SELECTOR}


def aggregator_of(
    agent: AgentSpec, how: Aggregation, drafts: Sequence[Step], critiques: Sequence[Step] = ()
) -> Step:
    """The aggregator's step, after drafts and the critiques of them."""
    return Step(
        *("aggregator", "aggregator", HOW[how], agent),
        field="aggregator",
        reads=names(drafts),
        critiques=names(critiques),
    )


def rule_of(rule: Rule, drafts: Sequence[Step]) -> Step:
    """The rule's step, after the drafts that it counts."""
    return Step("rule", "rule", RULE, rule=rule, reads=names(drafts))


def require_several(how: Aggregation, drafts: int) -> None:
    """Refuse a selection from fewer than two drafts.

    Raises:
        PydanticCustomError: naming the field to change.
    """
    if how == "select" and drafts < 2:  # noqa: PLR2004
        raise field_error("aggregation", "to select takes an aggregator, and two drafts or more")


def require_countable(rule: Rule, drafts: int) -> None:
    """Refuse a rule that does not fit the number of drafts.

    Raises:
        PydanticCustomError: naming the field to change.
    """
    if (rule.k or 0) > drafts:
        raise field_error("rule.k", f"k is {rule.k}, and there are {drafts} drafts")
    if rule.weights and len(rule.weights) != drafts:
        raise field_error("rule.weights", "as many weights as generators, in their order")
