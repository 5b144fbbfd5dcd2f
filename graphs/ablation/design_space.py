"""The ensembles that a design spans, by number: none is made before it is asked for."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import prod
from typing import Any, NamedTuple

from primum.agents.specs.ensemble import EnsembleSpec, Rule
from primum.agents.specs.model import AgentSpec, ModelSpec, digest
from primum.graphs.ablation.combinations import Combinations, joining
from primum.graphs.ablation.design import LEAST, Design, Pool

LONGEST_NAME = 150
DIGITS = 12  # of the digest that ends a name that would be longer
VARIED = ("critics", "samples", "rounds", "depths", "authors", "shuffle")
DEFAULTS = (None, (), "anonymous")


class Choice(NamedTuple):
    """Who drafts (of a relay: the chain); who has the last word, and how; what else is not usual.

    The last word is a rule's, an aggregator's or (None) the last guardian's.
    """

    team: tuple[str, ...]
    last: Rule | str | None
    how: str
    fields: dict[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        """Every model that has a seat."""
        ending = (self.last,) if isinstance(self.last, str) else ()
        return (*self.team, *self.fields.get("critics", ()), *ending)

    @property
    def fits(self) -> bool:
        """Whether it makes an ensemble: enough drafts to count, to select from or to shuffle."""
        drafts = self.fields.get("samples") or len(self.team)
        rule = self.last if isinstance(self.last, Rule) else None
        read = drafts - 1 if rule else drafts  # a debater has its own draft apart
        several = self.how == "select" or "shuffle" in self.fields
        return (read > 1 or not several) and drafts >= (rule.k or 1 if rule else 1)


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
    graph, pool = design.graph, _pool(design.of, models)
    least = LEAST.get(graph, 1)
    teams: Combinations | tuple[tuple[str, ...], ...]
    if design.orders:
        joined = joining(pool, design.orders, seed)
        teams = tuple(team for team in joined if len(team) >= least)
    else:
        most = {"self-consistency": 1, "relay": least}.get(graph, len(pool))
        sizes = design.sizes or tuple(range(least, max(least, most) + 1))
        guardians = None if design.guardians is None else _pool(design.guardians, models)
        teams = Combinations(pool, sizes, graph == "relay", design.repeats, guardians)
    many = teams.total if isinstance(teams, Combinations) else len(teams)
    varied = {field: getattr(design, field) for field in VARIED}
    axes = (("last", _last_words(design, models)), *varied.items())
    of = pool if design.of == "all" else design.of
    return DesignSpace(
        many, teams.__getitem__, of, tuple((name, list_) for name, list_ in axes if list_)
    )


def spec_of(graph: str, choice: Choice) -> EnsembleSpec:
    """The ensemble that a choice makes."""
    team, last, how, fields = choice
    seats: dict[str, Any] = {"graph": graph, "generators": _agents(team)}
    if graph == "relay":
        seats |= {"generators": _agents(team[:1]), "guardians": _agents(team[1:])}
    if isinstance(last, Rule):
        seats["rule"] = last
    elif last:
        seats |= {"aggregator": AgentSpec(model=last), "aggregation": how}
    if "depths" in fields:
        seats["layers"] = (_agents(team),) * fields["depths"]
    seats["critics"] = _agents(fields.get("critics", ()))
    seats |= {n: fields[n] for n in ("samples", "rounds", "authors", "shuffle") if n in fields}
    return EnsembleSpec(name=name_of(graph, choice), **seats)


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
    if design.graph == "relay":
        return [(None, "")]
    found: list[tuple[Rule | str | None, str]] = [(rule, "") for rule in design.rules]
    names = _pool(design.aggregators, models)
    return found + [(name, how) for name in names for how in design.aggregation]


def _agents(names: Sequence[str]) -> tuple[AgentSpec, ...]:
    return tuple(AgentSpec(model=name) for name in names)
