"""Ensembles that differ in one seat alone."""

from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from primum.agents.ensembles import EnsembleSpec
from primum.agents.spec import Role

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


class Hole(NamedTuple):
    """An ensemble with one seat left empty: what remains, and who sat there."""

    rest: Hashable
    without: Hashable
    role: Role
    model: str
    ensemble: str


def pairs_of(specs: Sequence[EnsembleSpec]) -> Iterator[Pair]:
    """Every pair of ensembles that differ in who sits in one seat, or in whether anybody does.

    The order of generators and of critics says nothing; that of guardians does. An ensemble that
    is left with one draft and nobody to read it is that generator's solo. Each pair of a swap comes
    twice, once for either side.
    """
    whole = {_shape(spec): spec.name for spec in specs}
    holes: dict[Hashable, list[Hole]] = {}
    for spec in specs:
        for hole in _holes(spec):
            holes.setdefault(hole.rest, []).append(hole)
            if without := whole.get(hole.without):
                yield Pair(hole.role, hole.model, None, spec.name, without)
    for alike in holes.values():
        for a in alike:
            for b in alike:
                if a.model != b.model:
                    yield Pair(a.role, a.model, b.model, a.ensemble, b.ensemble)


def _shape(spec: EnsembleSpec) -> Hashable:
    generators = sorted(agent.label for agent in spec.drafting)
    critics = sorted(agent.label for agent in spec.critics)
    guardians = tuple(agent.label for agent in spec.guardians)
    aggregator = spec.aggregator.label if spec.aggregator else None
    return _of(spec, generators, critics, guardians, aggregator)


def _of(
    spec: EnsembleSpec,
    generators: Sequence[str],
    critics: Sequence[str],
    guardians: Sequence[str | None],
    aggregator: str | None,
) -> Hashable:
    """What an ensemble of these seats and the settings of `spec` is known by."""
    if len(generators) == 1 and not (critics or guardians or aggregator):
        return (*SOLO, *generators)
    layers = tuple(tuple(sorted(agent.label for agent in layer)) for layer in spec.layers)
    settings = spec.model_dump_json(
        include={"graph", "aggregation", "rule", "rounds", "authors", "shuffle"}
    )
    return (settings, tuple(generators), tuple(critics), tuple(guardians), aggregator, layers)


def _holes(spec: EnsembleSpec) -> Iterator[Hole]:
    """An ensemble with each of its seats left empty in turn.

    A seat of several samples, of a layer, or with a weight of its own is none: it does not stand
    alone; nor does a solo's, which is no team's.
    """
    if spec.graph == "solo" or spec.samples or spec.layers or (spec.rule and spec.rule.weights):
        return
    generators = sorted(agent.label for agent in spec.generators)
    critics = sorted(agent.label for agent in spec.critics)
    guardians: list[str | None] = [agent.label for agent in spec.guardians]
    aggregator = spec.aggregator.label if spec.aggregator else None
    for place, model in enumerate(generators):
        rest = _of(spec, _but(generators, place), critics, guardians, aggregator)
        yield Hole((rest, "generator"), rest, "generator", model, spec.name)
    for place, model in enumerate(critics):
        rest = _of(spec, generators, _but(critics, place), guardians, aggregator)
        yield Hole((rest, "critic"), rest, "critic", model, spec.name)
    for place, agent in enumerate(spec.guardians):
        open_seat = [*guardians[:place], None, *guardians[place + 1 :]]
        rest = _of(spec, generators, critics, open_seat, aggregator)
        without = _of(spec, generators, critics, _but(guardians, place), aggregator)
        yield Hole((rest, "guardian"), without, "guardian", agent.label, spec.name)
    if aggregator:
        rest = _of(spec, generators, critics, guardians, None)
        yield Hole((rest, "aggregator"), None, "aggregator", aggregator, spec.name)


def _but(items: Sequence[T], place: int) -> list[T]:
    return [item for i, item in enumerate(items) if i != place]
