"""All graphs by name, and ensembles of any of them as fields of other records."""

import json
from typing import Annotated, Any

from pydantic import BeforeValidator, SerializeAsAny, ValidationInfo

from primum.agents.topologies.control import Control
from primum.agents.topologies.debate import Debate
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.imported import Imported
from primum.agents.topologies.layers import Layers
from primum.agents.topologies.panel import PanelOfAgents
from primum.agents.topologies.relay import Relay
from primum.agents.topologies.self_consistency import SelfConsistency
from primum.agents.topologies.solo import Solo
from primum.agents.topologies.vote import Vote
from primum.core.field_errors import field_error
from primum.core.registry import Registry

GRAPHS: Registry[type[EnsembleSpec]] = Registry(
    "graph",
    (Solo, SelfConsistency, Vote, PanelOfAgents, Layers, Relay, Debate, Control, Imported),
    key=lambda graph: graph.graph_name(),
)


def ensemble_of(**fields: Any) -> EnsembleSpec:
    """An ensemble of the graph that `graph` names, from its fields.

    Raises:
        UsageError: no such graph.
        ValidationError: fields that do not fit it.
    """
    return GRAPHS[str(fields.get("graph"))].model_validate(fields)


def _as_its_graph(value: Any, info: ValidationInfo) -> Any:
    """A mapping as an ensemble of its graph; what is an ensemble already stays."""
    if not isinstance(value, dict):
        return value
    name = str(value.get("graph", ""))
    if name not in GRAPHS:
        known = ", ".join(GRAPHS.names)
        wrong = f"there is no graph {name}" if name else "which graph?"
        raise field_error("graph", f"{wrong}; there are {known}")
    if info.mode == "json":
        return GRAPHS[name].model_validate_json(json.dumps(value))
    return GRAPHS[name].model_validate(value)


AnyEnsemble = Annotated[SerializeAsAny[EnsembleSpec], BeforeValidator(_as_its_graph)]
"""An ensemble of any graph, as a field of a record: `graph` says which fields it has."""
