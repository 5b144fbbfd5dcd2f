"""The time after which an endpoint wants to be asked again."""

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

LONGEST_WAIT_SECONDS = 3600.0  # a longer one is not waited for


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
