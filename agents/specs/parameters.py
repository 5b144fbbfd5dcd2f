"""Parameters of a model: what goes with each prompt, and what of it is refused."""

import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, JsonValue

from primum.core.field_errors import field_error
from primum.core.written_numbers import has_comma, how_to_write

NOT_PARAMETERS = frozenset(
    """api_base api_key api_type api_version base_url client context_window_fallbacks
    custom_llm_provider default_headers extra_headers fallbacks headers logger_fn max_retries
    messages metadata mock_response model n num_retries organization revision sample stream timeout
    trial""".split()
)
NEVER_WITHIN = frozenset({"api_key", "authorization", "extra_headers", "headers"})
SECRET = re.compile(r"secret|password|credential|access_?key|_key$|token(?!s)", re.IGNORECASE)
TOKENS = frozenset({"max_tokens", "max_completion_tokens"})  # limits of a reply
COUNTS = TOKENS | {"budget_tokens", "num_ctx"}
WHOLE = frozenset({"seed", "top_k", "num_predict", "min_tokens", "thinking_budget", "top_logprobs"})
NUMBERS = frozenset(
    """temperature top_p min_p typical_p frequency_penalty presence_penalty repetition_penalty
    repeat_penalty length_penalty""".split()
)
WORDS = frozenset({"reasoning_effort", "verbosity"})


def _parameters(params: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The parameters, which may hold mappings, such as `thinking` and its budget.

    Raises:
        PydanticCustomError: a name that would change who is asked, or be kept though secret; or a
            value that is no number where one is due.
    """
    for name, value in params.items():
        _check_name(name)
        if value is None:
            raise field_error(name, how_to_write(value))
        _check_value(name, name, value)
        for where, inner, found in _within(name, value):
            if inner.lower() in NEVER_WITHIN or SECRET.search(inner):
                raise field_error(where, f"{inner} is no parameter of a model; key_env is a field")
            if not isinstance(found, dict | list):
                _check_value(where, inner, found)
    return params


def _check_name(name: str) -> None:
    if name.lower() == "response_format":
        raise field_error(name, f"{name} is no parameter; write `replies: schema` or `auto`")
    if name.lower() in NOT_PARAMETERS or SECRET.search(name):
        raise field_error(
            name, f"{name} is no parameter of a model; key_env, api_base and timeout are fields"
        )


def _check_value(where: str, name: str, value: Any) -> None:
    """Check a value by its name.

    Raises:
        PydanticCustomError: it is of another kind than the name's.
    """
    number = isinstance(value, int | float) and not isinstance(value, bool)
    whole = number and isinstance(value, int)
    wanted = ""
    if name in COUNTS and not (whole and value > 0):
        wanted = "a whole number above 0"
    elif name in WHOLE and not whole:
        wanted = "a whole number"
    elif name in NUMBERS and not number:
        wanted = "a number"
    elif name in WORDS and isinstance(value, bool):
        raise field_error(
            where, "a word; YAML reads yes, no, on and off as truth: put it in quotes"
        )
    elif has_comma(value):
        raise field_error(where, how_to_write(value))
    if wanted:
        hint = how_to_write(value)
        raise field_error(where, f"{wanted}, not {value!r}{f'; {hint}' if hint else ''}")


def _within(where: str, value: JsonValue) -> Iterator[tuple[str, str, JsonValue]]:
    """Every entry of a value's mappings: its dotted path, its name and its value."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{where}.{name}", name, inner
            yield from _within(f"{where}.{name}", inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _within(f"{where}.{index}", inner)


Params = Annotated[dict[str, JsonValue], AfterValidator(_parameters)]
