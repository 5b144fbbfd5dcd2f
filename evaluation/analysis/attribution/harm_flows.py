"""Harms on their way through each seat of each team, counted over all its answers."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Annotated

import numpy as np

from primum.agents.roles.registry import ROLES
from primum.core.arrays import Ints
from primum.evaluation.analysis.attribution.possible_harms import KINDS
from primum.evaluation.analysis.attribution.provenance import Trace
from primum.evaluation.columns import (
    KEY,
    EnsembleName,
    Kind,
    ModelOrRule,
    RoleName,
    SeatName,
    Severity,
)
from primum.evaluation.scoring.answer_key import SEVERITIES

Seat = tuple[str, str, str, str]
"""Ensemble, seat, role and model; a debater is another role in a generator's seat."""
Counts = Mapping[Seat, Ints]
"""By seat: kinds x severities x (read, wrong_in, fixed, broken, wrong_out)."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Harms of one kind and severity on their way through one seat, over all its answers.

    `read` counts possible harms: one for each possible_harm at stake and draft that it read (for a
    generator, that it wrote). Of a critic, `fixed` are those that it spoke against, `broken` those
    that it asked for, and `wrong_out` those that it missed.
    """

    ensemble: Annotated[EnsembleName, KEY]
    seat: Annotated[SeatName, KEY]
    role: Annotated[RoleName, KEY]
    model: Annotated[ModelOrRule, KEY]
    kind: Annotated[Kind, KEY]
    severity: Annotated[Severity, KEY]
    read: Annotated[int, "possible harms: one for each possible_harm that it spoke on, and answer"]
    wrong_in: Annotated[int, "those that were harms in what it read"]
    fixed: Annotated[int, "harms that it took out; of a critic, that it spoke against"]
    broken: Annotated[int, "harms that it brought in; of a critic, that it asked for"]
    wrong_out: Annotated[int, "those that were harms in what it wrote; of a critic, missed"]


@dataclass
class Flows:
    """What came through every seat so far."""

    seats: dict[Seat, Ints] = field(default_factory=dict)

    def add(self, counts: Counts) -> None:
        """Add what came through; once for each answer."""
        for seat, given in counts.items():
            self.seats[seat] = self.seats[seat] + given if seat in self.seats else given

    def rows(self) -> Iterator[Flow]:
        """Every seat, kind and severity of which there was any possible_harm, by name."""
        for (ensemble, seat, role, model), counts in sorted(self.seats.items(), key=itemgetter(0)):
            for kind, by_severity in zip(KINDS, counts, strict=True):
                for severity, numbers in zip(SEVERITIES[1:], by_severity.tolist(), strict=True):
                    if numbers[0]:
                        yield Flow(ensemble, seat, role, model or None, kind, severity, *numbers)


def count_flows(traces: Iterable[Trace]) -> Counts:
    """What came through each seat in some answers; turns that gave nothing are left out."""
    found = Flows()
    for trace in traces:
        names: dict[Seat, int] = {}
        answers = trace.scored.answers
        spoke = [place for place, step in enumerate(trace.steps) if step.spoke]
        seat = np.array(
            [
                names.setdefault(
                    (answers[row].ensemble, turn.seat, turn.role, turn.model), len(names)
                )
                for row, turn, *_ in (trace.steps[place] for place in spoke)
            ],
            dtype=np.int64,
        )
        counts = np.zeros((len(names), len(KINDS), len(SEVERITIES) - 1, 5), dtype=np.int64)
        for kind, severity, numbers in _cells(trace, spoke):
            np.add.at(counts[:, kind, severity], seat, numbers)
        found.add({name: counts[place] for name, place in names.items()})
    return found.seats


def _cells(trace: Trace, spoke: list[int]) -> Iterator[tuple[int, int, Ints]]:
    """For each kind and severity the five counts of each step that spoke, shape (steps, 5)."""
    steps = [trace.steps[place] for place in spoke]
    stakes = trace.stakes[[step.answer for step in steps]]
    critic = np.array([ROLES[step.turn.role].objects for step in steps], dtype=bool)[:, None]
    wrote, wrong_in = trace.wrote[spoke], trace.wrong_in[spoke]
    wrong_out = wrote & (wrong_in | ~critic)
    five = (np.ones_like(wrote), wrong_in, wrong_in & ~wrote, wrote & ~wrong_in, wrong_out)
    for kind, name in enumerate(KINDS):
        of_kind = trace.possible_harms.is_need == (name == "omission")
        for severity in range(1, len(SEVERITIES)):
            at = of_kind & (stakes == severity)
            numbers = [(at & which).sum(axis=1) for which in five]
            yield kind, severity - 1, np.stack(numbers, axis=1)
