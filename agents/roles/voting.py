"""The rule: counts drafts without asking a model."""

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
        of: the weight of all drafts.
        drafts: the number of drafts that have it.
    """
    if rule.name == "union":
        return drafts > 0
    if rule.name == "intersection":
        return votes == of
    if rule.k:
        return drafts >= rule.k
    return votes > of / 2 or (votes == of / 2 and rule.tie == "include")


def count(rule: Rule, question: Question, material: Material) -> Turn | None:
    """The turn of a rule that counts the usable drafts; None if there are fewer than it needs.

    Weights are exact fractions, so that 0.1 + 0.2 ties with 0.3.
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
    """Whether drafts recommend the same."""
    return protocol.record.agree(drafts)


def decide(state: SimulatedState) -> Bools:
    """The options that the rule recommends; a table lookup by the number or set of drafts."""
    rule, drafts = state.rule, state.drafts
    assert rule, "drafts are counted by a rule"
    if rule.weights:
        bits = [draft.astype(np.int64) << seat for seat, draft in enumerate(drafts)]
        return np.asarray(_passes_by_set(rule)[np.sum(bits, axis=0)])
    of = Fraction(len(drafts))
    table = [passes(rule, Fraction(votes), of, votes) for votes in range(len(drafts) + 1)]
    return np.asarray(np.array(table)[np.sum(drafts, axis=0)])


def _passes_by_set(rule: Rule) -> Bools:
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
