"""The annotations of a case as arrays, against which verdicts are scored."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from primum.cases.model import Case
from primum.core.arrays import Bools, Floats, Ints

APPROPRIATE = 7  # this score and above: harm if left out
INAPPROPRIATE = 3  # this score and below: harm if done

Weights = tuple[float, float, float, float]
WEIGHTS: Weights = (72, 24, 3, 1)
"""The benchmark's weights (July 2026) of severe, moderate, mild and uncertain options."""

SEVERITY: Ints = np.array([0, 3, 2, 1, 0, 0, 0, 1, 2, 3])
"""0 none, 1 mild, 2 moderate, 3 severe, by score."""

SEVERITIES = ("none", "mild", "moderate", "severe")


@dataclass(frozen=True)
class Key:
    """The annotations of one case over its n options, in the case's order."""

    case: Case
    weights: Weights = WEIGHTS

    @cached_property
    def ids(self) -> Ints:
        """Option ids, shape (n,)."""
        return np.array([option.id for option in self.case.options])

    @cached_property
    def index(self) -> dict[int, int]:
        """Column of an option id."""
        return {option.id: column for column, option in enumerate(self.case.options)}

    @cached_property
    def scores(self) -> Ints:
        """Scores 1 to 9, shape (n,)."""
        return np.array([option.score for option in self.case.options])

    @cached_property
    def weight(self) -> Floats:
        """The weight of each score, shape (10,); the score 0 that judges may give has weight 0."""
        severe, moderate, mild, uncertain = self.weights
        middle = [uncertain] * 3
        return np.array([0, severe, moderate, mild, *middle, mild, moderate, severe], dtype=float)

    @cached_property
    def parents(self) -> Bools:
        """parents[i, j]: option i depends on option j; shape (n, n)."""
        found = np.zeros((len(self.ids), len(self.ids)), dtype=bool)
        for column, option in enumerate(self.case.options):
            for parent in option.depends_on or ():
                found[column, self.index[parent]] = True
        return found

    @cached_property
    def groups(self) -> Ints:
        """The number of each option's unit, shape (n,): its alternative group, or itself."""
        names: dict[str | int, int] = {}
        found = [
            names.setdefault(option.alternative or option.id, len(names))
            for option in self.case.options
        ]
        return np.array(found)

    @cached_property
    def grouped(self) -> Bools:
        """Whether an option belongs to an alternative group, shape (n,)."""
        return np.array([option.alternative is not None for option in self.case.options])

    @cached_property
    def referrals(self) -> Ints:
        """The numbers of the units with due referrals (options of a consult with score >= 7)."""
        consult = self.case.specialist_consult
        named = {c.option_id for c in (consult.consults if consult else ())}
        due = [
            i for i, o in enumerate(self.case.options) if o.id in named and o.score >= APPROPRIATE
        ]
        return np.unique(self.groups[due]) if due else np.array([], dtype=np.int64)

    def by_unit(self, values: Floats | Bools, among: Bools | None = None) -> Floats:
        """The highest value in each unit (`groups`), shape (..., units); 0 where no option counts.

        Args:
            values: non-negative, shape (..., n).
            among: the options that count, shape (n,).
        """
        counted = np.asarray(values, dtype=float) * (1.0 if among is None else among)
        order = np.argsort(self.groups, kind="stable")
        starts = np.searchsorted(self.groups[order], np.arange(self.groups.max() + 1))
        return np.asarray(np.maximum.reduceat(counted[..., order], starts, axis=-1), dtype=float)
