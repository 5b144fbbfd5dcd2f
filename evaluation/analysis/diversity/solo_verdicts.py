"""Verdicts of several solos on the options of one case, as arrays of one shape."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from primum.core.arrays import Bools, Ints
from primum.evaluation.analysis.attribution.possible_harms import PossibleHarms, Verdicts
from primum.evaluation.metrics.score_table import ScoreBook
from primum.evaluation.scoring.verdict_batch import FULL, NONE, PARTIAL


class SoloVerdicts(NamedTuple):
    """The answers of some ensembles to the items of one case.

    Attributes:
        possible_harms: of the case.
        scored: whether an answer has a score, shape (ensembles, items x trials).
        verdicts: shape (ensembles, items x trials, options); none where there is no score.
    """

    possible_harms: PossibleHarms
    scored: Bools
    verdicts: Verdicts

    @property
    def stakes(self) -> Ints:
        """Severities, 0 where inapplicable or unscored; (ensembles, answers, possible harms)."""
        return np.where(self.scored[..., None], self.possible_harms.stakes(self.verdicts), 0)


def answered(book: ScoreBook, rows: Sequence[int]) -> Iterator[SoloVerdicts]:
    """The verdicts of some ensembles (rows of the book), case by case in the suite's order."""
    for case, items in book.by_case():
        width = len(case.options)
        at = np.ix_(rows, items)
        shape = (len(rows), len(items) * book.trials, width)
        matched = book.matched[at][..., :width].reshape(shape)
        partial = book.partial[at][..., :width].reshape(shape)
        verdicts = np.where(partial, PARTIAL, np.where(matched > 0, FULL, NONE)).astype(np.int8)
        scored = np.asarray((matched >= 0).all(axis=-1))
        yield SoloVerdicts(PossibleHarms(book.key(case)), scored, verdicts)
