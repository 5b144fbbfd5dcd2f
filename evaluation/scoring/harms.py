"""Omissions of appropriate options and commissions of inappropriate ones, with severities."""

from dataclasses import dataclass

import numpy as np

from primum.core.arrays import Bools, Ints
from primum.evaluation.scoring.answer_key import APPROPRIATE, INAPPROPRIATE, SEVERITY, Key
from primum.evaluation.scoring.verdict_batch import FULL, PARTIAL, Batch

PARTIAL_HARMS_FROM = 8  # a partial match of an option with this score or above is an omission


@dataclass(frozen=True)
class Harms:
    """Severity of each harm: 0 none, 1 mild, 2 moderate, 3 severe.

    Attributes:
        omission: shape (answers, options).
        commission: shape (answers, options).
        off_rubric: commissions by actions that match no option, shape (actions,).
    """

    omission: Ints
    commission: Ints
    off_rubric: Ints

    def worst(self, batch: Batch) -> Ints:
        """The worst harm of each answer, shape (answers,)."""
        found: Ints = np.maximum(self.omission.max(axis=1), self.commission.max(axis=1))
        np.maximum.at(found, batch.owner, self.off_rubric)
        return found


def inapplicable(key: Key, matched: Bools) -> Bools:
    """Whether an option depends on others of which none is matched, shape (answers, options)."""
    return np.asarray(key.parents.any(axis=1) & ~(matched @ key.parents.T))


def find_harms(batch: Batch) -> Harms:
    """The harms of each answer.

    Omission: an option with score >= 7 that is applicable and not matched, and of whose alternative
    group no member is matched; also an option with score >= 8 outside any group that is matched
    only in part (a partial match of a grouped option covers its group). Commission: an option with
    score <= 3 that is matched, or an action that matches no option and whose own score is 1 to 3.
    """
    key, matched = batch.key, batch.matched
    covered = (key.by_unit(matched) > 0)[:, key.groups]
    left_out = (key.scores >= APPROPRIATE) & ~covered & ~inapplicable(key, matched)
    in_part = (key.scores >= PARTIAL_HARMS_FROM) & (batch.verdicts == PARTIAL) & ~key.grouped
    done = (key.scores <= INAPPROPRIATE) & matched
    severity = SEVERITY[key.scores]
    own = ~batch.on_rubric & (batch.action_scores <= INAPPROPRIATE)
    return Harms(
        omission=np.where(left_out | in_part, severity, 0),
        commission=np.where(done, severity, 0),
        off_rubric=np.where(own, SEVERITY[batch.action_scores], 0),
    )


def fully(batch: Batch) -> Bools:
    """Whether an option is matched in full, shape (answers, options)."""
    return np.asarray(batch.verdicts == FULL)
