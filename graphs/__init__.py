"""How agents work together: one LangGraph builder per graph, and the runner."""
