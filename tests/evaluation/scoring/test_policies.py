"""evaluation/scoring/policies.py: how each outcome counts, and that the docs say so."""

import pytest

from primum.agents.models.outcomes import Outcome
from primum.evaluation.scoring.policies import DEFAULT_POLICY, Policy, Treatment
from primum.tests.paths import DOCS


@pytest.mark.parametrize("policy", Policy)
def test_only_an_answer_is_scored_and_only_a_models_failure_can_count_as_empty(
    policy: Policy,
) -> None:
    found = {outcome: policy.treatment(outcome) for outcome in Outcome}
    assert [o for o, how in found.items() if how is Treatment.SCORED] == [Outcome.OK]
    empty = {o for o, how in found.items() if how is Treatment.AS_EMPTY}
    wanted = {Outcome.REFUSAL, Outcome.EMPTY, Outcome.INVALID}
    assert empty == (wanted if policy is DEFAULT_POLICY else set())


def test_the_docs_have_every_outcome_as_the_records_say() -> None:
    page = (DOCS / "metrics.md").read_text(encoding="utf-8")
    head = "".join(f" `{policy}` |" for policy in Policy)
    assert f"| outcome | meaning | whose doing | transient |{head}\n" in page
    for outcome in Outcome:
        how = "".join(f" {policy.treatment(outcome)} |" for policy in Policy)
        transient = "yes" if outcome.is_transient else "no"
        row = f"| {outcome} | {outcome.sentence} | {outcome.cause} | {transient} |{how}\n"
        assert row in page
