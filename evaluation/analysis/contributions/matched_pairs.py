"""Ensembles that differ in one seat alone."""

import json
from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

from primum.agents.roles.registry import ROLES
from primum.agents.topologies.ensemble import EnsembleSpec


class Pair(NamedTuple):
    """Two ensembles, the same but for one seat.

    The first has `model` in a `role` where the second has `other`, or nobody (None).
    """

    role: str
    model: str
    other: str | None
    first: str
    second: str


class Substitution(NamedTuple):
    """An ensemble with one seat left empty: what remains, and who sat there."""

    rest: Hashable
    without: Hashable
    role: str
    model: str
    ensemble: str


def pairs_of(specs: Sequence[EnsembleSpec]) -> Iterator[Pair]:
    """Every pair of ensembles that differ in who sits in one seat, or in whether anybody does.

    The order of generators and of critics says nothing; that of guardians does. An ensemble that
    is left with one draft and nobody to read it is that generator's solo. Each pair comes once; one
    of a swap once for either side.
    """
    whole = {_known_as(_seats(spec)): spec.name for spec in specs}
    holes: dict[Hashable, list[Substitution]] = {}
    for spec in specs:
        found = dict.fromkeys(_substitutions(spec))
        for hole in found:
            holes.setdefault((hole.rest, hole.role), []).append(hole)
        for role, model, without in dict.fromkeys((h.role, h.model, h.without) for h in found):
            if other := whole.get(without):
                yield Pair(role, model, None, spec.name, other)
    for alike in holes.values():
        for a in alike:
            for b in alike:
                if a.model != b.model:
                    yield Pair(a.role, a.model, b.model, a.ensemble, b.ensemble)


class _Seats(NamedTuple):
    """What an ensemble is known by: its settings, and who has seats of each role.

    `roles` are pairs of a role's name and the agents in it, sorted where their order makes no
    other ensemble; None stands for a seat that is left empty.
    """

    settings: str
    roles: tuple[tuple[str, tuple[str | None, ...]], ...]

    def with_place(self, role: str, place: int, agents: tuple[str | None, ...]) -> "_Seats":
        """The same with other agents, or none, in the place of one agent of a role."""

        def changed(who: tuple[str | None, ...]) -> tuple[str | None, ...]:
            return who[:place] + agents + who[place + 1 :]

        roles = ((name, changed(who) if name == role else who) for name, who in self.roles)
        return self._replace(roles=tuple((name, who) for name, who in roles if who))


def _seats(spec: EnsembleSpec) -> _Seats:
    first = {step.seat: step for step in reversed(spec.wiring.steps)}
    roles: dict[str, list[str]] = {}
    for seat in spec.seats:
        roles.setdefault(first[seat.name].role.name, []).append(seat.agent.label)
    listed = (
        (name, tuple(who if ROLES[name].ordered else sorted(who))) for name, who in roles.items()
    )
    seated = {step.field.partition(".")[0] for step in spec.wiring.steps}
    settings = spec.model_dump(mode="json", exclude={"name", *seated}, exclude_defaults=True)
    return _Seats(json.dumps([spec.graph, settings], sort_keys=True), tuple(listed))


def _known_as(seats: _Seats) -> Hashable:
    """Seats, or the solo that they come to: one draft, and no agent that reads it."""
    if len(seats.roles) == 1:
        ((role, who),) = seats.roles
        if ROLES[role].drafts and len(who) == 1:
            return who
    return seats


def _substitutions(spec: EnsembleSpec) -> Iterator[Substitution]:
    """An ensemble with each of its seats left empty in turn, where its seats stand alone."""
    if not spec.interchangeable:
        return
    seats = _seats(spec)
    for role, agents in seats.roles:
        for place, model in enumerate(agents):
            without = seats.with_place(role, place, ())
            rest = seats.with_place(role, place, (None,)) if ROLES[role].ordered else without
            assert model, "no seat is empty yet"
            yield Substitution(rest, _known_as(without), ROLES[role].recorded, model, spec.name)
