"""Clients of models: LiteLLM, LangChain and simulated models behind one method."""
