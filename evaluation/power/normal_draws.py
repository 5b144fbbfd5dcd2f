"""The standard normal variables from which simulated clinicians' decisions are derived."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from primum.agents.specs.model import digest
from primum.core.arrays import Floats, Ints


class Draws(Protocol):
    """Standard normal variables by name, for many answers to cases of the same n options.

    The same name always gives the same variable, so that clinicians that share a name share it.
    """

    def per_case(self, name: str) -> Floats:
        """A variable that is the same in all trials of a case, shape (cases, 1, n)."""
        ...

    def per_trial(self, name: str, sample: int) -> Floats:
        """A variable that is drawn anew in every trial, shape (cases, trials, n)."""
        ...

    def draft_positions(self, shuffle: int, drafts: int) -> Ints:
        """The position at which each draft is shown, in an order drawn for each case.

        Shape (cases, 1, drafts).
        """
        ...


@dataclass(frozen=True)
class SeededDraws:
    """Draws from a generator seeded with seed, block and name: their order plays no part."""

    seed: int
    block: tuple[int, ...]
    cases: int
    trials: int
    options: int
    _per_case: dict[str, Floats] = field(default_factory=dict)

    def per_case(self, name: str) -> Floats:
        """A variable that is the same in all trials of a case, shape (cases, 1, n)."""
        if name not in self._per_case:
            self._per_case[name] = self._rng(name).standard_normal((self.cases, 1, self.options))
        return self._per_case[name]

    def per_trial(self, name: str, sample: int) -> Floats:
        """A variable that is drawn anew in every trial, shape (cases, trials, n)."""
        rng = self._rng(f"{name}|{sample}")
        return rng.standard_normal((self.cases, self.trials, self.options))

    def draft_positions(self, shuffle: int, drafts: int) -> Ints:
        """The position of each draft in an order drawn for each case, shape (cases, 1, drafts)."""
        rng = self._rng(f"places|{shuffle}|{drafts}")
        return rng.permuted(np.tile(np.arange(drafts), (self.cases, 1)), axis=1)[:, None]

    def _rng(self, name: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, *self.block, int(digest(name)[:15], 16)])
