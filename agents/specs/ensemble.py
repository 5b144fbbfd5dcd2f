"""Ensembles and panels: agents joined by a graph, as frozen records."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from primum.agents.specs.model import AgentSpec, FrozenRecord, ModelSpec, Name, Role, field_error

Graph = Literal[
    "solo", "self-consistency", "vote", "panel", "layers", "relay", "debate", "control", "imported"
]
EnsembleName = Annotated[str, Field(pattern=r"^(control:)?[A-Za-z0-9][A-Za-z0-9_.~+-]{0,199}$")]
Weight = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Rule(FrozenRecord):
    """How drafts are counted, option by option, where no agent has the last word.

    union: any draft has it; intersection: all have it; majority: more than half do; k-of-n: at
    least `k` do; weighted: those that have it weigh more than half. Only drafts that can be used
    count. `tie` says what becomes of exactly half.
    """

    name: Literal["union", "majority", "k-of-n", "intersection", "weighted"]
    k: Annotated[int, Field(ge=1)] | None = None
    weights: Annotated[tuple[Weight, ...], Field(strict=False)] = ()
    tie: Literal["include", "exclude"] = "exclude"

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        if (self.name == "k-of-n") != (self.k is not None):
            raise field_error("k", "k goes with the rule k-of-n, which needs it")
        if (self.name == "weighted") != bool(self.weights):
            raise field_error("weights", "weights go with the rule weighted, which needs them")
        if self.tie == "include" and self.name not in {"majority", "weighted"}:
            raise field_error("tie", f"{self.name} knows no tie; leave tie out")
        return self

    @property
    def label(self) -> str:
        """Its name in the name of an ensemble."""
        name = f"{self.k}-of-n" if self.k else self.name
        name += "".join(f"-{str(weight).removesuffix('.0')}" for weight in self.weights)
        return name if self.tie == "exclude" else f"{name}-ties-in"


class EnsembleSpec(FrozenRecord):
    """Agents joined by a graph. The seats are its fields; a solo is one generator.

    Guardians rewrite a relay's draft one after the other. `layers` are those after the first, which
    is the generators'; each agent of one reads the whole layer before it. Debaters are generators
    that read one another for `rounds` at most. Self-consistency is `samples` drafts of one agent,
    and a rule. An aggregator synthesises or selects. Whoever reads drafts is told who wrote them if
    authors are `named` (as the panel names them), and gets them in an order drawn from `shuffle`
    and the case, if there is one. A control and an imported file of answers have no seat: they ask
    no model.
    """

    name: EnsembleName
    graph: Graph
    generators: tuple[AgentSpec, ...] = ()
    critics: tuple[AgentSpec, ...] = ()
    guardians: tuple[AgentSpec, ...] = ()
    layers: tuple[Annotated[tuple[AgentSpec, ...], Field(min_length=1)], ...] = ()
    aggregator: AgentSpec | None = None
    aggregation: Literal["synthesise", "select"] = "synthesise"
    rule: Rule | None = None
    samples: Annotated[int, Field(ge=2, le=99)] | None = None
    rounds: Annotated[int, Field(ge=1, le=9)] | None = None
    authors: Literal["anonymous", "named"] = "anonymous"
    shuffle: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _seats_fit_graph(self) -> Self:
        needed, allowed, shape = SHAPES[self.graph]
        given = {field for field in PARTS if getattr(self, field)}
        last = {"aggregator", "rule"} & given
        if not (
            set(needed) <= given <= {*needed, *allowed}
            and not (self.graph == "debate" and len(last) != 1)
            and not (self.graph in ONE_DRAFT and len(self.generators) != 1)
            and not (self.graph == "debate" and len(self.generators) < 2)  # noqa: PLR2004
        ):
            raise ValueError(f"{self.name}: {shape}")
        if self.name.startswith("control:") != (self.graph == "control"):
            raise ValueError(f"{self.name}: controls are built in (control:nothing, ...)")
        return self

    @model_validator(mode="after")
    def _rule_fits_drafts(self) -> Self:
        drafts = len(self.drafting)
        if self.rule and (self.rule.k or 0) > drafts:
            raise field_error("rule.k", f"k is {self.rule.k}, and there are {drafts} drafts")
        if self.rule and self.rule.weights:
            if self.samples:
                raise field_error(
                    "rule.weights", "samples of one agent weigh the same; use majority"
                )
            if len(self.rule.weights) != drafts:
                raise field_error("rule.weights", "as many weights as generators, in their order")
        return self

    @model_validator(mode="after")
    def _readers_fit(self) -> Self:
        at_once = self.read_at_once
        at_last = len(self.layers[-1] if self.layers else self.generators)
        if self.aggregation == "select" and (not self.aggregator or at_last < 2):  # noqa: PLR2004
            raise field_error(
                "aggregation", "to select takes an aggregator, and two drafts or more"
            )
        if self.authors == "named" and not at_once:
            raise field_error(
                "authors", f"nobody reads drafts in a {self.graph}: leave authors out"
            )
        if self.shuffle is not None and at_once < 2:  # noqa: PLR2004
            raise field_error("shuffle", "nobody reads two drafts or more: leave shuffle out")
        return self

    @property
    def drafting(self) -> tuple[AgentSpec, ...]:
        """Who drafts, seat by seat: the generators, or as many samples of the one that there is."""
        return self.generators * (self.samples or 1)

    @property
    def read_at_once(self) -> int:
        """The most drafts that one agent reads together."""
        drafts = len(self.generators)
        if self.aggregator:
            return max(drafts, *(len(layer) for layer in self.layers), 0)
        if self.rounds:
            return drafts - 1
        return 1 if self.guardians else 0

    @property
    def seats(self) -> tuple[tuple[str, Role, AgentSpec], ...]:
        """Every agent with its seat's name and role."""
        found: list[tuple[str, Role, AgentSpec]] = []
        found += [(f"generator-{n}", "generator", a) for n, a in enumerate(self.drafting, 1)]
        found += [(f"critic-{n}", "critic", a) for n, a in enumerate(self.critics, 1)]
        found += [(f"guardian-{n}", "guardian", a) for n, a in enumerate(self.guardians, 1)]
        for depth, layer in enumerate(self.layers, 2):
            found += [(f"layer-{depth}-{n}", "aggregator", a) for n, a in enumerate(layer, 1)]
        if self.aggregator:
            found.append(("aggregator", "aggregator", self.aggregator))
        return tuple(found)

    @property
    def calls(self) -> int:
        """Calls that an answer takes at most, repairs left out; each critic reads each draft."""
        drafts, deep = len(self.drafting), sum(len(layer) for layer in self.layers)
        read = drafts * len(self.critics) + len(self.guardians) + deep + bool(self.aggregator)
        return drafts + read + drafts * (self.rounds or 0)

    @property
    def last_seat(self) -> str:
        """Whose word is the ensemble's: an agent's, or the rule's."""
        return "rule" if self.rule else self.seats[-1][0]

    @property
    def members(self) -> tuple[str, ...]:
        """The names of the solos it is compared with: its generators, then its other models."""
        drafting = [agent.label for agent in self.generators]
        drafted = {agent.model for agent in self.generators}
        others = [agent.model for _, _, agent in self.seats if agent.model not in drafted]
        return tuple(dict.fromkeys(drafting + others))


PARTS = ("generators", "critics", "guardians", "layers", "aggregator", "rule", "samples", "rounds")
ONE_DRAFT = frozenset({"solo", "self-consistency", "relay"})
# what a graph needs, what it may have besides, and how to say so
SHAPES: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "solo": (("generators",), (), "a solo has one generator and no other seat"),
    "self-consistency": (
        ("generators", "samples", "rule"),
        (),
        "self-consistency has one generator, samples (2 or more) and a rule",
    ),
    "vote": (("generators", "rule"), (), "a vote has generators and a rule"),
    "panel": (
        ("generators", "aggregator"),
        ("critics",),
        "a panel has generators, an aggregator, perhaps critics",
    ),
    "layers": (
        ("generators", "layers", "aggregator"),
        (),
        "layers has generators, layers of agents, and an aggregator",
    ),
    "relay": (("generators", "guardians"), (), "a relay has one generator, then guardians"),
    "debate": (
        ("generators", "rounds"),
        ("aggregator", "rule"),
        "a debate has two generators or more, rounds, and an aggregator or a rule",
    ),
    "control": ((), (), "controls are built in (control:nothing, ...) and have no seats"),
    "imported": ((), (), "imported answers have no seats"),
}


class Panel(FrozenRecord):
    """A ready-made set of models and the ensembles they form."""

    name: Name
    note: str = ""
    cost: str = ""
    models: Annotated[dict[Name, ModelSpec], Field(min_length=1)]
    ensembles: Annotated[tuple[EnsembleSpec, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        seen = set(self.models)
        for index, ensemble in enumerate(self.ensembles):
            at = f"ensembles.{index}"
            if ensemble.graph in {"control", "imported"}:
                raise field_error(
                    f"{at}.name", f"{ensemble.name}: {ensemble.graph} is not for panels"
                )
            if ensemble.name in seen:
                raise field_error(f"{at}.name", f"{ensemble.name} is used twice; names are unique")
            seen.add(ensemble.name)
            for seat, _, agent in ensemble.seats:
                if agent.model not in self.models:
                    known = ", ".join(self.models)
                    message = f"{ensemble.name}: {seat} is {agent.model}, not one of {known}"
                    raise field_error(f"{at}.{_field(seat)}", message)
        return self

    def solos(self) -> tuple[EnsembleSpec, ...]:
        """Each member of each ensemble alone, once, asked as in the ensemble."""
        return solos_of(self.ensembles)


def solos_of(ensembles: tuple[EnsembleSpec, ...]) -> tuple[EnsembleSpec, ...]:
    """Each member of each ensemble alone, once, asked as in the ensemble."""
    agents: dict[str, AgentSpec] = {}
    for ensemble in ensembles:
        seated = {agent.label: agent for agent in ensemble.generators}
        for member in ensemble.members:
            agents.setdefault(member, seated.get(member) or AgentSpec(model=member))
    return tuple(
        EnsembleSpec(name=name, graph="solo", generators=(agent,)) for name, agent in agents.items()
    )


def same_cost(spec: EnsembleSpec, specs: Iterable[EnsembleSpec]) -> tuple[EnsembleSpec, ...]:
    """Those of single members that sample themselves whose calls come nearest to an ensemble's.

    None of an ensemble that is such itself.
    """
    if spec.graph == "self-consistency":
        return ()
    members = {*spec.members}
    single = [
        other for other in specs if other.graph == "self-consistency" and members & {*other.members}
    ]
    nearest = min((abs(other.calls - spec.calls) for other in single), default=None)
    return tuple(other for other in single if abs(other.calls - spec.calls) == nearest)


def _field(seat: str) -> str:
    """Where a panel file names a seat: generator-2 is generators.1, layer-2-1 is layers.0.0."""
    role, _, number = seat.partition("-")
    if role == "aggregator":
        return role
    depth, _, place = number.partition("-")
    return f"layers.{int(depth) - 2}.{int(place) - 1}" if place else f"{role}s.{int(depth) - 1}"
