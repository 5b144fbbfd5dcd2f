"""The ensembles that a design spans, by number: none is made before it is asked for."""

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
from primum.agents.topologies.span import Choice
from primum.graphs.ablation.combinations import Combinations, joining
from primum.graphs.ablation.design import Design, Pool

LONGEST_NAME = 150
DIGITS = 12  # of the digest that ends a name that would be longer
VARIED = ("critics", "samples", "rounds", "depths", "authors", "shuffle")
DEFAULTS = (None, (), "anonymous")


@dataclass(frozen=True)
class DesignSpace:
    """The choices of a design, one list an axis; choice number i is their mixed-radix digits.

    `team` gives one of so many `teams` by its number; `of` says whose the weights of a rule are.
    """

    teams: int
    team: Callable[[int], tuple[str, ...]]
    of: tuple[str, ...]
    axes: tuple[tuple[str, Sequence[Any]], ...]

    @property
    def total(self) -> int:
        """How many choices it has: too many for `len`, perhaps."""
        return self.teams * prod(len(choices) for _, choices in self.axes)

    def __getitem__(self, number: int) -> Choice:
        """One of them.

        Raises:
            IndexError: there are not so many.
        """
        if not 0 <= number < self.total:
            raise IndexError(number)
        fields: dict[str, Any] = {}
        for name, choices in reversed(self.axes):
            number, digit = divmod(number, len(choices))
            fields[name] = choices[digit]
        team, (last, how) = self.team(number), fields.pop("last")
        if isinstance(last, Rule) and last.weights:
            weights = dict(zip(self.of, last.weights, strict=True))
            last = last.model_copy(update={"weights": tuple(weights[name] for name in team)})
        return Choice(team, last, how, {k: v for k, v in fields.items() if v not in DEFAULTS})


def space_of(design: Design, models: Sequence[str], seed: int = 0) -> DesignSpace:
    """What a design spans over a panel's models, its filters not yet applied.

    Args:
        design: what varies.
        models: the panel's; teams are in their order, whatever the design's.
        seed: of the orders in which models join, where it has any.
    """
    span, pool = design.span, _pool(design.of, models)
    least, most = span.usual
    teams: Combinations | tuple[tuple[str, ...], ...]
    if design.orders:
        joined = joining(pool, design.orders, seed)
        teams = tuple(team for team in joined if len(team) >= least)
    else:
        largest = max(least, most or len(pool))
        sizes = design.sizes or tuple(range(least, largest + 1))
        guardians = None if design.guardians is None else _pool(design.guardians, models)
        teams = Combinations(pool, sizes, span.ordered, design.repeats, guardians)
    many = teams.total if isinstance(teams, Combinations) else len(teams)
    varied = {field: getattr(design, field) for field in VARIED}
    axes = (("last", _last_words(design, models)), *varied.items())
    of = pool if design.of == "all" else design.of
    return DesignSpace(
        many, teams.__getitem__, of, tuple((name, list_) for name, list_ in axes if list_)
    )


def spec_of(graph: str, choice: Choice) -> EnsembleSpec:
    """The ensemble that a choice makes."""
    fields = GRAPHS[graph].fields_of(choice)
    return GRAPHS[graph](name=name_of(graph, choice), **fields)


def name_of(graph: str, choice: Choice) -> str:
    """An ensemble's name: its graph, who drafts (of a relay: the chain), who reads, who ends it."""
    team, last, how, fields = choice
    count = fields.get("samples") or fields.get("rounds") or fields.get("depths") or ""
    rule = f"-{last.label}" if isinstance(last, Rule) else ""
    parts = [f"{graph}{count}{rule}", "+".join(team)]
    if "critics" in fields:
        parts.append(f"read-by-{'+'.join(fields['critics'])}")
    if isinstance(last, str):
        parts.append(f"{'by' if how == 'synthesise' else 'select-by'}-{last}")
    if "authors" in fields:
        parts.append("named")
    if "shuffle" in fields:
        parts.append(f"shuffled-{fields['shuffle']}")
    name = ".".join(parts)
    short = f"{name[: LONGEST_NAME - DIGITS - 1]}~{digest(name)[:DIGITS]}"
    return name if len(name) <= LONGEST_NAME else short


def kept(design: Design, names: Sequence[str], models: Mapping[str, ModelSpec]) -> bool:
    """Whether a design's filters on families and access let models sit together."""
    families = {models[name].family for name in names}
    fits = {"any": True, "mixed": len(families) > 1, "same": len(families) == 1}
    access = {models[name].access for name in names}
    return fits[design.families] and (not design.access or access == set(design.access))


def spanned_ensembles(
    design: Design,
    models: Mapping[str, ModelSpec],
    seed: int,
    most: int,
    enough: int | None = None,
) -> Iterator[EnsembleSpec]:
    """A design's ensembles that pass its filters: all, or of a space too large, some by chance.

    Args:
        design: what varies.
        models: the panel's, by name.
        seed: of what is drawn.
        most: the largest space that is gone through whole; of a larger one so many are drawn,
            filters not yet applied.
        enough: how many of what is drawn are wanted, if not all.
    """
    space = space_of(design, list(models), seed)
    whole = space.total <= most
    rng = random.Random(seed)  # noqa: S311
    numbers = range(space.total) if whole else _draws(rng, space.total, most)
    choices = (space[number] for number in numbers)
    fitting = (c for c in choices if c.fits and kept(design, c.names, models))
    for choice in fitting if whole else islice(fitting, enough):
        yield spec_of(design.graph, choice)


def _draws(rng: random.Random, total: int, most: int) -> Iterator[int]:
    seen: set[int] = set()
    while len(seen) < most:
        number = rng.randrange(total)
        if number not in seen:
            seen.add(number)
            yield number


def _pool(pool: Pool, models: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in models if pool == "all" or name in pool)


def _last_words(design: Design, models: Sequence[str]) -> list[tuple[Rule | str | None, str]]:
    found: list[tuple[Rule | str | None, str]] = [(rule, "") for rule in design.rules]
    names = _pool(design.aggregators, models)
    found += [(name, how) for name in names for how in design.aggregation]
    return found or [(None, "")]
