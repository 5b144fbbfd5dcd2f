"""Why an endpoint will answer no call for long: a used-up quota, a limit of a day, a refused key.

Providers say so in many ways, and some with the words of a limit that passes within a minute: one
that says when to come back, and soon, is believed.
"""

import re
from enum import StrEnum

from primum.agents.models.endpoints.retry_after import LONGEST_WAIT_SECONDS, seconds_in_words

UNAUTHORIZED, PAYMENT_REQUIRED, FORBIDDEN, TOO_MANY, SERVER_ERROR = 401, 402, 403, 429, 500
QUOTA_CODE = re.compile(
    r"""insufficient_?(quota|balance|credits?|funds)|exceeded_current_quota|out_of_credits?|
    billing_(hard_limit_reached|not_active|error)|(credit|budget|spend\w*)_?(limit_)?exceeded|
    payment_required|account_(suspended|deactivated)""",
    re.IGNORECASE | re.VERBOSE,
)
QUOTA = re.compile(
    r"""exceeded\ your\ current\ quota|plan\ and\ billing|budget\ has\ been\ exceeded|
    payment\ required|insufficient[\ _](quota|balance|credit|fund)|
    (credits?|balance|quota)\ (is|are|has\ been|have\ been)\ (too\ low|not\ enough|insufficient|
    exhausted|depleted|exceeded|used\ up)|
    (out\ of|no\ more|not\ enough|no|all\ available)\ credits?\b|
    (spending|spend|usage|budget)\ (limit|cap)""",
    re.IGNORECASE | re.VERBOSE,
)
LONG_LIMIT = re.compile(
    r"per[-_ ]?(day|week|month)|\bdaily|\bweekly|\bmonthly|\b[RT]PD\b|(?-i:Per(Day|Week|Month))",
    re.IGNORECASE,
)
SHORT_LIMIT = re.compile(r"per[-_ ]?(second|minute)|\b[RT]P[MS]\b", re.IGNORECASE)


class Blocked(StrEnum):
    """Why an endpoint answers no call for long, as a clause about it."""

    QUOTA = "its quota or credit is used up"
    LIMIT = "its limit holds for hours"
    ACCESS = "it refuses the key or the access"


def blocked_by(status: int | None, codes: str, message: str, wait: float | None) -> Blocked | None:
    """Why an error says that no call will be answered for long; None if it does not.

    Args:
        status: of HTTP, or what the error's code would be as one; None if unknown.
        codes: codes, types and names of quotas in the error.
        message: its own words.
        wait: seconds after which the headers say that a call is welcome; None if they do not.
    """
    if wait is not None and wait > LONGEST_WAIT_SECONDS:
        return Blocked.LIMIT
    if status is not None and status >= SERVER_ERROR:
        return None
    if status == PAYMENT_REQUIRED or QUOTA_CODE.search(codes):
        return Blocked.QUOTA
    if status == TOO_MANY:
        return _by_limit(codes, message, wait)
    if QUOTA.search(message):
        return Blocked.QUOTA
    return Blocked.ACCESS if status in {UNAUTHORIZED, FORBIDDEN} else None


def _by_limit(codes: str, message: str, wait: float | None) -> Blocked | None:
    """What a 429 says about how long it holds."""
    if LONG_LIMIT.search(codes):
        return Blocked.LIMIT
    stated = wait if wait is not None else seconds_in_words(message)
    if stated is not None and stated > LONGEST_WAIT_SECONDS:
        return Blocked.LIMIT
    if stated is not None or SHORT_LIMIT.search(f"{codes} {message}"):
        return None
    if LONG_LIMIT.search(message):
        return Blocked.LIMIT
    return Blocked.QUOTA if QUOTA.search(message) else None
