"""agents/models/outcomes.py: every outcome says whose doing it is and whether it is transient."""

import pytest

from primum.agents.models.outcomes import Cause, Outcome

TRANSIENT = {"timeout", "provider_error"}
MODEL_FAILURES = {"refusal", "empty", "invalid"}


@pytest.mark.parametrize("outcome", Outcome)
def test_an_outcome_says_what_follows_from_it(outcome: Outcome) -> None:
    assert outcome.is_transient == (outcome in TRANSIENT)
    assert outcome.is_model_failure == (outcome in MODEL_FAILURES) == (outcome.cause == "model")
    assert outcome.sentence.endswith(".")
    assert "\n" not in outcome.sentence
    assert outcome.label == outcome.value.replace("_", " ")


def test_what_is_transient_is_never_the_models_own_doing() -> None:
    assert {outcome.cause for outcome in Outcome if outcome.is_transient} == {Cause.PROVIDER}
