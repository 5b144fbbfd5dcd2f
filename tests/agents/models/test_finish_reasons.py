"""agents/models/finish_reasons.py: what the reasons that providers give say of a reply."""

from itertools import combinations

import pytest

from primum.agents.models.finish_reasons import COMPLETE, RECORDS, finish_reason_in, finish_record
from primum.agents.models.outcomes import Outcome


@pytest.mark.parametrize(
    ("raw", "outcome"),
    [
        (None, Outcome.OK),
        ("", Outcome.OK),
        ("stop", Outcome.OK),
        ("COMPLETE", Outcome.OK),
        ("eos_token", Outcome.OK),
        ("stop_token", Outcome.OK),
        ("FINISH_REASON_UNSPECIFIED", Outcome.OK),
        ("something_new", Outcome.OK),
        ("maxTokens", Outcome.TRUNCATED),
        ("FinishReason.MAX_TOKENS", Outcome.TRUNCATED),
        ("max new tokens", Outcome.TRUNCATED),
        ("context_length_exceeded", Outcome.TRUNCATED),
        ("repetition", Outcome.TRUNCATED),
        ("content-filter", Outcome.FILTERED),
        ("finish_reason_safety", Outcome.FILTERED),
        ("moderation_triggered", Outcome.FILTERED),
        ("ERROR_TOXIC", Outcome.FILTERED),
        ("refused", Outcome.REFUSAL),
        ("ERROR", Outcome.PROVIDER_ERROR),
        ("server_busy", Outcome.PROVIDER_ERROR),
        ("rate_limit", Outcome.PROVIDER_ERROR),
        ("client_disconnected", Outcome.PROVIDER_ERROR),
        ("time_limit", Outcome.PROVIDER_ERROR),
        ("UNEXPECTED_TOOL_CALL", Outcome.PROVIDER_ERROR),
    ],
)
def test_a_reason_is_understood_in_any_spelling(raw: str | None, outcome: Outcome) -> None:
    record = finish_record(raw)
    assert record.outcome is outcome
    assert (record.explained(raw) == "") == (outcome is Outcome.OK)


def test_no_reason_says_two_things() -> None:
    for one, other in combinations((COMPLETE, *RECORDS), 2):
        assert not one.names & other.names
        assert not one.words & other.words
    for record in (COMPLETE, *RECORDS):
        assert all(finish_record(name.upper()) is record for name in record.names)


def test_what_is_shown_of_a_reason_does_nothing_on_a_terminal() -> None:
    raw = "error\x1b]0;mine\x07" + "x" * 500
    assert finish_record("error").explained(raw).isprintable()
    assert len(finish_record("error").explained(raw)) < 120


@pytest.mark.parametrize(
    ("body", "raw"),
    [
        ({"stop_reason": "refusal", "content": [{"input": {"finish_reason": "mine"}}]}, "refusal"),
        ({"candidates": [{"content": {}, "finishReason": "SAFETY"}]}, "SAFETY"),
        ({"output": {"message": {}}, "stopReason": "guardrail_intervened"}, "guardrail_intervened"),
        ({"response": "finish_reason", "done_reason": "length"}, "length"),
        ({"finish_reason": None, "done": True}, None),
        ({}, None),
    ],
)
def test_a_reason_is_found_where_providers_put_it(body: dict[str, object], raw: str | None) -> None:
    assert finish_reason_in(body) == raw
