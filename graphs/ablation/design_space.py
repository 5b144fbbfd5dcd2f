"""The ensembles of a design, by number: each is made only when it is asked for."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import prod
from typing import Any

from primum.agents.specs.model import ModelSpec, digest
from primum.agents.specs.rule import Rule
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.registry import GRAPHS
from primum.agents.topologies.span import DesignPoint
from primum.graphs.ablation.combinations import Combinations, teams_of_random_orders
from primum.graphs.ablation.design import Design, Pool

LONGEST_NAME = 150
DIGITS = 12  # of the digest that ends a name that would be longer
VARIED = ("critics", "samples", "rounds", "depths", "authors", "shuffle")
DEFAULTS = (None, (), "anonymous")


@dataclass(frozen=True)
class DesignSpace:
    """The product of a design's lists; point number i is given by the mixed-radix digits of i.

    Attributes:
        teams: the number of teams.
        team: returns a team by its number.
        of: the models that the weights of a rule belong to, in order.
        axes: the other lists, by name.
    """

    teams: int
    team: Callable[[int], tuple[str, ...]]
    of: tuple[str, ...]
    axes: tuple[tuple[str, Sequence[Any]], ...]

    @property
    def total(self) -> int:
        """The number of points, which may be too large for `len`."""
        return self.teams * prod(len(values) for _, values in self.axes)

    def __getitem__(self, number: int) -> DesignPoint:
        """A point by its number, from 0.

        Raises:
            IndexError: the number is negative, or not less than `total`.
        """
        if not 0 <= number < self.total:
            raise IndexError(number)
        fields: dict[str, Any] = {}
        for name, values in reversed(self.axes):
            number, digit = divmod(number, len(values))
            fields[name] = values[digit]
        team, (last, aggregation) = self.team(number), fields.pop("last")
        if isinstance(last, Rule) and last.weights:
            weights = dict(zip(self.of, last.weights, strict=True))
            last = last.model_copy(update={"weights": tuple(weights[name] for name in team)})
        settings = {name: value for name, value in fields.items() if value not in DEFAULTS}
        return DesignPoint(team, last, aggregation, settings)


def design_space(design: Design, models: Sequence[str], seed: int = 0) -> DesignSpace:
    """The design space of a design over a panel's models, before the design's filters.

    Args:
        design: what varies.
        models: the panel's; the models of a team stand in their order.
        seed: of the random orders of joining, where the design has any.
    """
    span, pool = design.span, _pool(design.of, models)
    least, most = span.usual
    teams: Combinations | tuple[tuple[str, ...], ...]
    if design.orders:
        joined = teams_of_random_orders(pool, design.orders, seed)
        teams = tuple(team for team in joined if len(team) >= least)
    else:
        largest = max(least, most or len(pool))
        sizes = design.sizes or tuple(range(least, largest + 1))
        guardians = None if design.guardians is None else _pool(design.guardians, models)
        teams = Combinations(pool, sizes, span.ordered, design.repeats, guardians)
    many = teams.total if isinstance(teams, Combinations) else len(teams)
    varied = {field: getattr(design, field) for field in VARIED}
    axes = (("last", _conclusions(design, models)), *varied.items())
    of = pool if design.of == "all" else design.of
    return DesignSpace(
        many, teams.__getitem__, of, tuple((name, list_) for name, list_ in axes if list_)
    )


def ensemble_at(graph: str, point: DesignPoint) -> EnsembleSpec:
    """The ensemble at a point of a graph's design space."""
    fields = GRAPHS[graph].fields_of(point)
    return GRAPHS[graph](name=ensemble_name(graph, point), **fields)


def ensemble_name(graph: str, point: DesignPoint) -> str:
    """An ensemble's name: graph, team, critics and aggregator, joined by dots.

    A name that would be longer than `LONGEST_NAME` is cut and ends in a digest.
    """
    team, last, aggregation, fields = point
    count = fields.get("samples") or fields.get("rounds") or fields.get("depths") or ""
    rule = f"-{last.label}" if isinstance(last, Rule) else ""
    parts = [f"{graph}{count}{rule}", "+".join(team)]
    if "critics" in fields:
        parts.append(f"read-by-{'+'.join(fields['critics'])}")
    if isinstance(last, str):
        parts.append(f"{'by' if aggregation == 'synthesise' else 'select-by'}-{last}")
    if "authors" in fields:
        parts.append("named")
    if "shuffle" in fields:
        parts.append(f"shuffled-{fields['shuffle']}")
    name = ".".join(parts)
    short = f"{name[: LONGEST_NAME - DIGITS - 1]}~{digest(name)[:DIGITS]}"
    return name if len(name) <= LONGEST_NAME else short


def passes_filters(design: Design, names: Sequence[str], models: Mapping[str, ModelSpec]) -> bool:
    """Whether a team of some models passes the design's filters on families and access."""
    families = {models[name].family for name in names}
    fits = {"any": True, "mixed": len(families) > 1, "same": len(families) == 1}
    access = {models[name].access for name in names}
    return fits[design.families] and (not design.access or access == set(design.access))


def enumerate_ensembles(
    design: Design,
    models: Mapping[str, ModelSpec],
    seed: int,
    most: int,
    enough: int | None = None,
) -> Iterator[EnsembleSpec]:
    """Yield a design's ensembles that pass its filters; of a very large space, a random sample.

    Args:
        design: what varies.
        models: the panel's, by name.
        seed: of the sample.
        most: the size of the largest space that is enumerated whole; from a larger one, as many
            points are drawn, before the filters.
        enough: the number of ensembles of a sample after which to stop; None takes all.
    """
    space = design_space(design, list(models), seed)
    whole = space.total <= most
    rng = random.Random(seed)  # noqa: S311
    numbers = range(space.total) if whole else _distinct_numbers(rng, space.total, most)
    points = (space[number] for number in numbers)
    wanted = (p for p in points if p.is_valid and passes_filters(design, p.models, models))
    for point in wanted if whole else islice(wanted, enough):
        yield ensemble_at(design.graph, point)


def _distinct_numbers(rng: random.Random, total: int, most: int) -> Iterator[int]:
    seen: set[int] = set()
    while len(seen) < most:
        number = rng.randrange(total)
        if number not in seen:
            seen.add(number)
            yield number


def _pool(pool: Pool, models: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in models if pool == "all" or name in pool)


def _conclusions(design: Design, models: Sequence[str]) -> list[tuple[Rule | str | None, str]]:
    found: list[tuple[Rule | str | None, str]] = [(rule, "") for rule in design.rules]
    names = _pool(design.aggregators, models)
    found += [(name, how) for name in names for how in design.aggregation]
    return found or [(None, "")]
