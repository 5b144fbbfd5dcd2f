"""agents/models/outcomes.py: every outcome says whose doing it is and whether it is transient."""

import re

import pytest

from primum.agents.models.outcomes import Cause, Outcome
from primum.tests.paths import ROOT

COMPARED = re.compile(r"""outcome\w*\s*(=|<>|!=|\bin\b|\bis\b)[=\s(\[{]*['"][a-z]""")
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


def test_no_file_compares_an_outcome_with_a_quoted_name() -> None:
    files = [path for kind in ("py", "sql", "js", "j2") for path in ROOT.rglob(f"*.{kind}")]
    own = [p for p in files if p.relative_to(ROOT).parts[0] not in {"tests", ".venv", ".typing"}]
    assert len(own) > 200
    assert not [path for path in own if COMPARED.search(path.read_text(encoding="utf-8"))]
