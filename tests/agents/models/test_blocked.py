"""agents/models/endpoints/blocked.py and retry_after.py: what passes soon, and what does not."""

import json
import time
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any

import pytest

from primum.agents.models.client import Reply
from primum.agents.models.endpoints.answer import Answer, read_answer
from primum.agents.models.endpoints.blocked import Blocked
from primum.agents.models.endpoints.redaction import redactor
from primum.agents.models.endpoints.retry_after import seconds_in_words, seconds_of
from primum.agents.models.outcomes import Outcome

PLAN_AND_BILLING = (
    "You exceeded your current quota, please check your plan and billing details. "
    "* Quota exceeded for metric: generate_content_free_tier_requests, limit: 50"
)
TOKENS_PER_DAY = (
    "Rate limit reached for model `llama` on tokens per day (TPD): Limit 100000, Used 99990, "
    "Requested 500. Please try again in {}."
)


def answered(status: int, error: Any, headers: Mapping[str, str]) -> Reply:
    body = error if isinstance(error, str) else json.dumps({"error": error})
    return read_answer(Answer(status, headers, body.encode()), {}, redactor("", []))


def said(message: str, code: object = None, **more: Any) -> dict[str, Any]:
    return {"message": message, "type": "error", "code": code, **more}


def google(message: str, quota: str) -> dict[str, Any]:
    failure = {"@type": "type.googleapis.com/google.rpc.QuotaFailure"}
    details = [{**failure, "violations": [{"quotaId": quota}]}, {"retryDelay": "27s"}]
    return {"code": 429, "message": message, "status": "RESOURCE_EXHAUSTED", "details": details}


@pytest.mark.parametrize(
    ("status", "error", "headers", "blocked"),
    [
        (429, said("nothing is left", "insufficient_quota"), {}, Blocked.QUOTA),
        (429, said("nothing is left", "insufficient_quota"), {"retry-after": "1"}, Blocked.QUOTA),
        (429, {"type": "exceeded_current_quota_error", "message": "suspended"}, {}, Blocked.QUOTA),
        (429, said(PLAN_AND_BILLING), {}, Blocked.QUOTA),
        (402, said("This request requires more credits"), {}, Blocked.QUOTA),
        (402, "Insufficient Balance", {}, Blocked.QUOTA),
        (400, said("Your credit balance is too low to access the API"), {}, Blocked.QUOTA),
        (403, said("Your team has used all available credits"), {}, Blocked.QUOTA),
        (412, said("suspended: the monthly spending limit is reached"), {}, Blocked.QUOTA),
        (200, said("nothing is left", "insufficient_quota"), {}, Blocked.QUOTA),
        (429, said("too many"), {"retry-after": "43200"}, Blocked.LIMIT),
        (503, said("maintenance"), {"retry-after": "43200"}, Blocked.LIMIT),
        (429, said("too many"), {"x-ratelimit-reset-requests": "11h59m56.3s"}, Blocked.LIMIT),
        (429, said("too many"), {"X-RateLimit-Reset": str(time.time() + 9e4)}, Blocked.LIMIT),
        (429, said("too many"), {"X-RateLimit-Reset": f"{1e3 * time.time() + 9e7:.0f}"}, Blocked.LIMIT),
        (
            429,
            said("too many"),
            {"anthropic-ratelimit-requests-reset": "2999-01-01T00:00:00Z"},
            Blocked.LIMIT,
        ),
        (
            429,
            said("too many"),
            {
                "retry-after": "2",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "7h12m0s",
            },
            Blocked.LIMIT,
        ),
        (429, said("Rate limit exceeded: free-models-per-day. Add 10 credits", 429), {}, Blocked.LIMIT),
        (429, google(PLAN_AND_BILLING + "\nPlease retry in 27.5s.", "PerDayPerProject-FreeTier"), {}, Blocked.LIMIT),
        (429, said(TOKENS_PER_DAY.format("7h12m4.3s")), {}, Blocked.LIMIT),
        (401, said("Incorrect API key"), {}, Blocked.ACCESS),
        (403, "<html><title>Just a moment</title></html>", {}, Blocked.ACCESS),
    ],
)  # fmt: skip
def test_what_does_not_pass(
    status: int, error: Any, headers: Mapping[str, str], blocked: Blocked
) -> None:
    reply = answered(status, error, headers)
    assert (reply.outcome, reply.blocked) == (Outcome.PROVIDER_ERROR, blocked)
    assert reply.retry_after is None


@pytest.mark.parametrize(
    ("status", "error", "headers"),
    [
        (429, said("too many requests"), {}),
        (429, said("too many requests"), {"retry-after": "20"}),
        (429, said("too many requests"), {"retry-after": formatdate(time.time() + 90, usegmt=True)}),
        (429, said("on requests per minute (RPM): Limit 3. See your plan and billing"), {}),
        (429, said(PLAN_AND_BILLING + "\nPlease retry in 34.07s."), {}),
        (429, google(PLAN_AND_BILLING + "\nPlease retry in 34.07s.", "PerMinutePerProject"), {}),
        (429, google(PLAN_AND_BILLING, "PerMinutePerProject-FreeTier"), {}),
        (429, said(TOKENS_PER_DAY.format("7m12.5s")), {"retry-after": "432.5"}),
        (429, said(TOKENS_PER_DAY.format("7m12.5s")), {}),
        (
            429,
            said("tokens per min (TPM)"),
            {
                "x-ratelimit-remaining-requests": "199",
                "x-ratelimit-reset-requests": "23h",
                "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-tokens": "8.64s",
            },
        ),
        (503, said("overloaded: see plan and billing for a daily limit"), {}),
        (529, said("Overloaded", "overloaded_error"), {}),
        (520, "<html>unknown error</html>", {}),
        (524, "<html>a timeout occurred</html>", {}),
        (500, said("insufficient_quota of memory"), {}),
    ],
)  # fmt: skip
def test_what_passes(status: int, error: Any, headers: Mapping[str, str]) -> None:
    reply = answered(status, error, headers)
    assert (reply.outcome, reply.blocked) == (Outcome.PROVIDER_ERROR, None)
    assert reply.retry_after is not None


@pytest.mark.parametrize("status", [400, 404, 422])
def test_other_errors_are_of_one_call(status: int) -> None:
    reply = answered(status, said("the model knows no such parameter"), {})
    assert (reply.blocked, reply.retry_after) == (None, None)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("6m0s", 360.0), ("1h30m12.5s", 5412.5), ("20ms", 0.02), ("90", 90.0), ("1.5", 1.5),
        ("2d", 172_800.0), ("1 hour 5 minutes", 3_900.0), ("0", 0.0), ("-1", None), ("nan", None),
        ("soon", None), ("", None), ("2015-10-21T07:28:00Z", 0.0),
    ],
)  # fmt: skip
def test_durations(text: str, seconds: float | None) -> None:
    assert seconds_of(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        ("Please try again in 7m12.5s.", 432.5),
        ("Please retry after 60 seconds", 60.0),
        ("Retry in 2 hours and 5 minutes.", 7_500.0),
        ("please wait 3 days", 259_200.0),
        ("limit resets in: 41s", 41.0),
        ("try again later", None),
        ("the limit is 50 requests", None),
    ],
)
def test_seconds_in_words(message: str, seconds: float | None) -> None:
    assert seconds_in_words(message) == pytest.approx(seconds)
