"""The harms in a score book, item by item: what single models do, to be held side by side."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from primum.evaluation.analysis.attribution.harm_items import Items, Verdicts
from primum.evaluation.scoring.answer_key import Bools, Ints
from primum.evaluation.scoring.score_table import ScoreBook
from primum.evaluation.scoring.verdict_batch import FULL, NONE, PARTIAL


class Answered(NamedTuple):
    """The answers of some ensembles to the letters of one case.

    Attributes:
        items: of the case.
        scored: whether an answer has a score, shape (ensembles, letters x trials).
        verdicts: shape (ensembles, letters x trials, options); none where there is no score.
    """

    items: Items
    scored: Bools
    verdicts: Verdicts

    @property
    def stakes(self) -> Ints:
        """Severity of each item's harm, 0 where moot or unscored; (ensembles, answers, items)."""
        return np.where(self.scored[..., None], self.items.stakes(self.verdicts), 0)


def answered(book: ScoreBook, rows: Sequence[int]) -> Iterator[Answered]:
    """The answers of some ensembles (rows of the book), case by case in the suite's order."""
    for case, tasks in book.by_case():
        width = len(case.options)
        at = np.ix_(rows, tasks)
        shape = (len(rows), len(tasks) * book.trials, width)
        matched = book.matched[at][..., :width].reshape(shape)
        partial = book.partial[at][..., :width].reshape(shape)
        verdicts = np.where(partial, PARTIAL, np.where(matched > 0, FULL, NONE)).astype(np.int8)
        scored = np.asarray((matched >= 0).all(axis=-1))
        yield Answered(Items(book.key(case)), scored, verdicts)
