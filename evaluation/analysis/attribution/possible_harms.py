"""The possible harms of a case: inappropriate options and needs (appropriate ones)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from primum.core.arrays import Bools, Ints
from primum.evaluation.scoring.answer_key import APPROPRIATE, INAPPROPRIATE, SEVERITY, Key
from primum.evaluation.scoring.harms import PARTIAL_HARMS_FROM, inapplicable
from primum.evaluation.scoring.verdict_batch import NONE, PARTIAL

KINDS = ("omission", "commission")
Verdicts = NDArray[np.int8]


@dataclass(frozen=True)
class PossibleHarms:
    """The possible harms of one case: first each option of score 3 or less, then each need.

    A need is an option of score 7 or more, or an alternative group that has one, counted once. The
    rule is that of evaluation/scoring/harms.py, with one difference: which options are inapplicable
    is determined by the answer, and applies to its drafts as well.
    """

    key: Key

    @cached_property
    def commissions(self) -> Ints:
        """The columns of the options of score 3 or less."""
        return np.flatnonzero(self.key.scores <= INAPPROPRIATE)

    @cached_property
    def needs(self) -> Ints:
        """The unit numbers of the needs (`Key.groups`)."""
        return np.unique(self.key.groups[self.key.scores >= APPROPRIATE])

    @cached_property
    def is_need(self) -> Bools:
        """Whether a possible harm is a need, shape (possible harms,)."""
        return np.repeat([False, True], [len(self.commissions), len(self.needs)])

    def wrong(self, verdicts: Verdicts) -> Bools:
        """Whether verdicts do each possible harm.

        Args:
            verdicts: 0 none, 1 partial, 2 full, shape (..., n).

        Returns:
            Shape (..., possible harms).
        """
        matched = verdicts > NONE
        left_out = self.key.by_unit(matched)[..., self.needs] == 0
        met_in_part = self.key.by_unit(self._in_part(verdicts))[..., self.needs] > 0
        done = matched[..., self.commissions]
        return np.concatenate([done, left_out | met_in_part], axis=-1)

    def stakes(self, verdicts: Verdicts) -> Ints:
        """The severity of each possible harm, 0 where inapplicable; shapes as for `wrong`."""
        key = self.key
        live = (key.scores >= APPROPRIATE) & (
            ~inapplicable(key, verdicts > NONE) | self._in_part(verdicts)
        )
        omissions = key.by_unit(SEVERITY[key.scores] * live.astype(float))[..., self.needs]
        commissions = SEVERITY[key.scores[self.commissions]]
        shape = (*verdicts.shape[:-1], len(commissions))
        both = [np.broadcast_to(commissions, shape), omissions]
        return np.concatenate(both, axis=-1).astype(np.int64)

    def option(self, possible_harm: int, omission: Ints) -> int:
        """The id of the option of a possible harm; of a group, of its most severe omission.

        Args:
            possible_harm: its position.
            omission: severity of the omissions of the answer, shape (n,).
        """
        members = self._members[possible_harm]
        return int(self.key.ids[members[np.argmax(omission[members])]])

    @cached_property
    def _members(self) -> list[Ints]:
        """The columns of the options of each possible harm."""
        alone = [np.array([column]) for column in self.commissions]
        return alone + [np.flatnonzero(self.key.groups == need) for need in self.needs]

    def _in_part(self, verdicts: Verdicts) -> Bools:
        grave = (self.key.scores >= PARTIAL_HARMS_FROM) & ~self.key.grouped
        return np.asarray(grave & (verdicts == PARTIAL))
