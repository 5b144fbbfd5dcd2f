"""Why replies end: what a provider's finish reason says about a reply.

The reason as the provider sent it decides, not a library's mapping, which takes unknown ones for
"stop". A reason that is not understood leaves the decision to the text, and stays on record.
"""

import re
from collections import deque
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from primum.agents.models.outcomes import Outcome

LONGEST_SHOWN = 40
# As OpenAI, Gemini, Anthropic, Bedrock and Ollama name it.
FINISH = ("finish_reason", "finishReason", "stop_reason", "stopReason", "done_reason")
MOST_LOOKED_AT = 100  # parts of an answer in which a finish reason is looked for


class FinishRecord(NamedTuple):
    """Finish reasons that say the same.

    Attributes:
        outcome: of a reply that ended so; OK leaves it to the text.
        reason: what happened and what to change; {reason} is the provider's word.
        names: in lower case, with underscores.
        words: parts of an unlisted name which say the same.
        text_counts: whether a reply that has a text is an answer all the same.
    """

    outcome: Outcome
    reason: str
    names: frozenset[str]
    words: frozenset[str] = frozenset()
    text_counts: bool = False

    def explained(self, raw: str | None) -> str:
        """What happened and what to change, for a finish reason as the provider sent it."""
        shown = "".join(sign for sign in raw or "" if sign.isprintable())[:LONGEST_SHOWN]
        return self.reason.replace("{reason}", shown)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Of Anthropic, Cohere, Gemini, Hugging Face, Mistral, OpenAI and watsonx. What to make of tool
# calls depends on what they hold.
COMPLETE = FinishRecord(
    Outcome.OK,
    "",
    _set(
        """complete completed done end end_of_text end_of_turn end_turn endoftext eos eos_token
        finish finished function_call stop stop_sequence stop_str stop_token success tool_call
        tool_calls tool_use unspecified"""
    ),
    text_counts=True,
)
TOOL_CALL = FinishRecord(
    Outcome.PROVIDER_ERROR,
    "a tool call in place of text ({reason}), though no tool is offered: turn off tools and their "
    "parser at the endpoint",
    _set(
        """malformed_function_call malformed_tool_use missing_thought_signature pause_turn
        too_many_tool_calls unexpected_tool_call"""
    ),
    _set("function tool tools"),
)
CUT_OFF = FinishRecord(
    Outcome.TRUNCATED,
    "cut off at its token limit: raise max_tokens",
    _set(
        """incomplete length limit max_completion_tokens max_length max_new_tokens
        max_output_tokens max_tokens token_limit"""
    ),
    _set("incomplete length limit max truncated"),
)
# In the order in which the words of an unlisted reason are looked for.
RECORDS = (
    FinishRecord(
        Outcome.FILTERED,
        "content filter of the provider ({reason})",
        _set(
            """blocklist content_filter content_filtered error_toxic escalation
            guardrail_intervened image_prohibited_content image_recitation image_safety
            prohibited_content recitation safety sensitive spii"""
        ),
        _set(
            """blocked blocklist filter filtered flagged guardrail guardrails moderated moderation
            policy prohibited recitation safety sensitive toxic violation"""
        ),
    ),
    FinishRecord(  # Gemini blocks for these without saying more; others use the words freely
        Outcome.FILTERED,
        "the provider withheld the reply ({reason})",
        _set("image_other language no_image other"),
        text_counts=True,
    ),
    FinishRecord(
        Outcome.REFUSAL, "the model refused", _set("refusal"), _set("declined refusal refused")
    ),
    TOOL_CALL,
    FinishRecord(
        Outcome.PROVIDER_ERROR,
        "the provider stopped the reply at a time limit of its own ({reason})",
        _set("time_limit timeout"),
        _set("deadline time timeout"),
    ),
    FinishRecord(
        Outcome.PROVIDER_ERROR,
        "the provider failed in the middle of the reply ({reason})",
        _set(
            """abort cancelled error insufficient_system_resource load malformed_model_output
            malformed_response network_error not_finished overload unload"""
        ),
        _set(
            """abort aborted busy canceled cancelled connection crash crashed disconnect
            disconnected err error exception exhausted fail failed failure insufficient internal
            interrupted killed malformed network overload overloaded preempted quota rate resource
            resources server unavailable upstream"""
        ),
    ),
    FinishRecord(
        Outcome.TRUNCATED,
        "the server stopped the reply because it repeats itself",
        _set("repetition"),
        _set("loop repeated repetition"),
    ),
    FinishRecord(
        Outcome.TRUNCATED,
        "cut off where the model's context ends ({reason}): give it a larger one at the server",
        _set("compaction model_context_window_exceeded model_length"),
        _set("context window"),
    ),
    CUT_OFF,
)
BY_NAME = {name: record for record in (COMPLETE, *RECORDS) for name in record.names}


@lru_cache(256)
def finish_record(raw: str | None) -> FinishRecord:
    """What a finish reason says; COMPLETE where there is none, or none that is understood."""
    # Providers write MAX_TOKENS, FinishReason.MAX_TOKENS, FINISH_REASON_SAFETY, maxTokens.
    name = re.sub(r"([a-z])([A-Z])", r"\1_\2", (raw or "").rpartition(".")[2])
    name = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_").removeprefix("finish_reason_")
    words = set(name.split("_"))
    by_words = (record for record in RECORDS if record.words & words)
    return BY_NAME.get(name) or next(by_words, COMPLETE)


def finish_reason_in(body: Mapping[str, Any]) -> str | None:
    """The first finish reason in a provider's answer, the outermost first; None without one."""
    parts: deque[Any] = deque([body])
    for _ in range(MOST_LOOKED_AT):
        if not parts:
            break
        part = parts.popleft()
        if isinstance(part, dict):
            found = next((part[name] for name in FINISH if isinstance(part.get(name), str)), None)
            if found:
                return str(found)
            parts += part.values()
        elif isinstance(part, list):
            parts += part[:1]
    return None
