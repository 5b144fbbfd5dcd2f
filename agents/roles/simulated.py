"""What a simulated model knows when it plays a role, and how it writes what it decides.

A role decides on arrays whose last axis is the options: one answer has the shape (options,), many
answers at once, as in a simulated study, (cases, trials, options). The rule is the same for both.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from primum.agents.protocols.record import Grades, Wording
from primum.agents.specs.rule import Rule
from primum.core.arrays import Bools, Ints


class Critique(NamedTuple):
    """Whether a critic holds each option to be appropriate, and of which options it says so."""

    appropriate: Bools
    given: Bools


class SimulatedState(NamedTuple):
    """What a simulated model believes and has read.

    Attributes:
        own: whether it holds each option to be appropriate.
        acts: gives whether it would act on an option where it may leave it at that.
        drafts: the drafts that it was given, in the order of their seats; its own comes first.
        critiques: those of the drafts that it was given.
        places: where each draft is shown, shape (..., drafts); ties go to the first shown.
        rule: how drafts are counted, where no model decides.
    """

    own: Bools
    acts: Callable[[], Bools]
    drafts: Sequence[Bools]
    critiques: Sequence[Critique]
    places: Ints
    rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class OptionWording:
    """A protocol's wording for some options, whose numbers name the places of arrays."""

    wording: Wording
    numbers: tuple[int, ...]

    def answer(self, grades: Bools, remark: str) -> str:
        """A whole answer with these grades."""
        return self.wording.answer(self._by_number(grades, np.ones_like(grades)), remark)

    def changes(self, critique: Critique, remark: str) -> str:
        """A critique in words."""
        return self.wording.changes(self._by_number(*critique), remark)

    def read_draft(self, text: str) -> Bools:
        """The grades of a draft."""
        found = self.wording.draft(text)
        return np.array([found[number] for number in self.numbers], dtype=bool)

    def read_critique(self, text: str) -> Critique:
        """The grades of a critique."""
        found = self.wording.critique(text)
        given = np.array([number in found for number in self.numbers], dtype=bool)
        grades = np.array([found.get(number, False) for number in self.numbers], dtype=bool)
        return Critique(grades, given)

    def _by_number(self, grades: Bools, given: Bools) -> Grades:
        columns = zip(self.numbers, grades.tolist(), given.tolist(), strict=True)
        return {number: grade for number, grade, there in columns if there}


def signs(grades: Bools) -> Ints:
    """1 where True, -1 where False."""
    return np.where(grades, 1, -1)
