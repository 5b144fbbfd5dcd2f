"""Answers as providers, gateways and servers send them, and what is right to make of each."""

import json
from typing import Any, NamedTuple

from primum.agents.models.outcomes import Outcome

O = Outcome  # noqa: E741


class Sent(NamedTuple):
    """An answer over HTTP, and what it should be read as.

    Attributes:
        outcome: the right one.
        body: JSON, or bytes as they are.
        passes: whether the call is to be sent again.
        status: of HTTP.
        headers: of HTTP.
        thinking: that is to be found apart from the text.
        says: part of the reason.
        params: of the call.
    """

    outcome: Outcome
    body: Any
    passes: bool = False
    status: int = 200
    headers: dict[str, str] = {}  # noqa: RUF012
    thinking: str = ""
    says: str = ""
    params: dict[str, Any] = {}  # noqa: RUF012

    @property
    def raw(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


FINE = "fine"
ROWS = '{"grades": [{"Option": 1, "GradeAI": "Appropriate"}]}'
TEXT = [{"type": "text", "text": "fi"}, {"type": "text", "text": "ne"}]
THOUGHT = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}


def chat(content: Any = FINE, finish: Any = "stop", **more: Any) -> dict[str, Any]:
    """A chat completion; `choice`, `usage` and other arguments go where they belong."""
    choice = more.pop("choice", {})
    usage = {"prompt_tokens": 300, "completion_tokens": 200, "total_tokens": 500}
    usage |= more.pop("usage", {})
    message = {"role": "assistant", "content": content, **more}
    choices = [{"index": 0, "finish_reason": finish, "message": message, **choice}]
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "served", "choices": choices, "usage": usage}  # fmt: skip


def call(arguments: str) -> list[dict[str, Any]]:
    return [{"id": "t", "type": "function", "function": {"name": "f", "arguments": arguments}}]


def error(code: Any, message: str = "upstream failed", **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, **more}}


def events(*chunks: Any, end: str = "data: [DONE]\n\n") -> bytes:
    return ("".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + end).encode()


def delta(finish: str | None = None, **said: Any) -> dict[str, Any]:
    choices = [{"index": 0, "delta": said, "finish_reason": finish}]
    return {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices}  # fmt: skip


STREAM = {"Content-Type": "text/event-stream"}
HTML = {"Content-Type": "text/html"}
PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>x</body></html>"
BOTH = json.dumps(chat()).encode()

# What an OpenAI-compatible endpoint may send, whichever client asks.
ENDPOINT = {
    "whole": Sent(O.OK, chat()),
    "finish empty": Sent(O.OK, chat(finish="")),
    "finish null": Sent(O.OK, chat(finish=None)),
    "finish unknown": Sent(O.OK, chat(finish="eot_reached")),
    "finish end_turn": Sent(O.OK, chat(finish="end_turn")),
    "length": Sent(O.TRUNCATED, chat(finish="length"), says="max_tokens"),
    "max_tokens": Sent(O.TRUNCATED, chat(finish="max_tokens")),
    "MAX_TOKENS": Sent(O.TRUNCATED, chat(finish="MAX_TOKENS")),
    "max_output_tokens": Sent(O.TRUNCATED, chat(finish="max_output_tokens")),
    "model_length": Sent(O.TRUNCATED, chat(finish="model_length"), says="context"),
    "context exceeded": Sent(O.TRUNCATED, chat(finish="model_context_window_exceeded"), says="context"),
    "native length": Sent(O.TRUNCATED, chat(choice={"native_finish_reason": "MAX_TOKENS"})),
    "error": Sent(O.PROVIDER_ERROR, chat(finish="error"), passes=True, says="(error)"),
    "error of the choice": Sent(O.PROVIDER_ERROR, chat("half", choice=error(502)), passes=True, says="502"),
    "refused choice": Sent(O.PROVIDER_ERROR, chat("half", choice=error(400)), says="400"),
    "network_error": Sent(O.PROVIDER_ERROR, chat("half", "network_error"), passes=True),
    "abort": Sent(O.PROVIDER_ERROR, chat("half", "abort"), passes=True),
    "overloaded": Sent(O.PROVIDER_ERROR, chat("half", "engine_overloaded"), passes=True),
    "no resource": Sent(O.PROVIDER_ERROR, chat("half", "insufficient_system_resource"), passes=True),
    "content_filter": Sent(O.FILTERED, chat(None, "content_filter")),
    "filter with text": Sent(O.FILTERED, chat("half", "content_filter")),
    "SAFETY": Sent(O.FILTERED, chat(None, "SAFETY")),
    "RECITATION": Sent(O.FILTERED, chat(None, "RECITATION")),
    "PROHIBITED": Sent(O.FILTERED, chat(None, "PROHIBITED_CONTENT")),
    "SPII": Sent(O.FILTERED, chat(None, "SPII")),
    "guardrail": Sent(O.FILTERED, chat("Sorry.", "guardrail_intervened")),
    "sensitive": Sent(O.FILTERED, chat("", "sensitive")),
    "other without text": Sent(O.FILTERED, chat("", "OTHER")),
    "other with text": Sent(O.OK, chat(finish="other")),
    "refusal field": Sent(O.REFUSAL, chat(None, refusal="I will not.")),
    "refusal finish": Sent(O.REFUSAL, chat("I will not.", "refusal")),
    "refusal native": Sent(O.REFUSAL, chat("", "content_filter", choice={"native_finish_reason": "refusal"})),
    "refusal part": Sent(O.REFUSAL, chat([{"type": "refusal", "refusal": "I will not."}])),
    "malformed call": Sent(O.PROVIDER_ERROR, chat(None, "MALFORMED_FUNCTION_CALL"), passes=True, says="tool"),
    "empty call": Sent(O.PROVIDER_ERROR, chat(None, "tool_calls", tool_calls=call("{}")), passes=True, says="tool"),
    "search call": Sent(O.PROVIDER_ERROR, chat(None, "tool_calls", tool_calls=call('{"query": "ferritin"}')), passes=True),
    "answer in a call": Sent(O.OK, chat(None, "tool_calls", tool_calls=call(ROWS))),
    "call beside text": Sent(O.OK, chat(finish="tool_calls", tool_calls=call("{}"))),
    "parts": Sent(O.OK, chat([THOUGHT, *TEXT]), thinking="Hm."),
    "parts as texts": Sent(O.OK, chat(["fi", "ne"])),
    "thinking part alone": Sent(O.EMPTY, chat([THOUGHT]), thinking="Hm.", says="thinking"),
    "reasoning_content": Sent(O.OK, chat(reasoning_content="Hm."), thinking="Hm."),
    "reasoning": Sent(O.OK, chat(reasoning="Hm.", reasoning_details=[{"type": "reasoning.text", "text": "Hm."}]), thinking="Hm."),
    "thinking blocks": Sent(O.OK, chat(thinking_blocks=[{"type": "thinking", "thinking": "Hm."}]), thinking="Hm."),
    "empty": Sent(O.EMPTY, chat(" \n")),
    "thought all": Sent(
        O.TRUNCATED,
        chat("", "length", usage={"completion_tokens_details": {"reasoning_tokens": 199}}),
        says="no text after 199 tokens of thinking; cut off at its token limit: raise max_tokens",
    ),
    "thought all, stop": Sent(
        O.TRUNCATED, chat("", reasoning_content="Hm."), thinking="Hm.", params={"max_tokens": 200},
        says="raise max_tokens",
    ),
    "thought much, stop": Sent(
        O.EMPTY, chat("", usage={"completion_tokens_details": {"reasoning_tokens": 180}}),
        says="180 tokens of thinking; raise max_tokens",
    ),
    "no usage": Sent(O.OK, {k: v for k, v in chat().items() if k != "usage"}),
    "200 with 502": Sent(O.PROVIDER_ERROR, error(502), passes=True, says="502"),
    "200 with '503'": Sent(O.PROVIDER_ERROR, error("503"), passes=True),
    "200 with 529": Sent(O.PROVIDER_ERROR, error(529), passes=True),
    "200 with 429": Sent(O.PROVIDER_ERROR, error(429), passes=True),
    "200 with words": Sent(O.PROVIDER_ERROR, error("rate_limit_exceeded"), passes=True, says="429"),
    "200 with 400": Sent(O.PROVIDER_ERROR, error(400, "Bad model id"), says="Bad model id"),
    "200 with a type": Sent(O.PROVIDER_ERROR, error(None, type="invalid_request_error")),
    "200 with a list": Sent(O.PROVIDER_ERROR, [error(400)]),
    "200 with vLLM's": Sent(O.PROVIDER_ERROR, {"object": "error", "message": "no", "code": 400}),
    "200 with a filter": Sent(O.FILTERED, error("content_filter")),
    "200 with a text": Sent(O.PROVIDER_ERROR, {"error": "model is loading"}, passes=True, says="loading"),
    "choices null": Sent(O.PROVIDER_ERROR, {"id": None, "choices": None, "model": None, "usage": None}, passes=True),
    "choices empty": Sent(O.PROVIDER_ERROR, {**chat(), "choices": []}, passes=True),
    "message null": Sent(O.PROVIDER_ERROR, chat(choice={"message": None}), passes=True),
    "message empty": Sent(O.PROVIDER_ERROR, chat(choice={"message": {}}), passes=True),
    "choice text": Sent(O.PROVIDER_ERROR, {**chat(), "choices": [{"index": 0, "text": FINE, "finish_reason": "stop"}]}, says="api_base"),
    "no object": Sent(O.PROVIDER_ERROR, {}, passes=True),
    "a number": Sent(O.PROVIDER_ERROR, b"12"),
    "empty body": Sent(O.PROVIDER_ERROR, b"", passes=True, says="empty body"),
    "blank body": Sent(O.PROVIDER_ERROR, b"\n\n", passes=True),
    "HTML": Sent(O.PROVIDER_ERROR, PAGE, headers=HTML, says="HTML"),
    "plain words": Sent(O.PROVIDER_ERROR, b"Hello!", says="api_base"),
    "half a body": Sent(O.PROVIDER_ERROR, BOTH[:-40], passes=True),
    "comments before": Sent(O.OK, b": PROCESSING\n\n: PROCESSING\n\n" + BOTH),
    "blank lines before": Sent(O.OK, b"\n\n  \n" + BOTH),
    "BOM": Sent(O.OK, b"\xef\xbb\xbf" + BOTH),
    "Latin-1": Sent(
        O.OK, json.dumps(chat(model_note="Ménière"), ensure_ascii=False).encode("latin-1"),
        headers={"Content-Type": "application/json; charset=iso-8859-1"},
    ),
    "events": Sent(
        O.OK, events(delta(role="assistant", content="", reasoning="Hm."), delta(content="fi"), delta("stop", content="ne")),
        headers=STREAM, thinking="Hm.",
    ),
    "events without [DONE]": Sent(O.OK, events(delta(content=FINE), delta("stop"), end=""), headers=STREAM),
    "events that end early": Sent(O.PROVIDER_ERROR, events(delta(content="fi"), end=""), passes=True, headers=STREAM),
    "events cut off": Sent(O.TRUNCATED, events(delta(content="fi"), delta("length")), headers=STREAM),
    "an error event": Sent(O.PROVIDER_ERROR, events(delta(content="fi"), error(502)), passes=True, headers=STREAM),
    "400": Sent(O.PROVIDER_ERROR, error(400, "temperature"), status=400, says="temperature"),
    "401": Sent(O.PROVIDER_ERROR, error(401), status=401),
    "402": Sent(O.PROVIDER_ERROR, error(402), status=402),
    "403 HTML": Sent(O.PROVIDER_ERROR, PAGE, status=403, headers=HTML, says="a page of HTML: Sign in"),
    "404": Sent(O.PROVIDER_ERROR, b"404: Not Found", status=404, says="api_base"),
    "408": Sent(O.PROVIDER_ERROR, error(408), passes=True, status=408),
    "422": Sent(O.PROVIDER_ERROR, {"detail": [{"msg": "no such field"}]}, status=422, says="no such field"),
    "429": Sent(O.PROVIDER_ERROR, error(429), passes=True, status=429),
    "500": Sent(O.PROVIDER_ERROR, error(500), passes=True, status=500),
    "501": Sent(O.PROVIDER_ERROR, error(501), status=501),
    "504": Sent(O.PROVIDER_ERROR, b"upstream timeout", passes=True, status=504),
    "520": Sent(O.PROVIDER_ERROR, PAGE, passes=True, status=520, headers=HTML),
    "529": Sent(O.PROVIDER_ERROR, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, passes=True, status=529, says="Overloaded"),
    "Azure's filter": Sent(
        O.FILTERED, error("content_filter", "stopped", innererror={"code": "ResponsibleAIPolicyViolation"}), status=400
    ),
    "a proxy's filter": Sent(
        O.FILTERED, error("400", "litellm.BadRequestError: litellm.ContentPolicyViolationError: AzureException - stopped"), status=400
    ),
    "OpenAI's policy": Sent(O.FILTERED, error("content_policy_violation", "our safety system"), status=400),
    "OpenRouter's moderation": Sent(O.FILTERED, error(403, "flagged", metadata={"reasons": ["x"], "flagged_input": "..."}), status=403),
    "Alibaba's inspection": Sent(O.FILTERED, error("data_inspection_failed"), status=400),
}  # fmt: skip


def ollama(field: str, content: Any, done: str) -> dict[str, Any]:
    said = {field: content if field == "response" else {"role": "assistant", "content": content}}
    return {"model": "m", "created_at": "2025-01-01T00:00:00Z", "done": True, "done_reason": done, "prompt_eval_count": 30, "eval_count": 10, **said}  # fmt: skip


def gemini(finish: str, *texts: str) -> dict[str, Any]:
    content = {"role": "model", "parts": [{"text": text} for text in texts]}
    usage = {"promptTokenCount": 6, "candidatesTokenCount": 4, "totalTokenCount": 10}
    return {"candidates": [{"content": content, "finishReason": finish, "index": 0}], "usageMetadata": usage, "modelVersion": "g"}  # fmt: skip


def claude(stop: str, *content: dict[str, Any]) -> dict[str, Any]:
    return {"id": "m", "type": "message", "role": "assistant", "model": "c", "content": list(content), "stop_reason": stop, "usage": {"input_tokens": 10, "output_tokens": 5}}  # fmt: skip


SAID = {"type": "text", "text": FINE}
NO_PARTS = {"candidates": [{"content": {"role": "model"}, "finishReason": "MAX_TOKENS", "index": 0}], "usageMetadata": {"promptTokenCount": 6, "totalTokenCount": 22, "thoughtsTokenCount": 16}, "modelVersion": "g"}  # fmt: skip
BLOCKED = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {"promptTokenCount": 6, "totalTokenCount": 6}}  # fmt: skip
OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}

# What other providers send, through LiteLLM.
PROVIDERS = {
    ("ollama/m", "whole"): Sent(O.OK, ollama("response", FINE, "stop")),
    ("ollama/m", "length"): Sent(O.TRUNCATED, ollama("response", "half", "length")),
    ("ollama/m", "thinking"): Sent(O.OK, ollama("response", "<think>Hm.</think>fine", "stop"), thinking="Hm."),
    ("ollama/m", "load"): Sent(O.PROVIDER_ERROR, ollama("response", "", "load"), passes=True),
    ("ollama/m", "no model"): Sent(O.PROVIDER_ERROR, {"error": "model 'm' not found"}, status=404, says="not found"),
    ("ollama_chat/m", "whole"): Sent(O.OK, ollama("message", FINE, "stop")),
    ("ollama_chat/m", "length"): Sent(O.TRUNCATED, ollama("message", "half", "length")),
    ("gemini/gemini-2.5-flash", "whole"): Sent(O.OK, gemini("STOP", FINE)),
    ("gemini/gemini-2.5-flash", "no parts"): Sent(O.TRUNCATED, NO_PARTS, says="16 tokens of thinking"),
    ("gemini/gemini-2.5-flash", "cut"): Sent(O.TRUNCATED, gemini("MAX_TOKENS", "half")),
    ("gemini/gemini-2.5-flash", "safety"): Sent(O.FILTERED, gemini("SAFETY")),
    ("gemini/gemini-2.5-flash", "blocked"): Sent(O.FILTERED, BLOCKED),
    ("gemini/gemini-2.5-flash", "malformed"): Sent(O.PROVIDER_ERROR, gemini("MALFORMED_FUNCTION_CALL"), passes=True),
    ("gemini/gemini-2.5-flash", "503"): Sent(O.PROVIDER_ERROR, error(503, status="UNAVAILABLE"), passes=True, status=503),
    ("anthropic/claude-sonnet-4-5", "whole"): Sent(O.OK, claude("end_turn", SAID)),
    ("anthropic/claude-sonnet-4-5", "thinking"): Sent(
        O.OK, claude("end_turn", {"type": "thinking", "thinking": "Hm.", "signature": "s"}, SAID), thinking="Hm."
    ),
    ("anthropic/claude-sonnet-4-5", "refusal"): Sent(O.REFUSAL, claude("refusal")),
    ("anthropic/claude-sonnet-4-5", "cut"): Sent(O.TRUNCATED, claude("max_tokens", SAID)),
    ("anthropic/claude-sonnet-4-5", "context"): Sent(
        O.TRUNCATED, claude("model_context_window_exceeded", SAID), says="context"
    ),
    ("anthropic/claude-sonnet-4-5", "529"): Sent(O.PROVIDER_ERROR, OVERLOADED, passes=True, status=529),
    ("mistral/magistral-small-latest", "parts"): Sent(O.OK, chat([THOUGHT, *TEXT]), thinking="Hm."),
    ("mistral/magistral-small-latest", "model_length"): Sent(O.TRUNCATED, chat("half", "model_length")),
    ("deepseek/deepseek-reasoner", "thinking"): Sent(O.OK, chat(reasoning_content="Hm."), thinking="Hm."),
    ("deepseek/deepseek-reasoner", "resource"): Sent(
        O.PROVIDER_ERROR, chat("half", "insufficient_system_resource"), passes=True
    ),
    ("openrouter/a/b", "error"): Sent(O.PROVIDER_ERROR, chat("half", "error", choice=error(502)), passes=True),
    ("openrouter/a/b", "200 with 502"): Sent(O.PROVIDER_ERROR, error(502), passes=True),
    ("azure/dep", "whole"): Sent(O.OK, chat()),
    ("azure/dep", "filter"): Sent(
        O.FILTERED, error("content_filter", "stopped", innererror={"code": "ResponsibleAIPolicyViolation"}), status=400
    ),
    ("azure/dep", "cut"): Sent(O.TRUNCATED, chat("half", "length")),
    ("azure/dep", "error"): Sent(O.PROVIDER_ERROR, chat("half", "error"), passes=True),
    ("cohere_chat/command-r", "503"): Sent(O.PROVIDER_ERROR, error(503), passes=True, status=503),
}  # fmt: skip
