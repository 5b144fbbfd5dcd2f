"""The standard normal variables that simulated clinicians' beliefs and acts are thresholds on."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from primum.agents.specs.model import digest
from primum.core.arrays import Floats, Ints


class Draws(Protocol):
    """Normals for many answers to cases of the same n options, by name.

    The same name is the same variable, whoever asks: what clinicians share they share by name.
    """

    def lasting(self, name: str) -> Floats:
        """What stays the same over a case's trials, shape (cases, 1, n)."""
        ...

    def passing(self, name: str, sample: int) -> Floats:
        """What every trial draws anew, shape (cases, trials, n)."""
        ...

    def places(self, shuffle: int, drafts: int) -> Ints:
        """The place of each draft where they are shown in an order drawn for each case.

        Shape (cases, 1, drafts).
        """
        ...


@dataclass(frozen=True)
class Fresh:
    """New draws; those of a name depend on seed, block and name alone, not on who asks first."""

    seed: int
    block: tuple[int, ...]
    cases: int
    trials: int
    options: int
    _lasting: dict[str, Floats] = field(default_factory=dict)

    def lasting(self, name: str) -> Floats:
        """What stays the same over a case's trials, shape (cases, 1, n)."""
        if name not in self._lasting:
            self._lasting[name] = self._rng(name).standard_normal((self.cases, 1, self.options))
        return self._lasting[name]

    def passing(self, name: str, sample: int) -> Floats:
        """What every trial draws anew, shape (cases, trials, n)."""
        rng = self._rng(f"{name}|{sample}")
        return rng.standard_normal((self.cases, self.trials, self.options))

    def places(self, shuffle: int, drafts: int) -> Ints:
        """The place of each draft, in an order drawn for each case, shape (cases, 1, drafts)."""
        rng = self._rng(f"places|{shuffle}|{drafts}")
        return rng.permuted(np.tile(np.arange(drafts), (self.cases, 1)), axis=1)[:, None]

    def _rng(self, name: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, *self.block, int(digest(name)[:15], 16)])
