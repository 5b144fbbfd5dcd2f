"""The score book: verdicts, harms and metrics of all answers of a study, as arrays."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from primum.agents.models.outcomes import Outcome
from primum.agents.turns.transcript import Answer, Verdict
from primum.cases.model import Case, Suite
from primum.core.arrays import Floats
from primum.evaluation.metrics.record import Findings
from primum.evaluation.metrics.registry import columns, values
from primum.evaluation.scoring.answer_key import WEIGHTS, Key, Weights
from primum.evaluation.scoring.harms import Harms
from primum.evaluation.scoring.policies import DEFAULT_POLICY, Treatment
from primum.evaluation.scoring.verdict_batch import (
    PARTIAL,
    Action,
    Batch,
    match_actions,
    match_menu,
)


def is_scored(answer: Answer) -> bool:
    """Whether an answer has a score under the default policy.

    Without a usable answer that depends on the outcome; an answer that is not judged has no score.
    """
    counts = DEFAULT_POLICY.treatment(answer.outcome) is not Treatment.LEFT_OUT
    return counts and not answer.unjudged


@dataclass(frozen=True)
class Scored:
    """Answers to one case with their batch, harms and metrics.

    `values` has shape (answers, columns).
    """

    answers: tuple[Answer, ...]
    batch: Batch
    harms: Harms
    values: Floats


def score(key: Key, answers: Sequence[Answer]) -> Scored:
    """Score answers to one case; each of them must be scorable (`is_scored`)."""
    found = Findings(as_batch(key, answers))
    return Scored(tuple(answers), found.batch, found.harms, values(found))


def as_batch(key: Key, answers: Sequence[Answer]) -> Batch:
    """A batch of answers: grades are full matches, plans have the verdicts of their judgement."""
    if not any(answer.judgement for answer in answers):
        return match_menu(key, [answer.recommended or () for answer in answers])
    verdicts: list[dict[int, Verdict]] = []
    actions: list[list[Action]] = []
    for answer in answers:
        if answer.judgement:
            verdicts.append({v.option: v.verdict for v in answer.judgement.verdicts})
            actions.append([Action(a.matches, a.score) for a in answer.judgement.actions])
        else:
            verdicts.append(dict.fromkeys(answer.recommended or (), "full"))
            actions.append([Action((option,)) for option in answer.recommended or ()])
    return match_actions(key, verdicts, actions, [len(answer.text) for answer in answers])


@dataclass
class ScoreBook:
    """The scores of a study, one for each (ensemble, item, trial).

    Attributes:
        cube: shape (ensembles, items, trials, columns), NaN where there is no score.
        answered: whether there was a usable answer, shape (ensembles, items, trials).
        matched: options matched (1) or not (0), shape (ensembles, items, trials, most options);
            -1 where there is no score or no such option.
        partial: whether an option is matched only in part, shape as `matched`; False for menus.
    """

    suite: Suite
    ensembles: tuple[str, ...]
    trials: int
    weights: Weights = WEIGHTS
    cube: Floats = field(init=False)
    answered: NDArray[np.bool_] = field(init=False)
    matched: NDArray[np.int8] = field(init=False)
    partial: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        """Lay out the arrays."""
        self.items = tuple(self.suite.items())
        self._item_index = {item.id: i for i, item in enumerate(self.items)}
        self._ensemble_index = {name: i for i, name in enumerate(self.ensembles)}
        self._keys = {case.id: Key(case, self.weights) for case in self.suite.cases}
        shape = (len(self.ensembles), len(self.items), self.trials)
        self.cube = np.full((*shape, len(columns())), np.nan)
        self.answered = np.zeros(shape, dtype=bool)
        widest = max(len(case.options) for case in self.suite.cases)
        self.matched = np.full((*shape, widest), -1, dtype=np.int8)
        self.partial = np.zeros(self.matched.shape, dtype=bool)

    def add(self, answers: Iterable[Answer]) -> list[Scored]:
        """Score answers and store their values; returns the scored answers, case by case."""
        by_case: dict[str, list[Answer]] = defaultdict(list)
        for answer in answers:
            if is_scored(answer):
                by_case[self._case(answer).id].append(answer)
        found = [score(self._keys[case], given) for case, given in by_case.items()]
        for scored in found:
            width = len(scored.batch.key.ids)
            partial = scored.batch.verdicts == PARTIAL
            for row, answer in enumerate(scored.answers):
                at = self._place(answer)
                self.cube[at] = scored.values[row]
                self.matched[at][:width] = scored.batch.matched[row]
                self.partial[at][:width] = partial[row]
                self.answered[at] = answer.outcome is Outcome.OK
        return found

    def by_case(self) -> list[tuple[Case, list[int]]]:
        """Each base case with the positions of its items in `items`."""
        rows: dict[str, list[int]] = {case.id: [] for case in self.suite.cases}
        for position, item in enumerate(self.items):
            rows[item.case.id].append(position)
        return [(case, rows[case.id]) for case in self.suite.cases]

    def key(self, case: Case) -> Key:
        """The compiled annotations of a case."""
        return self._keys[case.id]

    def _case(self, answer: Answer) -> Case:
        return self.items[self._item_index[answer.item]].case

    def _place(self, answer: Answer) -> tuple[int, int, int]:
        return (
            self._ensemble_index[answer.ensemble],
            self._item_index[answer.item],
            answer.trial - 1,
        )
