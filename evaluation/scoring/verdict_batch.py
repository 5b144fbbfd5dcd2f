"""Verdicts on options and actions of a batch of answers to one case, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from primum.agents.turns.transcript import UNCERTAIN, VERDICTS, Verdict
from primum.core.arrays import Bools, Floats, Ints
from primum.evaluation.scoring.answer_key import Key

NONE, PARTIAL, FULL = 0, 1, 2


class Action(NamedTuple):
    """One recommended action: the options it matches, or its own score if it matches none."""

    matches: tuple[int, ...]
    score: int = UNCERTAIN


@dataclass(frozen=True)
class Batch:
    """Answers to the items of one case, scored together.

    Attributes:
        key: the case's annotations, n options.
        verdicts: 0 none, 1 partial, 2 full, shape (answers, n).
        owner: the answer that each action belongs to, shape (actions,).
        action_scores: of each action, the highest score of the options it matches, or its own.
        half: of each action, whether its highest-scored options are all matched only in part.
        on_rubric: whether an action matches any option.
        characters: length of each answer, shape (answers,); 0 for menus.
    """

    key: Key
    verdicts: NDArray[np.int8]
    owner: Ints
    action_scores: Ints
    half: Bools
    on_rubric: Bools
    characters: Floats

    @property
    def matched(self) -> Bools:
        """Matched in full or in part, shape (answers, n)."""
        return np.asarray(self.verdicts > NONE)


def match_menu(key: Key, recommended: Sequence[Sequence[int]]) -> Batch:
    """A batch of menu answers: each recommended option is one action, and matched in full."""
    given = np.zeros((len(recommended), len(key.ids)), dtype=bool)
    for row, options in enumerate(recommended):
        given[row, [key.index[option] for option in options]] = True
    return match_grades(key, given)


def match_grades(key: Key, given: Bools) -> Batch:
    """A batch of menu answers from whether each option is recommended, shape (answers, n)."""
    owner, column = np.nonzero(given)
    return Batch(
        key=key,
        verdicts=np.where(given, FULL, NONE).astype(np.int8),
        owner=owner,
        action_scores=key.scores[column],
        half=np.zeros(len(owner), dtype=bool),
        on_rubric=np.ones(len(owner), dtype=bool),
        characters=np.zeros(len(given)),
    )


def match_actions(
    key: Key,
    verdicts: Sequence[dict[int, Verdict]],
    actions: Sequence[Sequence[Action]],
    characters: Sequence[int],
) -> Batch:
    """A batch of judged answers: verdicts by option id (none where absent), and their actions.

    An unknown option id that an action names counts as an option of score 5.
    """
    table = np.zeros((len(verdicts), len(key.ids)), dtype=np.int8)
    for row, found in enumerate(verdicts):
        for option, verdict in found.items():
            table[row, key.index[option]] = VERDICTS.index(verdict)
    scored = [
        (row, *_score(key, table[row], action))
        for row, given in enumerate(actions)
        for action in given
    ]
    columns = list(zip(*scored, strict=True)) or [(), (), (), ()]
    return Batch(
        key=key,
        verdicts=table,
        owner=np.array(columns[0], dtype=np.int64),
        action_scores=np.array(columns[1], dtype=np.int64),
        half=np.array(columns[2], dtype=bool),
        on_rubric=np.array(columns[3], dtype=bool),
        characters=np.array(characters, dtype=float),
    )


def _score(key: Key, verdicts: NDArray[np.int8], action: Action) -> tuple[int, bool, bool]:
    if not action.matches:
        return action.score, False, False
    columns = [key.index.get(option) for option in action.matches]
    scores = [UNCERTAIN if column is None else int(key.scores[column]) for column in columns]
    best = max(scores)
    half = all(
        column is not None and verdicts[column] == PARTIAL
        for column, score in zip(columns, scores, strict=True)
        if score == best
    )
    return best, half, True
