"""What a message of a completion holds: its text, its thinking, a refusal, tool calls."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

THINKING = ("reasoning_content", "reasoning", "thinking", "thinking_blocks", "reasoning_details")
THINKING_PARTS = ("thinking", "reasoning", "redacted_thinking")
TEXT_KEYS = ("text", "thinking", "content", "summary", "reasoning")


class Found(NamedTuple):
    """The parts of a message; each is empty where there is none.

    Attributes:
        text: what it says.
        thinking: what is sent as thinking, apart from the text.
        refusal: a refusal, sent as such.
        tool_calls: the arguments of each tool call, as they came.
    """

    text: str
    thinking: str
    refusal: str
    tool_calls: tuple[str, ...]


def parts_of(message: Mapping[str, Any]) -> Found:
    """The parts of a message: `content` may be a text, a list of typed parts, or JSON."""
    text, thinking, refusal = _content(message.get("content"))
    beside = next((t for t in (_flat(message.get(name)) for name in THINKING) if t), "")
    return Found(
        text, beside or thinking, _flat(message.get("refusal")) or refusal, _arguments(message)
    )


def _content(content: Any) -> tuple[str, str, str]:
    """Text, thinking and refusal of a content."""
    if content is None or isinstance(content, str):
        return content or "", "", ""
    parts = content if isinstance(content, list) else [content]
    if not all(isinstance(part, str) or _is_typed(part) for part in parts):
        return json.dumps(content, ensure_ascii=False), "", ""  # an answer as JSON, not as text
    found = {"text": "", "thinking": "", "refusal": ""}
    for part in parts:
        kind = part.get("type") if isinstance(part, dict) else "text"
        name = "thinking" if kind in THINKING_PARTS else "refusal" if kind == "refusal" else "text"
        found[name] += _flat(part)
    return found["text"], found["thinking"], found["refusal"]


def _is_typed(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(part.get("type") or part.get("text"), str)


def _flat(value: Any) -> str:
    """The text within a part, a list of parts, or a text."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(_flat(one) for one in value)
    if isinstance(value, dict):
        return next((t for t in (_flat(value.get(k)) for k in (*TEXT_KEYS, "refusal")) if t), "")
    return ""


def _arguments(message: Mapping[str, Any]) -> tuple[str, ...]:
    calls = message.get("tool_calls")
    calls = [*calls] if isinstance(calls, list) else []
    functions = [call.get("function") for call in calls if isinstance(call, dict)]
    functions += [message["function_call"]] if message.get("function_call") else []
    given = [one.get("arguments") if isinstance(one, dict) else None for one in functions]
    return tuple(one if isinstance(one, str) else json.dumps(one) for one in given)


def answer_in(arguments: str) -> bool:
    """Whether the arguments of a tool call hold a structured answer: a list of objects.

    Others, such as the query of a search, are no answer.
    """
    try:
        value = json.loads(arguments)
    except (ValueError, RecursionError):
        return False
    values = value.values() if isinstance(value, dict) else (value,)
    return any(isinstance(v, list) and v and all(isinstance(o, dict) for o in v) for v in values)
