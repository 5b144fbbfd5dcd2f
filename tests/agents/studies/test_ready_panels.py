"""The ready panels against LiteLLM's own registry, offline."""

import pytest

from primum.agents.models.litellm_setup import load_litellm
from primum.agents.studies.panels import builtin_panels, load_panel

MODELS = [
    (panel, name)
    for panel in builtin_panels()
    for name, model in load_panel(panel).models.items()
    if not model.simulated
]


def test_there_is_a_panel_for_each_way_of_access() -> None:
    assert set(builtin_panels()) == {
        "frontier",
        "gateway",
        "noharm-best-team",
        "ollama",
        "simulated",
    }
    gateway = load_panel("gateway").models.values()
    assert len({model.key_env for model in gateway}) == 1
    assert {model.access for model in load_panel("ollama").models.values()} == {"open"}


@pytest.mark.parametrize(("panel", "name"), MODELS)
def test_litellm_knows_the_model_and_its_key(
    panel: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    litellm = load_litellm()
    model = load_panel(panel).models[name]
    assert model.id in litellm.model_cost
    provider = litellm.get_llm_provider(model.id)[1]
    assert litellm.model_cost[model.id]["litellm_provider"].startswith(provider.split("_")[0])
    if model.key_env:
        monkeypatch.delenv(model.key_env, raising=False)
        wanted = litellm.validate_environment(model.id)["missing_keys"]
        assert not wanted or model.key_env in wanted
    else:
        assert model.api_base, "a model without a key names its endpoint"


@pytest.mark.parametrize("panel", [name for name in builtin_panels() if name != "simulated"])
def test_a_price_is_known_or_said_to_be_none(panel: str) -> None:
    litellm = load_litellm()
    for model in load_panel(panel).models.values():
        known = litellm.model_cost[model.id].get("output_cost_per_token")
        assert known or model.price, f"{model.id}: the cost line promises LiteLLM's prices"


@pytest.mark.parametrize("panel", builtin_panels())
def test_every_critic_and_aggregator_drafts_too(panel: str) -> None:
    """So that each member's solo rests on the team's own calls and costs nothing more."""
    for ensemble in load_panel(panel).ensembles:
        drafting = {agent.model for agent in ensemble.drafting}
        assert {agent.model for _, _, agent in ensemble.seats} == drafting
