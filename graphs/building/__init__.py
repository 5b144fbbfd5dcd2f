"""From an ensemble's wiring to a compiled LangGraph graph."""
