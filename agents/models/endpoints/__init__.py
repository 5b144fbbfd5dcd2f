"""OpenAI-compatible endpoints: sessions, what is sent, and what any answer says."""
