"""The kinds of ensembles that a report distinguishes: how each is named, ranked and drawn."""

from dataclasses import dataclass

from primum.agents.studies.study import Study
from primum.agents.topologies.ensemble import Kind
from primum.agents.topologies.registry import GRAPHS


@dataclass(frozen=True, kw_only=True)
class EnsembleKind:
    """One kind of ensemble.

    Attributes:
        name: the key of the kind in the page's data.
        singular: what one ensemble of the kind is called.
        plural: what several are called.
        symbol: Plotly's name of its marker, which is also the class of its icon.
        colour: the name of its colour among the page's CSS variables.
        size: the size of its marker in pixels.
        is_team: whether its agents work together.
        ranked: whether it has a rank; an ensemble without one is a reference point.
        has_text: whether its answers are texts that a model or a person wrote.
        from_file: whether its answers come from a file, and their calls and cost are not known.
    """

    name: str
    singular: str
    plural: str
    symbol: str
    colour: str
    size: int = 10
    is_team: bool = False
    ranked: bool = True
    has_text: bool = True
    from_file: bool = False


TEAM = EnsembleKind(
    name=Kind.TEAM, singular="team", plural="teams", symbol="circle", colour="blue", is_team=True
)
SOLO = EnsembleKind(
    name=Kind.SOLO,
    singular="single model",
    plural="single models",
    symbol="diamond-open",
    colour="red",
)
CONTROL = EnsembleKind(
    name=Kind.CONTROL,
    singular=Kind.CONTROL.value,
    plural="controls",
    symbol="x-thin-open",
    colour="faint",
    size=8,
    ranked=False,
    has_text=False,
)
IMPORTED = EnsembleKind(
    name=Kind.IMPORTED,
    singular="file of answers",
    plural="files of answers",
    symbol="square-open",
    colour="green",
    from_file=True,
)
KINDS = {kind.name: kind for kind in (TEAM, SOLO, CONTROL, IMPORTED)}
"""By name, in the order of legends and of the sentence at the top of a report."""


def kind_of(graph: str) -> EnsembleKind:
    """The kind of the ensembles of a graph."""
    return KINDS[GRAPHS[graph].kind]


def unranked(study: Study) -> list[str]:
    """The names of a study's ensembles that have no rank."""
    return [spec.name for spec in study.ensembles if not kind_of(spec.graph).ranked]
