"""What OpenAI's strict mode, Anthropic, Gemini, llama.cpp, vLLM and Ollama all take in a JSON Schema."""

from typing import Any

import jsonschema

KEYWORDS = {
    "object": {"type", "properties", "required", "additionalProperties"},
    "array": {"type", "items"},
    "string": {"type", "enum"},
    "integer": {"type", "enum"},
}
DEEPEST = 5  # levels of nesting that OpenAI takes everywhere, Azure included


def require_portable(schema: dict[str, Any], depth: int = 1) -> None:
    """A schema, an object at its root, of keywords that every kind of endpoint enforces."""
    jsonschema.Draft202012Validator.check_schema(schema)
    if depth == 1:
        assert schema["type"] == "object"
    assert depth <= DEEPEST
    assert set(schema) <= KEYWORDS[schema["type"]], schema
    if schema["type"] == "object":
        assert schema["required"] == list(schema["properties"])
        assert schema["additionalProperties"] is False
        for part in schema["properties"].values():
            require_portable(part, depth + 1)
    if schema["type"] == "array":
        require_portable(schema["items"], depth + 1)
