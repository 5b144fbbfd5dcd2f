"""The ready panels and judges against LiteLLM's own registry, offline, and against a server."""

import json
from pathlib import Path
from typing import Any

import pytest

from primum.agents.judges.panel import builtin_judges, load_judges
from primum.agents.models.litellm_setup import load_litellm
from primum.agents.specs.model import ModelSpec
from primum.agents.studies.panels import builtin_panels, load_panel
from primum.agents.topologies.relay import Relay
from primum.cases.load import save_suite
from primum.cases.model import Suite
from primum.tests.conftest import ChatServer, Response, grade_menu

ROOM = 16384  # tokens of prompt and reply; docs/real-models.md says where it is from
PRICED_UNDER = {  # ids that the registry has under another name, and why
    "ollama_chat/": "ollama/",  # the route that says why a reply ended; the same models
}


def of_panels() -> list[tuple[str, ModelSpec]]:
    """Every model of every ready panel and panel of judges that is a real one."""
    models = {name: load_panel(name).models for name in builtin_panels()}
    models |= {f"judges {name}": load_judges(name).models for name in builtin_judges()}
    found = [(name, model) for name, listed in models.items() for model in listed.values()]
    return [(panel, model) for panel, model in found if not model.simulated]


def registered(model: ModelSpec) -> str:
    """The registry's name of a model."""
    for prefix, listed in PRICED_UNDER.items():
        if model.id.startswith(prefix):
            return model.id.replace(prefix, listed, 1)
    return model.id


EACH = pytest.mark.parametrize(
    "model", [pytest.param(model, id=f"{panel}:{model.id}") for panel, model in of_panels()]
)


def test_there_is_a_panel_for_each_way_of_access() -> None:
    assert set(builtin_panels()) == {
        "frontier",
        "gateway",
        "noharm-best-team",
        "noharm-two-agents",
        "ollama",
        "simulated",
    }
    gateway = load_panel("gateway").models.values()
    assert len({model.key_env for model in gateway}) == 1
    assert {model.access for model in load_panel("ollama").models.values()} == {"open"}


@EACH
def test_litellm_knows_the_model_and_its_key(
    model: ModelSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    litellm = load_litellm()
    assert registered(model) in litellm.model_cost
    listed = litellm.model_cost[registered(model)]
    assert listed["mode"] in {"chat", "completion"}
    provider = litellm.get_llm_provider(model.id)[1]
    assert listed["litellm_provider"].startswith(provider.split("_")[0])
    if model.key_env:
        monkeypatch.delenv(model.key_env, raising=False)
        wanted = litellm.validate_environment(model.id)["missing_keys"]
        assert not wanted or model.key_env in wanted
    else:
        assert model.api_base, "a model without a key names its endpoint"


@EACH
def test_a_price_is_known_or_said_to_be_none(model: ModelSpec) -> None:
    known = load_litellm().model_cost[registered(model)].get("output_cost_per_token")
    assert known or model.price, "the cost line promises LiteLLM's prices"


@pytest.mark.parametrize("panel", builtin_panels())
def test_every_critic_and_aggregator_drafts_too(panel: str) -> None:
    """So that each member's solo rests on the team's own calls; a relay's guardians draft alone."""
    for ensemble in load_panel(panel).ensembles:
        if not isinstance(ensemble, Relay):
            drafting = {agent.model for agent in ensemble.drafting}
            assert {agent.model for _, _, agent in ensemble.seats} == drafting


def test_the_published_teams_are_chains() -> None:
    (best,) = load_panel("noharm-best-team").ensembles
    assert [(seat.role, seat.agent.model) for seat in best.seats] == [
        ("generator", "llama-4-scout"),
        ("guardian", "gemini-2.5-pro"),
        ("guardian", "sonar-pro"),
    ]
    pairs = load_panel("noharm-two-agents").ensembles
    assert [[seat.agent.model for seat in pair.seats] for pair in pairs] == [
        ["gemini-2.5-pro", "gpt-4.1"],
        ["gpt-4.1", "gemini-2.5-pro"],
        ["gemini-2.5-pro", "gemini-2.5-pro"],
        ["gpt-4.1", "gpt-4.1"],
    ]
    for ensemble in (best, *pairs):
        assert [seat.role for seat in ensemble.seats][1:] == ["guardian"] * (
            len(ensemble.seats) - 1
        )


def as_ollama(body: dict[str, Any], number: int) -> Response:
    """Grades of a menu by Ollama's own interface; the second reply of all ends at its limit."""
    cut = number == 2
    text = grade_menu(body)[1]["choices"][0]["message"]["content"]
    answer = {
        "model": body["model"],
        "created_at": "2026-11-01T00:00:00Z",
        "message": {"role": "assistant", "content": text[: 20 if cut else None]},
        "done": True,
        "done_reason": "length" if cut else "stop",
        "prompt_eval_count": 900,
        "eval_count": 70,
    }
    return 200, answer, {}


def test_ollama_is_given_room_and_a_reply_that_was_cut_is_seen(
    primum: Any, chat_server: ChatServer, tiny_suite: Suite, tmp_path: Path
) -> None:
    chat_server.respond = as_ollama
    panel, suite = tmp_path / "panel.yaml", tmp_path / "suite.jsonl"
    text = builtin_panels()["ollama"].read_text()
    panel.write_text(text.replace("http://localhost:11434", chat_server.url.removesuffix("/v1")))
    save_suite(tiny_suite, suite, "native")
    done = primum(
        *("run", "--panel", panel, "--suite", suite, "--workspace", tmp_path / "ws", "--json"),
        *("--ensemble", "llama3.1"),
    )
    assert done.returncode in {0, 1}, done.stderr
    assert set(chat_server.paths) == {"/api/chat"}
    assert all(body["options"]["num_ctx"] == ROOM for body in chat_server.bodies)
    assert all(body["options"]["num_predict"] < ROOM // 2 for body in chat_server.bodies)
    (alone,) = json.loads(done.stdout)["ensembles"]
    assert alone["outcomes"] == {"ok": 2, "truncated": 1}
