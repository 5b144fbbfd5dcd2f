"""A real model at its limits: a token limit, and a prompt that its context does not hold."""

import json
from typing import Any

import pytest

from primum.agents.models.outcomes import Outcome
from primum.cases.model import Consultation
from primum.tests.real.conftest import Row, Workspace
from primum.tests.real.material import SUITE, panel, seat
from primum.tests.real.server import CONTEXT, RealModel

pytestmark = pytest.mark.real
SHORT, WORDS, LONG = 8, 2 * CONTEXT, 1500


def solo(model: RealModel, generator: Row, **fields: Any) -> Row:
    ensemble = {"name": "short", "graph": "solo", "generators": [generator]}
    return panel(model.url, ensemble, **fields)


def test_a_reply_at_its_token_limit_is_truncated(
    real_model: RealModel, workspace: Workspace
) -> None:
    before = real_model.tokens_written()
    result = workspace.run(workspace.write("short", solo(real_model, seat(max_tokens=SHORT))))
    assert result["ensembles"][0]["outcomes"] == {Outcome.TRUNCATED: len(SUITE.cases)}
    assert result["ensembles"][0]["metrics"]["Severe_rate"]["mean"] is None, "no finding"
    assert real_model.tokens_written() - before == SHORT * len(SUITE.cases)
    reasons = workspace.query("select reason from answers where outcome = 'truncated'")
    assert all("token limit" in row["reason"] for row in reasons)


def test_a_prompt_beyond_the_context_is_no_answer(
    real_model: RealModel, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """llama.cpp refuses it at once; it is asked once, and the message says how much was too much."""
    case = SUITE.cases[0].model_copy(
        update={"case": Consultation(presentation=f"{'wheeze ' * WORDS}What now?")}
    )
    suite = SUITE.model_copy(update={"cases": (case,)})
    workspace = Workspace(tmp_path_factory.mktemp("long"), suite)
    before = real_model.tokens_written()
    result = workspace.run(workspace.write("long", solo(real_model, seat())))
    assert real_model.tokens_written() == before
    answers = workspace.query("select outcome, reason from answers where ensemble = 'short'")
    assert answers[0]["outcome"] == Outcome.PROVIDER_ERROR
    assert str(CONTEXT) in answers[0]["reason"]
    assert "wheeze" not in json.dumps(result) + answers[0]["reason"]
    calls = workspace.query("select attempts from calls")
    assert [call["attempts"] for call in calls] == [1], "it would fail again"


def test_a_reply_beyond_its_time_is_a_timeout_and_the_server_stops_writing(
    real_model: RealModel, workspace: Workspace
) -> None:
    talker = seat(max_tokens=LONG, grammar='root ::= "1. " [a-z ]*')
    before = real_model.tokens_written()
    slow = workspace.write("slow", solo(real_model, talker, timeout=1.5))
    workspace.run(slow, "--limit", 1)
    answers = workspace.query(
        "select outcome, reason from answers where ensemble = 'short' and study = (from latest)"
    )
    assert [answer["outcome"] for answer in answers] == [Outcome.TIMEOUT]
    assert "1.5" in answers[0]["reason"], "it says after how long"
    assert real_model.tokens_written() - before < LONG
