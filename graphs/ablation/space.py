"""The ensembles that a design spans, by number: none is made before it is asked for."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from primum.agents.ensembles import EnsembleSpec, Rule
from primum.agents.spec import AgentSpec, ModelSpec, digest
from primum.graphs.ablation.design import Design
from primum.graphs.ablation.teams import Teams, joining

LONGEST_NAME = 150


@dataclass(frozen=True)
class Space:
    """The choices of a design, one list an axis; ensemble number i is their mixed-radix digits.

    `graph` and the models' names are all that it takes to build a spec.
    """

    graph: str
    teams: Teams
    axes: tuple[tuple[str, Sequence[Any]], ...]

    def __len__(self) -> int:
        """How many ensembles it spans."""
        return len(self.teams) * prod(len(choices) for _, choices in self.axes)

    def __getitem__(self, number: int) -> EnsembleSpec:
        """One of them.

        Raises:
            IndexError: there are not so many.
        """
        if not 0 <= number < len(self):
            raise IndexError(number)
        fields: dict[str, Any] = {}
        for name, choices in reversed(self.axes):
            number, digit = divmod(number, len(choices))
            fields[name] = choices[digit]
        return _spec(self.graph, self.teams[number], fields)


def space_of(design: Design, models: Sequence[str]) -> Space:
    """What a design spans over a panel's models, its filters not yet applied."""
    pool = tuple(models) if design.of == "all" else design.of
    graph = design.graph
    least = 1 if graph in {"panel", "layers", "self-consistency"} else 2
    most = {"self-consistency": 1, "relay": 2}.get(graph, len(pool))
    sizes = design.sizes or tuple(range(least, max(least, most) + 1))
    guardians = tuple(models) if design.guardians == "all" else design.guardians
    teams = Teams(pool, sizes, graph == "relay", design.repeats, guardians)
    axes: list[tuple[str, Sequence[Any]]] = [("last", _last_words(design, models))]
    if graph == "panel":
        axes.append(("critics", design.critics))
    for field, choices in (
        ("samples", design.samples),
        ("rounds", design.rounds),
        ("depth", design.depths),
        ("authors", design.authors),
        ("shuffle", design.shuffle),
    ):
        if choices:
            axes.append((field, choices))
    return Space(graph, teams, tuple(axes))


def _last_words(design: Design, models: Sequence[str]) -> list[tuple[str | Rule | None, str]]:
    """Who has the last word, and how: a rule, an aggregator, or (in a relay) the last guardian."""
    if design.graph == "relay":
        return [(None, "")]
    aggregators = tuple(models) if design.aggregators == "all" else design.aggregators
    found: list[tuple[str | Rule | None, str]] = [(rule, "") for rule in design.rules]
    return found + [(name, how) for name in aggregators for how in design.aggregation]


def _spec(graph: str, team: tuple[str, ...], fields: dict[str, Any]) -> EnsembleSpec:
    last, how = fields["last"]
    seats: dict[str, Any] = {"graph": graph, "generators": _agents(team)}
    if graph == "relay":
        seats |= {"generators": _agents(team[:1]), "guardians": _agents(team[1:])}
    if isinstance(last, Rule):
        seats["rule"] = last
    elif last:
        seats |= {"aggregator": AgentSpec(model=last), "aggregation": how}
    if fields.get("depth"):
        seats["layers"] = (_agents(team),) * fields["depth"]
    if fields.get("critics"):
        seats["critics"] = _agents(fields["critics"])
    for name in ("samples", "rounds", "authors", "shuffle"):
        if fields.get(name) is not None:
            seats[name] = fields[name]
    return EnsembleSpec(name=name_of(graph, team, fields), **seats)


def _agents(names: Sequence[str]) -> tuple[AgentSpec, ...]:
    return tuple(AgentSpec(model=name) for name in names)


def name_of(graph: str, team: tuple[str, ...], fields: dict[str, Any]) -> str:
    """An ensemble's name: its graph, who drafts (of a relay: the chain), who reads, who ends it."""
    last, how = fields["last"]
    count = fields.get("samples") or fields.get("rounds") or fields.get("depth") or ""
    rule = f"-{last.label}" if isinstance(last, Rule) else ""
    parts = [f"{graph}{count}{rule}", "+".join(team)]
    if fields.get("critics"):
        parts.append(f"read-by-{'+'.join(fields['critics'])}")
    if isinstance(last, str):
        parts.append(f"{'by' if how == 'synthesise' else 'select-by'}-{last}")
    if fields.get("authors") == "named":
        parts.append("named")
    if fields.get("shuffle") is not None:
        parts.append(f"shuffled-{fields['shuffle']}")
    name = ".".join(parts)
    short = f"{name[: LONGEST_NAME - 9]}~{digest(name)[:8]}"
    return name if len(name) <= LONGEST_NAME else short


def kept(design: Design, spec: EnsembleSpec, models: dict[str, ModelSpec]) -> bool:
    """Whether a design's filters on families and access let an ensemble pass."""
    seated = [models[agent.model] for _, _, agent in spec.seats]
    families = {model.family for model in seated}
    access = {model.access for model in seated}
    fits = {"any": True, "mixed": len(families) > 1, "same": len(families) == 1}
    return fits[design.families] and (not design.access or access == set(design.access))


def spanned(
    design: Design, models: dict[str, ModelSpec], seed: int, most: int
) -> Iterator[EnsembleSpec]:
    """A design's ensembles that pass its filters: all, or of a space too large, some by chance.

    Args:
        design: what varies.
        models: the panel's, by name.
        seed: of what is drawn.
        most: the largest space that is gone through whole; of a larger one so many are drawn.
    """
    space = space_of(design, list(models))
    rng = random.Random(seed)  # noqa: S311
    whole = len(space) <= most
    numbers = range(len(space)) if whole else _draws(rng, len(space), most)
    orders = joining(space.teams.pool, design.orders, seed) if design.orders else None
    for number in numbers:
        spec = space[number]
        team = frozenset(agent.model for agent in spec.generators)
        if (orders is None or team in orders) and kept(design, spec, models):
            yield spec


def _draws(rng: random.Random, total: int, most: int) -> Iterator[int]:
    seen: set[int] = set()
    while len(seen) < most:
        number = rng.randrange(total)
        if number not in seen:
            seen.add(number)
            yield number
