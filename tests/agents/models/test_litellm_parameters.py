"""agents/models/litellm_parameters.py: parameters that LiteLLM does not know are told, not refused."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from primum.agents.models.litellm_parameters import unknown_parameters
from primum.agents.models.registry import LITELLM, client_name
from primum.agents.specs.model import ModelSpec
from primum.agents.studies.doctor import run_checks
from primum.agents.studies.panels import builtin_panels, load_panel
from primum.cases.load import save_suite
from primum.cases.model import Suite
from primum.tests.conftest import ChatServer


@pytest.mark.parametrize(
    ("model", "params", "unknown"),
    [
        ("gemini/gemini-2.5-pro", "temperature thinking reasoning_effort top_k", ""),
        ("gemini/gemini-2.5-pro", "temprature thinking_budgt", "temprature thinking_budgt"),
        ("anthropic/claude-sonnet-4-5", "thinking max_tokens top_k", ""),
        ("ollama_chat/llama3.1", "num_ctx num_predict repeat_penalty seed", ""),
        ("ollama_chat/llama3.1", "num_ctxt", "num_ctxt"),
        ("openai/gpt-5", "reasoning_effort max_completion_tokens", ""),
        ("openrouter/qwen/qwen3", "reasoning_effort extra_body", ""),
        (
            "vertex_ai/gemini-2.5-pro",
            "vertex_project vertex_location vertex_locaton",
            "vertex_locaton",
        ),
        ("bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0", "aws_region_name max_tokens", ""),
        ("nobody/knows", "anything", ""),
    ],
)
def test_parameters(model: str, params: str, unknown: str) -> None:
    assert unknown_parameters(model, params.split()) == tuple(unknown.split())


def test_ready_panels_name_no_unknown_parameter() -> None:
    panels = [load_panel(name) for name in builtin_panels()]
    models = [m for panel in panels for m in panel.models.values() if client_name(m) == LITELLM]
    asked = [model for model in models if not model.simulated and model.params]
    assert asked
    assert not [model.id for model in asked if unknown_parameters(model.id, model.params)]


def test_doctor_tells_them_and_is_content(tmp_path: Path) -> None:
    model = ModelSpec(id="gemini/gemini-2.5-pro", family="gemini", access="proprietary",
                      params={"temprature": 0.2})  # fmt: skip
    (check,) = [check for check in run_checks({"m": model}, tmp_path) if "params" in check.what]
    assert (check.ok, check.what) == (True, "model m: params")
    assert "LiteLLM knows no temprature for it" in check.found


@pytest.mark.parametrize("client", ["litellm", "openai-compatible"])
def test_a_run_tells_them_once_where_litellm_asks(
    tmp_path: Path,
    chat_server: ChatServer,
    tiny_suite: Suite,
    primum: Callable[..., subprocess.CompletedProcess[str]],
    client: str,
) -> None:
    model = {"id": "openai/m", "family": "gpt", "access": "open", "api_base": chat_server.url,
             "client": client, "params": {"temprature": 0.2, "extra_body": {"top_k": 5}}}  # fmt: skip
    ensembles = [{"name": "alone", "graph": "solo", "generators": ["m"]}]
    panel = {"name": "p", "models": {"m": model}, "ensembles": ensembles}
    (tmp_path / "panel.yaml").write_text(json.dumps(panel))
    save_suite(tiny_suite, tmp_path / "tiny.jsonl", "native")
    files = ("--panel", tmp_path / "panel.yaml", "--suite", tmp_path / "tiny.jsonl")
    done = primum("run", *files, "--ensemble", "alone", "--workspace", tmp_path / "data")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("LiteLLM knows no temprature for it") == (client == LITELLM)
    assert {body["temprature"] for body in chat_server.bodies} == {0.2}


def test_a_run_without_litellm_does_not_import_it(tmp_path: Path) -> None:
    script = (
        "import sys; from primum.cli import main; sys.argv[1:] = ['run', '--limit', '2', "
        f"'--workspace', {str(tmp_path)!r}]\n"
        "try: main()\nexcept SystemExit: pass\nassert 'litellm' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
