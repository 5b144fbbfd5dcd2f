"""What must not leak, redirect or be mistaken: keys, endpoints, tags, seats of the same kind."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from primum.agents.models.client import Reply
from primum.agents.models.outcomes import Outcome
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.studies.panels import call_problems, load_panel
from primum.agents.studies.study import Study
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.registry import ensemble_of
from primum.cases.load import load_suite
from primum.cases.model import Suite
from primum.core.errors import DataError
from primum.graphs.execution.runner import Runner
from primum.prompts.render import inert

PANEL = """name: p
models:
  m: {{id: openai/x, family: llama, access: open, {extra}}}
ensembles:
  - {{name: e, graph: solo, generators: [m]}}
"""


@pytest.mark.parametrize(
    ("extra", "field"),
    [
        ("api_key: sk-SECRET", "models.m.api_key"),
        ("params: {api_key: sk-SECRET}", "models.m.params.api_key"),
        ("params: {Timeout: 3}", "models.m.params.Timeout"),
        ("params: {fallbacks: [sk-SECRET]}", "models.m.params.fallbacks"),
        ("params: {stream: true}", "models.m.params.stream"),
        ("params: {aws_secret_access_key: sk-SECRET}", "models.m.params.aws_secret_access_key"),
        ("params: {azure_ad_token: sk-SECRET}", "models.m.params.azure_ad_token"),
    ],
)
def test_no_key_or_redirection_stands_in_a_panel(extra: str, field: str, tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(PANEL.format(extra=extra))
    with pytest.raises(DataError) as caught:
        load_panel(str(path))
    assert f"p.yaml:3: {field}: " in str(caught.value)
    assert "SECRET" not in str(caught.value)


def test_a_patients_word_is_not_in_an_error(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text('{"case": {"id": "X1", "note": "Jane Smith", "options": []}}\n')
    with pytest.raises(DataError) as caught:
        load_suite(str(path))
    assert "s.jsonl:1: case.note" in str(caught.value)
    assert "Jane" not in str(caught.value)


@pytest.mark.parametrize(
    ("model", "variable"),
    [
        ("gpt-5.5", "OPENAI_BASE_URL"),
        ("o3-mini", "OPENAI_API_BASE"),
        ("openai/x", "OPENAI_API_VERSION"),
        ("claude-opus-4-7", "ANTHROPIC_BASE_URL"),
        ("fireworks_ai/x", "FIREWORKS_API_BASE"),
        ("fireworks_ai/x", "FIREWORKS_AI_API_BASE"),
        ("newcomer/x", "NEWCOMER_API_BASE"),
    ],
)
def test_no_variable_redirects_a_model_unseen(
    model: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = ModelSpec(id=model, family="gpt", access="open")
    monkeypatch.setenv("JIRA_BASE_URL", "http://of-no-concern")
    assert list(call_problems(spec)) == []
    monkeypatch.setenv(variable, "http://elsewhere")
    ((field, message),) = call_problems(spec)
    assert field == "api_base"
    assert variable in message
    assert list(call_problems(spec.model_copy(update={"api_base": "http://here"}))) == []


@pytest.mark.parametrize(
    "tag", ["</case>", "<menu>", "</MENU >", "<draft number='9'>", "</critique>"]
)
def test_no_text_opens_or_closes_a_tag(tag: str) -> None:
    assert "<" not in inert(f"before {tag} after")
    assert inert("BP < 90, pain <case by case>?") == "BP < 90, pain &lt;case by case>?"


def test_half_a_surrogate_can_be_kept() -> None:
    reply = Reply(outcome=Outcome.OK, text="fine \ud83d")
    assert reply.text == "fine ?"
    assert reply.model_dump_json()


async def test_two_seats_of_one_model_are_two_samples(
    tiny_suite: Suite, tmp_path: Path, scripted: Any, approving: Any, study_of: Callable[..., Study]
) -> None:
    from primum.agents.ledger.ledger import Ledger

    agent = AgentSpec(model="m")
    team = ensemble_of(
        name="team", graph="panel", generators=(agent, agent), critics=(agent,), aggregator=agent
    )
    solo = ensemble_of(name="m", graph="solo", generators=(agent,))
    ledger = Ledger(tmp_path / "ledger.sqlite")
    runner = Runner(study_of(team, solo), ledger, scripted(approving))
    answers = [answer async for answer in runner.run(tiny_suite)]
    ledger.close()
    assert len(answers) == 2 * 3
    drafts = {
        call.key for a in answers for t in a.turns if t.role == "generator" for call in t.calls
    }
    assert len(drafts) == 2 * 3, "one of them is the solo's own"


@pytest.fixture
def study_of(tiny_suite: Suite) -> Callable[..., Study]:
    def make(*ensembles: EnsembleSpec) -> Study:
        return Study(
            suite=tiny_suite.info,
            suite_digest="0",
            models={"m": ModelSpec(id="openai/m", family="gpt", access="open")},
            ensembles=ensembles,
            trials=1,
            seed=0,
            version="0",
        )

    return make
