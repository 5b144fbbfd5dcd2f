"""Compiles the wiring of an ensemble to a LangGraph graph."""
