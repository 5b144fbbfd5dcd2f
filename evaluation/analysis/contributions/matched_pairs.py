"""Matched pairs: ensembles that differ in one seat only."""

import json
from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

from primum.agents.roles.registry import ROLES
from primum.agents.topologies.ensemble import EnsembleSpec


class Pair(NamedTuple):
    """Two ensembles that differ in one seat only.

    The first has `model` in a `role` where the second has `other`, or no agent (None).
    """

    role: str
    model: str
    other: str | None
    first: str
    second: str


class Substitution(NamedTuple):
    """An ensemble with one seat removed: `rest` and `without` identify what remains."""

    rest: Hashable
    without: Hashable
    role: str
    model: str
    ensemble: str


def pairs_of(specs: Sequence[EnsembleSpec]) -> Iterator[Pair]:
    """Every pair of ensembles that differ in the agent of one seat, or in whether it has one.

    The order of generators and of critics plays no part; that of guardians does. An ensemble of a
    single draft that no other agent reads is that generator's solo. A pair in which an agent is
    added comes once, a pair with a swap once for each side.
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
    """The identity of an ensemble: its settings, and the agents in each role.

    `roles` are pairs of a role's name and its agents, sorted where their order plays no part; None
    stands for an empty seat.
    """

    settings: str
    roles: tuple[tuple[str, tuple[str | None, ...]], ...]

    def with_place(self, role: str, place: int, agents: tuple[str | None, ...]) -> "_Seats":
        """The same seats with other agents, or none, in place of one agent of a role."""

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
    """The identity of some seats; of a single draft that no agent reads, that of its solo."""
    if len(seats.roles) == 1:
        ((role, who),) = seats.roles
        if ROLES[role].drafts and len(who) == 1:
            return who
    return seats


def _substitutions(spec: EnsembleSpec) -> Iterator[Substitution]:
    """An ensemble with each seat removed in turn; none where seats cannot be removed singly."""
    if not spec.interchangeable:
        return
    seats = _seats(spec)
    for role, agents in seats.roles:
        for place, model in enumerate(agents):
            without = seats.with_place(role, place, ())
            rest = seats.with_place(role, place, (None,)) if ROLES[role].ordered else without
            assert model, "no seat is empty yet"
            yield Substitution(rest, _known_as(without), ROLES[role].recorded, model, spec.name)
