"""Reads a provider's response as a reply with its outcome."""

from typing import Any

from primum.agents.models.client import Reply
from primum.agents.models.outcomes import Outcome

MOST_CHARACTERS = 2_000_000  # of a reply, half a million tokens: more than any model writes
MOST_TOKENS = 2**31 - 1


def read_response(response: Any) -> Reply:
    """The reply for a response of LiteLLM's."""
    usage = getattr(response, "usage", None)
    asked, said = (
        _count(getattr(usage, name, None)) for name in ("prompt_tokens", "completion_tokens")
    )
    common: dict[str, Any] = {
        "returned_model": _text(getattr(response, "model", None)),
        "fingerprint": _text(getattr(response, "system_fingerprint", None)),
        # LiteLLM reports 0 where a server reports nothing.
        **({"input_tokens": asked, "output_tokens": said} if asked or said else {}),
    }
    if not response.choices:
        return Reply(outcome=Outcome.PROVIDER_ERROR, reason="the response has no choices", **common)
    choice = response.choices[0]
    text = choice.message.content or ""
    fields = choice.message.provider_specific_fields or {}
    refusal = getattr(choice.message, "refusal", None) or fields.get("refusal")
    outcome, reason = _outcome(choice.finish_reason, text, refusal)
    if outcome is Outcome.REFUSAL:
        text = str(refusal)
    if outcome in {Outcome.PROVIDER_ERROR, Outcome.EMPTY}:
        text = ""
    finish = _text(choice.finish_reason)
    return Reply(outcome=outcome, text=text, reason=reason, finish_reason=finish, **common)


def _outcome(finish: str | None, text: str, refusal: object) -> tuple[Outcome, str]:
    found = (
        (bool(refusal), Outcome.REFUSAL, "the model refused"),
        (finish == "content_filter", Outcome.FILTERED, "content filter"),
        (
            len(text) > MOST_CHARACTERS,
            Outcome.PROVIDER_ERROR,
            f"the reply has {len(text):,} characters; {MOST_CHARACTERS:,} are read at most",
        ),
        (finish == "length", Outcome.TRUNCATED, "cut off at its token limit"),
        (not text.strip(), Outcome.EMPTY, "the reply is empty"),
    )
    return next(((outcome, reason) for so, outcome, reason in found if so), (Outcome.OK, ""))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and 0 <= value <= MOST_TOKENS else None
