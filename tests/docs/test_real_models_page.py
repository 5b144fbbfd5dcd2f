"""docs/real-models.md: every panel loads, and a run of it can be sized without a call."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from primum.agents.models.litellm_parameters import unknown_parameters
from primum.agents.models.outcomes import Outcome
from primum.agents.models.registry import LITELLM, client_name
from primum.agents.studies.panels import load_panel
from primum.tests.paths import ROOT

PAGE = (ROOT / "docs" / "real-models.md").read_text()
PANELS = {
    yaml.safe_load(text)["name"]: text for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
}


def test_every_kind_of_endpoint_has_a_panel() -> None:
    kinds = "ollama llamacpp vllm lmstudio openrouter azure bedrock vertex".split()
    assert sorted(PANELS) == sorted(f"my-{kind}" for kind in kinds)


@pytest.mark.parametrize("name", sorted(PANELS))
def test_a_panel_can_be_sized(
    name: str, tmp_path: Path, primum: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    file = tmp_path / f"{name}.yaml"
    file.write_text(PANELS[name])
    asked = ("--dry-run", "--limit", "1", "--variants", "none", "--json")
    done = primum("run", "--panel", file, *asked, "--workspace", tmp_path / "data")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    sized = json.loads(done.stdout)
    assert sized["calls"]
    for model in load_panel(str(file)).models.values():
        assert (client_name(model) == LITELLM) == model.id.startswith(
            ("ollama_chat/", "azure/", "bedrock/", "vertex_ai/")
        )
        if client_name(model) == LITELLM:
            assert unknown_parameters(model.id, model.params) == ()


def test_the_outcomes_are_those_there_are() -> None:
    table = PAGE.partition("| What probe")[2].partition("\n\n")[0]
    named = {
        word for row in table.splitlines() for word in re.findall(r"`([a-z_]+)`", row.split("|")[1])
    }
    assert named - {"normalised", "length"} - {*Outcome} == set()


def test_the_panel_of_the_transcript_has_its_models() -> None:
    shown = PAGE.partition("## A real model")[2]
    models = load_panel(str(ROOT / "examples" / "llamacpp" / "panel.yaml")).models
    for name in models:
        assert re.search(rf"^{name}\b", shown, re.MULTILINE)
