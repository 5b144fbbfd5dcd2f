"""The time after which an endpoint wants to be asked again."""

import re
import time
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT_SECONDS = 3600.0  # a longer one is not waited for
SECONDS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 1e-3}
UNIT = r"(?:ms|milliseconds?|min(?:ute)?s?|sec(?:ond)?s?|hours?|days?|[dhms])(?![a-z])"
PART = re.compile(rf"(\d+(?:\.\d+)?)\s*({UNIT})", re.IGNORECASE)
IN_WORDS = re.compile(
    r"(?:again|retry|wait|reset\w*|available)(?: \w+)??(?: in| after| for)?:? "
    rf"((?:\d+(?:\.\d+)?\s*{UNIT}(?:[,\s]|and )*)+)",
    re.IGNORECASE,
)
# Names of limits' headers: of OpenAI and those like it, Anthropic, GitHub and OpenRouter.
RESET = re.compile(r"(?:x-|anthropic-)?ratelimit-(?:(.+)-)?reset(?:-(.+))?$", re.IGNORECASE)
EPOCH, EPOCH_MS = 1e9, 1e12  # a larger number is a date: in seconds, in milliseconds


def stated_seconds(headers: Mapping[str, str]) -> float | None:
    """Seconds of Retry-After (RFC 9110), by milliseconds, seconds or a date; None if not stated."""
    for name, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        try:
            seconds = unit * float(headers[name])
        except (KeyError, ValueError, TypeError):
            continue
        return max(0.0, seconds) if seconds == seconds else None  # not NaN  # noqa: PLR0124
    try:
        return max(0.0, parsedate_to_datetime(headers["retry-after"]).timestamp() - time.time())
    except (KeyError, ValueError, TypeError, OverflowError):
        return None


def longest_stated_seconds(headers: Mapping[str, str]) -> float | None:
    """Seconds until a rate limit is reset, by Retry-After and its kin or the limits' own headers.

    Of the limits with nothing remaining that is the last to be reset; limits of which no header
    says what remains count where Retry-After is not stated. None if no header says so.
    """
    stated = stated_seconds(headers)
    lower = {name.lower(): value for name, value in headers.items()}
    resets: dict[str, float] = {}
    for name, value in lower.items():
        found = RESET.fullmatch(name)
        seconds = seconds_of(value) if found else None
        if seconds is not None:
            resets[name] = seconds
    left = {name: lower.get(name.replace("reset", "remaining")) for name in resets}
    used_up = [resets[name] for name, remaining in left.items() if remaining in {"0", "0.0"}]
    unknown = [resets[name] for name, remaining in left.items() if remaining is None]
    known = used_up or unknown if stated is None else [stated, *used_up]
    return max(known, default=None)


def seconds_of(text: str) -> float | None:
    """Seconds of a duration such as 6m0s or 90, or until a date; None if it is neither."""
    text = text.strip()
    try:
        number = float(text)
    except ValueError:
        return _duration(text) if PART.match(text) else _until(text)
    if number != number or number < 0:  # NaN  # noqa: PLR0124
        return None
    if number > EPOCH:
        return max(0.0, number / (1e3 if number > EPOCH_MS else 1.0) - time.time())
    return number


def seconds_in_words(message: str) -> float | None:
    """Seconds of words such as "try again in 1h2m3s"; None where there are none."""
    found = IN_WORDS.search(message)
    return _duration(found[1]) if found else None


def _duration(text: str) -> float:
    return sum(float(number) * _unit(name.lower()) for number, name in PART.findall(text))


def _unit(name: str) -> float:
    return SECONDS["ms"] if name.startswith(("ms", "milli")) else SECONDS[name[0]]


def _until(text: str) -> float | None:
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return max(0.0, parse(text).timestamp() - time.time())
        except (ValueError, TypeError, OverflowError):
            continue
    return None
