"""Ensembles that differ in one seat alone."""

from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from primum.agents.specs.ensemble import EnsembleSpec
from primum.agents.specs.model import Role

SOLO = ("solo",)
T = TypeVar("T")


class Pair(NamedTuple):
    """Two ensembles, the same but for one seat.

    The first has `model` in a `role` where the second has `other`, or nobody (None).
    """

    role: Role
    model: str
    other: str | None
    first: str
    second: str


class Substitution(NamedTuple):
    """An ensemble with one seat left empty: what remains, and who sat there."""

    rest: Hashable
    without: Hashable
    role: Role
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
        found = dict.fromkeys(_holes(spec))
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
    """Who sits where, and everything else that an ensemble is known by; no seat: None."""

    settings: str
    generators: tuple[str, ...]
    critics: tuple[str, ...]
    guardians: tuple[str | None, ...]
    aggregator: str | None
    layers: tuple[tuple[str, ...], ...]


def _seats(spec: EnsembleSpec) -> _Seats:
    settings = {"graph", "aggregation", "rule", "rounds", "authors", "shuffle"}
    return _Seats(
        settings=spec.model_dump_json(include=settings),
        generators=tuple(sorted(agent.label for agent in spec.drafting)),
        critics=tuple(sorted(agent.label for agent in spec.critics)),
        guardians=tuple(agent.label for agent in spec.guardians),
        aggregator=spec.aggregator.label if spec.aggregator else None,
        layers=tuple(tuple(sorted(agent.label for agent in layer)) for layer in spec.layers),
    )


def _known_as(seats: _Seats) -> Hashable:
    """Seats, or the solo that they come to."""
    read = seats.critics or seats.guardians or seats.aggregator
    return seats if read or len(seats.generators) != 1 else (*SOLO, *seats.generators)


def _holes(spec: EnsembleSpec) -> Iterator[Substitution]:
    """An ensemble with each of its seats left empty in turn.

    A seat of several samples, of a layer, or with a weight of its own is none: it does not stand
    alone; nor does a solo's, which is no team's.
    """
    if spec.graph == "solo" or spec.samples or spec.layers or (spec.rule and spec.rule.weights):
        return
    seats = _seats(spec)
    for place, model in enumerate(seats.generators):
        rest = seats._replace(generators=_but(seats.generators, place))
        yield Substitution(rest, _known_as(rest), "generator", model, spec.name)
    for place, model in enumerate(seats.critics):
        rest = seats._replace(critics=_but(seats.critics, place))
        yield Substitution(rest, _known_as(rest), "critic", model, spec.name)
    for place, agent in enumerate(spec.guardians):
        chain = seats.guardians
        rest = seats._replace(guardians=(*chain[:place], None, *chain[place + 1 :]))
        without = seats._replace(guardians=_but(chain, place))
        yield Substitution(rest, _known_as(without), "guardian", agent.label, spec.name)
    if seats.aggregator:
        rest = seats._replace(aggregator=None)
        yield Substitution(rest, _known_as(rest), "aggregator", seats.aggregator, spec.name)


def _but(items: tuple[T, ...], place: int) -> tuple[T, ...]:
    return items[:place] + items[place + 1 :]
