"""The seam to the models: LiteLLM, LangChain and simulated clinicians behind one method."""
