"""A completion sent as server-sent events, though no stream was asked for."""

import json
import re
from collections.abc import Iterator
from typing import Any

DONE = "[DONE]"
TEXTS = ("content", "reasoning_content", "reasoning", "refusal")


def completion_of_stream(text: str) -> dict[str, Any] | None:
    """The completion of an event stream, or the error that it states; None if it is not whole.

    It is whole with a finish reason or the event [DONE].
    """
    whole: dict[str, Any] = {}
    choice: dict[str, Any] = {"finish_reason": None, "message": {}}
    done = False
    for data in _events(text):
        if data.strip() == DONE:
            done = True
            break
        try:
            chunk = json.loads(data)
        except ValueError:
            return None
        if not isinstance(chunk, dict):
            return None
        if chunk.get("error"):
            return chunk
        whole.update({k: v for k, v in chunk.items() if v is not None and k != "choices"})
        _add(choice, chunk.get("choices"))
    if not (done or choice["finish_reason"]):
        return None
    return {**whole, "choices": [choice]}


def _events(text: str) -> Iterator[str]:
    """The data of each event (WHATWG HTML, 9.2.6)."""
    lines: list[str] = []
    for line in [*re.split(r"\r\n|\n|\r", text), ""]:
        if line.startswith("data:"):
            lines.append(line[5:].removeprefix(" "))
        elif not line and lines:
            yield "\n".join(lines)
            lines = []


def _add(choice: dict[str, Any], choices: Any) -> None:
    """Add what a chunk says of the first choice."""
    first = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(first, dict) or first.get("index"):
        return
    message, delta = choice["message"], first.get("delta") or first.get("message")
    said = {k: v for k, v in first.items() if k not in {"delta", "message"}}
    choice.update({k: v for k, v in said.items() if v is not None})
    for name, piece in delta.items() if isinstance(delta, dict) else ():
        if isinstance(piece, str) and name in TEXTS:
            before = message.get(name, "")
            message[name] = before + piece if isinstance(before, str) else [*before, piece]
        elif isinstance(piece, list):
            before = message.get(name, [])
            message[name] = [*([before] if isinstance(before, str) else before), *piece]
