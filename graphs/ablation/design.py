"""Designs, which vary the models and settings of one graph, and ablation plans of designs."""

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, Field, model_validator

from primum.agents.specs.model import Access, FrozenRecord, Name
from primum.agents.specs.rule import Rule
from primum.agents.studies.study import Contrast
from primum.agents.topologies.registry import GRAPHS
from primum.agents.topologies.span import Span
from primum.agents.topologies.wiring import Aggregation
from primum.core.field_errors import field_error

Authors = Literal["anonymous", "named"]
VARIABLE = (
    *("rules", "aggregators", "samples", "rounds", "depths", "guardians", "critics"),
    *("aggregation", "authors", "shuffle", "orders"),
)
"""The lists of a design that only some graphs have."""
Control = Literal["nothing", "everything", "coin", "inaction", "key", "learned"]
CONTROLS = tuple(name for name in get_args(Control) if name != "learned")  # that needs an extra


def _listed(value: Any) -> Any:
    if isinstance(value, str) and value != "all":
        raise field_error("", "write a list of models, or all")
    return value


Names = Annotated[tuple[Name, ...], Field(strict=False)]
Pool = Annotated[Names | Literal["all"], BeforeValidator(_listed)]


class Design(FrozenRecord):
    """All ensembles of one graph in the product of the design's lists.

    Combinations that make no ensemble (such as 3 of 2 drafts) are left out.

    Attributes:
        graph: the name of the graph.
        of: the models that draft.
        sizes: numbers of models that draft; of a relay, the lengths of the chain.
        repeats: whether a model may have two seats of a team.
        orders: only the teams that occur in this number of random orders of joining, which suffice
            for sampled Shapley values.
        guardians: of a relay, the pool of the models after the first.
        critics: sets of critics; the empty set is no critic.
        aggregators: the models that give the final answer.
        aggregation: how they give it: synthesise, select.
        rules: the rules that give the final answer. Weights belong to the models in `of`, in order.
        samples: numbers of samples of self-consistency.
        rounds: numbers of rounds of a debate.
        depths: numbers of layers after the first, of the same models.
        authors: whether agents are told who wrote a draft.
        shuffle: seeds of the order of drafts; None is the order of the seats.
        families: any, or only teams of several families (mixed), or of one (same).
        access: if given, only teams with exactly these kinds of access; all seats count.
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
    """Which ensembles an ablation runs, and the comparisons that are registered beforehand.

    Attributes:
        name: the plan's name.
        panel: the name of a built-in panel, or a file relative to the plan's folder.
        designs: the designs.
        max_ensembles: the number of ensembles to draw, from the designs in turn; those that
            contrasts need are always included. None takes all.
        seed: of the draw.
        controls: the controls to run.
        contrasts: comparisons registered beforehand.
    """

    name: Name
    panel: str = "simulated"
    designs: Annotated[tuple[Design, ...], Field(min_length=1)]
    max_ensembles: Annotated[int, Field(ge=1)] | None = None
    seed: Annotated[int, Field(ge=0)] = 0
    controls: tuple[Control, ...] = CONTROLS
    contrasts: tuple[Contrast, ...] = ()
