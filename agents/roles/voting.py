"""Drafts counted by a rule, with no agent asked: what has the votes is recommended."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.protocol import Protocol
from primum.agents.protocols.record import Said
from primum.agents.roles.transcript import Turn
from primum.agents.specs.ensemble import Rule
from primum.cases.model import PublicCase


def passes(rule: Rule, votes: Fraction, of: Fraction, drafts: int) -> bool:
    """Whether an option is recommended.

    Args:
        rule: how votes are counted.
        votes: the weight of the drafts that have it.
        of: the weight of all drafts that count.
        drafts: how many have it.
    """
    if rule.name == "union":
        return drafts > 0
    if rule.name == "intersection":
        return votes == of
    if rule.k:
        return drafts >= rule.k
    return votes > of / 2 or (votes == of / 2 and rule.tie == "include")


def count(
    rule: Rule,
    drafts: Sequence[Turn],
    weights: Mapping[str, Fraction],
    protocol: Protocol,
    case: PublicCase,
) -> Turn:
    """What a rule makes of usable drafts, as many as it needs to say anything.

    Args:
        rule: how votes are counted.
        drafts: in the order of their seats.
        weights: of seats, exact (in decimals 0.1 + 0.2 ties with 0.3); 1 where none is given.
        protocol: says what in them is counted.
        case: whose options are graded.
    """

    def weight(having: Sequence[Said]) -> Fraction:
        return sum((weights.get(draft.seat, Fraction(1)) for draft in having), Fraction(0))

    total = weight(drafts)

    def enough(having: Sequence[Said]) -> bool:
        return passes(rule, weight(having), total, len(having))

    grades, text = protocol.record.count(drafts, enough, case)
    return Turn("rule", "rule", "", Outcome.OK, "", grades, (), passed_on=text)


def agree(drafts: Sequence[Turn], protocol: Protocol) -> bool:
    """Whether drafts recommend the very same."""
    return protocol.record.agree(drafts)
