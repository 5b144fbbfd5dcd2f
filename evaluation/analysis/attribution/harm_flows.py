"""Counts of the harms that each seat of each team read, removed, added and passed on."""

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
"""Ensemble, seat, role and model; a debater has the seat of a generator and another role."""
Counts = Mapping[Seat, Ints]
"""By seat: kinds x severities x (read, wrong_in, fixed, broken, wrong_out)."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Counts of harms of one kind and severity at one seat, over all its answers.

    `read` counts the possible harms that were at stake, once for each usable turn of the seat. Of a
    critic, `fixed` are the harms that it objected to, `broken` those that its changes would add,
    and `wrong_out` those that it missed.
    """

    ensemble: Annotated[EnsembleName, KEY]
    seat: Annotated[SeatName, KEY]
    role: Annotated[RoleName, KEY]
    model: Annotated[ModelOrRule, KEY]
    kind: Annotated[Kind, KEY]
    severity: Annotated[Severity, KEY]
    read: Annotated[int, "possible harms at stake, once for each usable turn"]
    wrong_in: Annotated[int, "harms in what it read"]
    fixed: Annotated[int, "harms that it removed; of a critic, that it objected to"]
    broken: Annotated[int, "harms that it added; of a critic, that it asked for"]
    wrong_out: Annotated[int, "harms in what it wrote; of a critic, that it missed"]


@dataclass
class Flows:
    """Counts by seat, summed over the answers so far."""

    seats: dict[Seat, Ints] = field(default_factory=dict)

    def add(self, counts: Counts) -> None:
        """Add the counts of some answers."""
        for seat, given in counts.items():
            self.seats[seat] = self.seats[seat] + given if seat in self.seats else given

    def rows(self) -> Iterator[Flow]:
        """A record for every seat, kind and severity with a possible harm, ordered by name."""
        for (ensemble, seat, role, model), counts in sorted(self.seats.items(), key=itemgetter(0)):
            for kind, by_severity in zip(KINDS, counts, strict=True):
                for severity, numbers in zip(SEVERITIES[1:], by_severity.tolist(), strict=True):
                    if numbers[0]:
                        yield Flow(ensemble, seat, role, model or None, kind, severity, *numbers)


def count_flows(traces: Iterable[Trace]) -> Counts:
    """Counts by seat over some answers; unusable turns are left out."""
    found = Flows()
    for trace in traces:
        names: dict[Seat, int] = {}
        answers = trace.scored.answers
        usable = [place for place, step in enumerate(trace.steps) if step.usable]
        seat = np.array(
            [
                names.setdefault(
                    (answers[row].ensemble, turn.seat, turn.role, turn.model), len(names)
                )
                for row, turn, *_ in (trace.steps[place] for place in usable)
            ],
            dtype=np.int64,
        )
        counts = np.zeros((len(names), len(KINDS), len(SEVERITIES) - 1, 5), dtype=np.int64)
        for kind, severity, numbers in _cells(trace, usable):
            np.add.at(counts[:, kind, severity], seat, numbers)
        found.add({name: counts[place] for name, place in names.items()})
    return found.seats


def _cells(trace: Trace, usable: list[int]) -> Iterator[tuple[int, int, Ints]]:
    """For each kind and severity, the five counts of each usable step, shape (steps, 5)."""
    steps = [trace.steps[place] for place in usable]
    stakes = trace.stakes[[step.answer for step in steps]]
    critic = np.array([ROLES[step.turn.role].objects for step in steps], dtype=bool)[:, None]
    wrote, wrong_in = trace.wrote[usable], trace.wrong_in[usable]
    wrong_out = wrote & (wrong_in | ~critic)
    five = (np.ones_like(wrote), wrong_in, wrong_in & ~wrote, wrote & ~wrong_in, wrong_out)
    for kind, name in enumerate(KINDS):
        of_kind = trace.possible_harms.is_need == (name == "omission")
        for severity in range(1, len(SEVERITIES)):
            at = of_kind & (stakes == severity)
            numbers = [(at & which).sum(axis=1) for which in five]
            yield kind, severity - 1, np.stack(numbers, axis=1)
