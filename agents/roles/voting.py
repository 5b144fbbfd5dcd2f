"""The rule: drafts counted with no agent asked; what has the votes is recommended."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.protocol import Protocol
from primum.agents.protocols.record import Said
from primum.agents.roles.record import Material, Question, Reads, Role, Stage
from primum.agents.roles.simulated import SimulatedState
from primum.agents.specs.rule import Rule
from primum.agents.turns.transcript import Turn
from primum.core.arrays import Bools

ONE = Fraction(1)


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


def count(rule: Rule, question: Question, material: Material) -> Turn | None:
    """What a rule makes of usable drafts; None of fewer than it needs.

    Weights are those of the drafts' seats, exact: in decimals 0.1 + 0.2 ties with 0.3.
    """
    drafts = material.drafts
    if len(drafts) < (rule.k or 1):
        return None

    def weight(having: Sequence[Said]) -> Fraction:
        return sum((material.weights.get(draft.seat, ONE) for draft in having), Fraction(0))

    total = weight(drafts)

    def enough(having: Sequence[Said]) -> bool:
        return passes(rule, weight(having), total, len(having))

    grades, text = question.protocol.record.count(drafts, enough, question.case)
    return Turn(RULE.name, RULE.name, "", Outcome.OK, "", grades, (), passed_on=text)


def agree(drafts: Sequence[Turn], protocol: Protocol) -> bool:
    """Whether drafts recommend the very same."""
    return protocol.record.agree(drafts)


def decide(state: SimulatedState) -> Bools:
    """What the rule makes of drafts, looked up by how many have an option, or by which do."""
    rule, drafts = state.rule, state.drafts
    assert rule, "drafts are counted by a rule"
    if rule.weights:
        bits = [draft.astype(np.int64) << seat for seat, draft in enumerate(drafts)]
        return np.asarray(_by_which(rule)[np.sum(bits, axis=0)])
    of = Fraction(len(drafts))
    table = [passes(rule, Fraction(votes), of, votes) for votes in range(len(drafts) + 1)]
    return np.asarray(np.array(table)[np.sum(drafts, axis=0)])


def _by_which(rule: Rule) -> Bools:
    """Whether an option passes, by the set of the drafts that have it (bit i is draft i)."""
    weights = [Fraction(str(weight)) for weight in rule.weights]
    total = sum(weights, Fraction(0))
    found = []
    for which in range(2 ** len(weights)):
        having = [weight for seat, weight in enumerate(weights) if which >> seat & 1]
        found.append(passes(rule, sum(having, Fraction(0)), total, len(having)))
    return np.array(found)


RULE = Role(
    name="rule",
    mark="\N{GREEK CAPITAL LETTER SIGMA}",
    stage=Stage.CONCLUSION,
    reads=Reads.ALL,
    returns="draft",
    title="counts drafts",
    count=count,
    decide=decide,
)
