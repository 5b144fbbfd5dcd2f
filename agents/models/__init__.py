"""Clients of models behind one method: direct, LiteLLM, LangChain; and what became of a call."""
