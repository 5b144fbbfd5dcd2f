"""A design: which models sit in which seats of one graph, and what varies; a plan of designs."""

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, Field, model_validator

from primum.agents.specs.model import Access, FrozenRecord, Name, field_error
from primum.agents.specs.rule import Rule
from primum.agents.studies.study import Contrast
from primum.agents.topologies.registry import GRAPHS
from primum.agents.topologies.span import Span
from primum.agents.topologies.wiring import Aggregation

Authors = Literal["anonymous", "named"]
VARIABLE = (
    *("rules", "aggregators", "samples", "rounds", "depths", "guardians", "critics"),
    *("aggregation", "authors", "shuffle", "orders"),
)
"""The lists of a design that only some graphs take."""
Control = Literal["nothing", "everything", "coin", "inaction", "key", "learned"]
CONTROLS = tuple(name for name in get_args(Control) if name != "learned")  # that needs an extra


def _listed(value: Any) -> Any:
    if isinstance(value, str) and value != "all":
        raise field_error("", "write a list of models, or all")
    return value


Names = Annotated[tuple[Name, ...], Field(strict=False)]
Pool = Annotated[Names | Literal["all"], BeforeValidator(_listed)]


class Design(FrozenRecord):
    """Every ensemble of one graph that its lists span: the product of them all.

    `of` are the models that draft, `sizes` how many of them (of a relay, the whole chain, in every
    order; `guardians` takes those after the first from a pool of its own). `repeats` lets one model
    sit twice. `orders` keeps to the teams that come about when the models join one by one, in so
    many orders drawn at random: enough for sampled Shapley values. `critics` are sets of critics,
    of which the empty one is none; `depths` the layers after the first, of the same models. The
    weights of a rule are those of the models in `of`, in its order; a team has its members'.
    `families` and `access` keep the teams, all seats counted, that are of one family or of several,
    and have exactly these kinds of access. What makes no ensemble (three of two drafts, one draft
    to select from) is left out.
    """

    graph: str
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
    def _lists_name_each_once(self) -> Self:
        for field in type(self).model_fields:
            listed = getattr(self, field)
            if isinstance(listed, tuple) and len({*listed}) < len(listed):
                raise field_error(field, f"{field} lists something twice")
        return self

    @model_validator(mode="after")
    def _lists_fit_graph(self) -> Self:
        span = self.span
        for field in VARIABLE:
            given = getattr(self, field) != type(self).model_fields[field].default
            if field in span.needs and not given:
                raise field_error(field, f"a design of graph {self.graph} needs {field}")
            if given and field not in {*span.needs, *span.takes}:
                raise field_error(field, f"{field} is not for graph {self.graph}")
        if "select" in self.aggregation and not self.aggregators:
            raise field_error("aggregation", "only aggregators select, and there are none")
        if span.last_word and not any(getattr(self, field) for field in span.last_word):
            either = " or ".join(span.last_word)
            raise field_error(span.last_word[0], f"a {self.graph} needs {either}, to conclude it")
        return self

    @property
    def span(self) -> Span:
        """What the design may vary of its graph."""
        span = GRAPHS[self.graph].span if self.graph in GRAPHS else None
        if span is None:
            known = ", ".join(graph.graph_name() for graph in GRAPHS if graph.span)
            raise field_error("graph", f"no ablation spans a graph {self.graph}; there are {known}")
        return span

    @model_validator(mode="after")
    def _sizes_fit(self) -> Self:
        span, sizes = self.span, self.sizes
        if self.orders and (self.repeats or sizes):
            raise field_error("orders", "orders goes with neither repeats nor sizes")
        if min(sizes, default=span.fewest) < span.fewest:
            raise field_error("sizes", f"a {self.graph} takes {span.fewest} models or more")
        if span.most and max(sizes, default=1) > span.most:
            raise field_error("sizes", f"a {self.graph} takes {span.most} model at most")
        most = max(sizes, default=None)
        for index, rule in enumerate(self.rules):
            drafts = max(self.samples, default=most)
            if drafts and (rule.k or 0) > drafts:
                raise field_error(
                    f"rules.{index}.k", f"k is {rule.k}, and there are {drafts} drafts"
                )
            weighed = () if self.of == "all" or self.samples else self.of
            if rule.weights and len(rule.weights) != len(weighed):
                at = f"rules.{index}.weights"
                raise field_error(
                    at, "weights are those of the models that `of` lists, one for each"
                )
        return self


class AblationPlan(FrozenRecord):
    """Which ensembles an ablation runs, and which differences were announced beforehand.

    `panel` is a ready one's name or a file; its name begins at the folder that the plan is in.
    `limit` draws so many of the ensembles by `seed`, from each design as many as from any other
    while it has some; those that a contrast rests on stay.
    """

    name: Name
    panel: str = "simulated"
    designs: Annotated[tuple[Design, ...], Field(min_length=1)]
    limit: Annotated[int, Field(ge=1)] | None = None
    seed: Annotated[int, Field(ge=0)] = 0
    controls: tuple[Control, ...] = CONTROLS
    contrasts: tuple[Contrast, ...] = ()
