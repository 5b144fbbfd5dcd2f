"""A chat completion's JSON as a reply with its outcome."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import JsonValue

from primum.agents.models.client import Reply
from primum.agents.models.endpoints.failure import failed_reply, failure_of
from primum.agents.models.endpoints.messages import Found, answer_in, parts_of
from primum.agents.models.endpoints.redaction import Redact
from primum.agents.models.finish_reasons import TOOL_CALL, FinishRecord, finish_record
from primum.agents.models.outcomes import Outcome

MOST_CHARACTERS = 2_000_000  # of a reply, half a million tokens: more than any model writes
MOST_TOKENS = 2**31 - 1
NEARLY_ALL = 0.98  # of max_tokens: a reply without text that took so many was cut off
Params = Mapping[str, JsonValue]
Json = Mapping[str, Any]


class Usage(NamedTuple):
    """Tokens as reported; None if unknown. Thinking is part of the output.

    Providers differ in whether `cached_tokens` of the prompt are part of `input_tokens`.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None


class Verdict(NamedTuple):
    """What a choice comes to: the fields of a reply."""

    outcome: Outcome
    reason: str = ""
    text: str = ""
    retry_after: float | None = None


def read_completion(body: Json, params: Params, redact: Redact) -> Reply:
    """The reply for the body of an answer that HTTP calls a success.

    Args:
        body: of OpenAI's chat completions, or the error that came in place of one.
        params: of the call.
        redact: takes key and prompt out of an error's words.
    """
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    usage = usage_of(body.get("usage"))
    known = {
        "returned_model": _text(body.get("model")),
        "fingerprint": _text(body.get("system_fingerprint")),
        **usage._asdict(),
    }
    if not isinstance(choice, dict):
        failure = failure_of(body)
        if body.get("error") or (failure.message and "choices" not in body):
            return failed_reply(failure, redact).model_copy(update=known)
        return Reply(**known, **_failed("the response has no choices")._asdict())
    native, finish = _text(choice.get("native_finish_reason")), _text(choice.get("finish_reason"))
    known["finish_reason"] = native or finish
    message = choice.get("message")
    if choice.get("error"):
        return failed_reply(failure_of(choice), redact).model_copy(update=known)
    if not isinstance(message, dict) or not message:
        return Reply(**known, **_no_message(choice)._asdict())
    found = parts_of(message)
    verdict = _verdict(found, (native, finish), params, usage)
    return Reply(**known, thinking=found.thinking[:MOST_CHARACTERS], **verdict._asdict())


def usage_of(usage: Any) -> Usage:
    """The tokens of a completion; unknown where nothing above 0 is reported."""
    if not isinstance(usage, dict):
        return Usage()
    asked, said = (
        _count(usage.get(f"{name}_tokens", usage.get(f"{other}_tokens")))
        for name, other in (("prompt", "input"), ("completion", "output"))
    )
    named = ("completion_tokens_details", "output_token_details", "output_tokens_details")
    details = next((usage[name] for name in named if usage.get(name)), usage)
    details = details if isinstance(details, dict) else {}
    thought = _count(details.get("reasoning_tokens", details.get("reasoning")))
    return Usage(asked, said, thought, _cached(usage)) if asked or said else Usage()


def _cached(usage: Json) -> int | None:
    """Tokens of the prompt from a cache, as OpenAI or as Anthropic and Bedrock report them."""
    named = ("prompt_tokens_details", "input_token_details", "input_tokens_details")
    details: Json = next((usage[name] for name in named if isinstance(usage.get(name), dict)), {})
    own = ("cache_read_input_tokens", "cache_creation_input_tokens")
    found = [_count(details.get("cached_tokens")), *(_count(usage.get(name)) for name in own)]
    known = [count for count in found if count is not None]
    return sum(known) if known else None


def _no_message(choice: Json) -> Verdict:
    if isinstance(choice.get("text"), str):
        reason = "the endpoint completes texts; name its chat endpoint in api_base (often /v1)"
        return Verdict(Outcome.PROVIDER_ERROR, reason)
    return _failed("the response has no message")


def _verdict(
    found: Found, finishes: tuple[str | None, str | None], params: Params, usage: Usage
) -> Verdict:
    """What becomes of a message, by its parts and by why it ended.

    Args:
        found: the parts of the message.
        finishes: the finish reason as the provider and as the gateway before it sent it.
        params: of the call.
        usage: its tokens.
    """
    said = [(finish_record(raw), raw) for raw in finishes]
    record, raw = next(((one, raw) for one, raw in said if one.outcome is not Outcome.OK), said[0])
    text = found.text if found.text.strip() else "".join(filter(answer_in, found.tool_calls[:1]))
    if found.refusal:
        return Verdict(Outcome.REFUSAL, "the model refused", found.refusal)
    if len(text) > MOST_CHARACTERS:
        return Verdict(
            Outcome.PROVIDER_ERROR,
            f"the reply has {len(text):,} characters; {MOST_CHARACTERS:,} are read at most",
        )
    if record.outcome is not Outcome.OK and not (record.text_counts and text):
        return _ended(record, raw, text, _thought(found, usage))
    if text:
        return Verdict(Outcome.OK, "", text)
    if found.tool_calls:
        return _failed(TOOL_CALL.explained(raw))
    return _empty(_thought(found, usage), params, usage)


def _ended(record: FinishRecord, raw: str | None, text: str, thought: str) -> Verdict:
    """What becomes of a reply whose finish reason says that something is amiss."""
    reason = record.explained(raw)
    if record.outcome.is_transient:
        return Verdict(record.outcome, reason, "", 0.0)
    if record.outcome is Outcome.TRUNCATED and not text:
        reason = f"no text{thought}; {reason}"
    return Verdict(record.outcome, reason, text)


def _empty(thought: str, params: Params, usage: Usage) -> Verdict:
    """What becomes of a reply without text that the provider takes for whole."""
    limit = params.get("max_completion_tokens") or params.get("max_tokens")
    if isinstance(limit, int) and (usage.output_tokens or 0) >= NEARLY_ALL * limit:
        return Verdict(Outcome.TRUNCATED, f"no text{thought}; raise max_tokens")
    advice = "; raise max_tokens, or have it think less" if thought else ""
    return Verdict(Outcome.EMPTY, f"the reply is empty{thought}{advice}")


def _thought(found: Found, usage: Usage) -> str:
    """How much a reply thought, for a reason; empty if not at all."""
    if usage.reasoning_tokens:
        return f" after {usage.reasoning_tokens:,} tokens of thinking"
    return f" after {len(found.thinking):,} characters of thinking" if found.thinking else ""


def _failed(reason: str) -> Verdict:
    return Verdict(Outcome.PROVIDER_ERROR, reason, "", 0.0)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and 0 <= value <= MOST_TOKENS else None
