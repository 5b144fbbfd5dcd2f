"""A design: which models sit in which seats of one graph, and what varies; a plan of designs."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from primum.agents.ensembles import Rule
from primum.agents.spec import Access, Name, Spec, misfit
from primum.agents.study import Contrast

Teams = Literal["self-consistency", "vote", "panel", "layers", "relay", "debate"]
Pool = tuple[Name, ...] | Literal["all"]
Aggregation = Literal["synthesise", "select"]
Authors = Literal["anonymous", "named"]
COUNTED = frozenset({"self-consistency", "vote", "debate"})
CONSOLIDATED = frozenset({"panel", "layers", "debate"})
CONTROLS = ("nothing", "everything", "coin", "inaction", "key")


class Design(Spec):
    """Every ensemble of one graph that its lists span: the product of them all.

    `of` are the models that draft, `sizes` how many of them (of a relay, the whole chain, in every
    order; `guardians` takes those after the first from a pool of its own). `repeats` lets one model
    sit twice. `orders` keeps to the teams that come about when the models join one by one, in so
    many orders drawn at random: enough for sampled Shapley values. `critics` are sets of critics,
    of which the empty one is none; `depths` the layers after the first, of the same models.
    `families` and `access` keep the teams, all seats counted, that are of one family or of several,
    and have exactly these kinds of access.
    """

    graph: Teams
    of: Pool = "all"
    sizes: tuple[Annotated[int, Field(ge=1)], ...] = ()
    repeats: bool = False
    orders: Annotated[int, Field(ge=1)] | None = None
    guardians: Pool | None = None
    critics: Annotated[tuple[tuple[Name, ...], ...], Field(min_length=1)] = ((),)
    aggregators: Pool = ()
    aggregation: Annotated[tuple[Aggregation, ...], Field(min_length=1)] = ("synthesise",)
    rules: tuple[Rule, ...] = ()
    samples: tuple[Annotated[int, Field(ge=2, le=99)], ...] = ()
    rounds: tuple[Annotated[int, Field(ge=1, le=9)], ...] = ()
    depths: tuple[Annotated[int, Field(ge=1, le=9)], ...] = ()
    authors: Annotated[tuple[Authors, ...], Field(min_length=1)] = ("anonymous",)
    shuffle: tuple[Annotated[int, Field(ge=0)] | None, ...] = (None,)
    families: Literal["any", "mixed", "same"] = "any"
    access: tuple[Access, ...] = ()

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        graph = self.graph
        needs = {
            "rules": graph in {"self-consistency", "vote"},
            "aggregators": graph in {"panel", "layers"},
            "samples": graph == "self-consistency",
            "rounds": graph == "debate",
            "depths": graph == "layers",
        }
        takes = {
            "rules": graph in COUNTED,
            "aggregators": graph in CONSOLIDATED,
            "guardians": graph == "relay",
            "critics": graph == "panel",
            "aggregation": graph in CONSOLIDATED,
        }
        for field in (*needs, "guardians", "critics", "aggregation"):
            given = getattr(self, field) != type(self).model_fields[field].default
            if needs.get(field) and not given:
                raise misfit(field, f"a design of graph {graph} needs {field}")
            if given and not takes.get(field, needs.get(field, False)):
                raise misfit(field, f"{field} is not for graph {graph}")
        if graph == "debate" and not (self.rules or self.aggregators):
            raise misfit("rules", "a debate needs rules or aggregators, for the last word")
        if self.orders and (graph == "relay" or self.repeats or self.sizes):
            raise misfit("orders", "orders goes with neither relays nor repeats nor sizes")
        return self


class AblationPlan(Spec):
    """Which ensembles an ablation runs, and which differences were announced beforehand.

    `limit` draws so many of the ensembles by `seed`; those that a contrast names stay.
    """

    name: Name
    panel: str = "simulated"
    designs: Annotated[tuple[Design, ...], Field(min_length=1)]
    limit: Annotated[int, Field(ge=1)] | None = None
    seed: Annotated[int, Field(ge=0)] = 0
    controls: tuple[Name, ...] = CONTROLS
    contrasts: tuple[Contrast, ...] = ()
