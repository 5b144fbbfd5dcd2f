"""Primum's own graphs: an extension that some test loads in this process adds others."""

from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.registry import GRAPHS


def built_in_graphs() -> list[type[EnsembleSpec]]:
    """The graphs of the package, in the registry's order."""
    return [graph for graph in GRAPHS if graph.__module__.startswith("primum.agents.topologies.")]


def built_in_names() -> list[str]:
    """Their names."""
    return [graph.graph_name() for graph in built_in_graphs()]
