"""agents/models/cut_prompts.py: a prompt that was cut is told by its number of tokens."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.agents.models.client import Message, Reply, Request
from primum.agents.models.cut_prompts import (
    SMALLEST_CONTEXT,
    fewest_tokens,
    is_cut,
    with_cut_prompt,
)
from primum.agents.models.outcomes import Cause, Outcome
from primum.cases.load import save_suite
from primum.cases.model import Suite
from primum.tests.conftest import ChatServer, grade_menu

# 27 words, numbers and signs at a word's end; 30 tokens in o200k and in cl100k.
SENTENCE = (
    "A 63-year-old man, known to have hypertension, presents with crushing chest pain that "
    "began an hour ago; his troponin is raised. "
)
PROMPT = SENTENCE * 103  # 3,091 tokens


def asked(text: str) -> tuple[Message, ...]:
    return (Message(role="system", content="Role: generator"), Message(role="user", content=text))


@pytest.mark.parametrize("counted", [512, 700, 1024, 2000, 2048])
def test_a_prompt_of_3100_tokens_of_which_2048_or_fewer_were_read(counted: int) -> None:
    assert is_cut(asked(PROMPT), counted)


@pytest.mark.parametrize("counted", [0, 1, 40, 300, 511, 2900, 3100, 3300, 50_000])
def test_a_count_that_is_no_sign(counted: int) -> None:
    """Below any context size a server counts otherwise; at the length of the prompt it read all."""
    assert not is_cut(asked(PROMPT), counted)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [  # tokens by o200k_base, the tokenizer that needs the fewest
        (PROMPT, 3_091),
        (
            "Administer intravenous ceftriaxone immediately after obtaining blood cultures. " * 100,
            1300,
        ),
        ("word " * 1000, 1001),
        ("Госпитализируйте пациента немедленно и начните внутривенную терапию. " * 100, 1_900),
        ("立即收治患者入院,采集血培养后开始静脉抗生素治疗,并监测肾功能。" * 100, 2_800),
        ("हृदय रोग विशेषज्ञ से तुरंत परामर्श करें और रोगी को अस्पताल में भर्ती करें। " * 100, 2_000),
        ("ผู้ป่วยมีอาการเจ็บหน้าอก" * 100, 900),
        (f"{'-' * 80}\n| a |{' ' * 200}| b |\n" * 100, 1_000),
    ],
)
def test_a_whole_prompt_is_no_cut_one(text: str, tokens: int) -> None:
    assert not is_cut(asked(text), tokens)
    assert fewest_tokens(asked(text)) <= tokens + 4


@given(st.text(), st.integers(0, 10_000))
def test_a_longer_count_is_never_more_of_a_cut(text: str, counted: int) -> None:
    messages = asked(text * 50)
    assert (
        not is_cut(messages, counted + 1) or is_cut(messages, counted) or counted < SMALLEST_CONTEXT
    )
    assert fewest_tokens(messages) <= sum(len(message.content) for message in messages)


@pytest.mark.parametrize("outcome", Outcome)
def test_failures_of_the_provider_keep_their_outcome(outcome: Outcome) -> None:
    request = Request(model="m", messages=asked(PROMPT))
    reply = Reply(outcome=outcome, text="said", reason="why", input_tokens=2048)
    found = with_cut_prompt(request, reply)
    if outcome.cause is Cause.PROVIDER:
        assert found == reply
    else:
        assert found.outcome is Outcome.PROMPT_TRUNCATED
        assert "counted 2,048 tokens of a prompt that has at least 2,7" in found.reason
        assert "num_ctx" in found.reason


@pytest.mark.long
@pytest.mark.parametrize(
    ("usage", "outcome"),
    [
        ({"prompt_tokens": 2048}, "prompt_truncated"),
        (
            {"prompt_tokens": 2048, "prompt_tokens_details": {"cached_tokens": 0}},
            "prompt_truncated",
        ),
        ({"prompt_tokens": 2048, "prompt_tokens_details": {"cached_tokens": 1_100}}, "ok"),
        ({"prompt_tokens": 300, "cache_read_input_tokens": 2_900}, "ok"),
        ({"prompt_tokens": 300}, "ok"),
        ({}, "ok"),
    ],
)
@pytest.mark.parametrize("client", ["litellm", "openai-compatible"])
def test_a_run_tells_cut_prompts_from_cached_ones(
    tmp_path: Path,
    chat_server: ChatServer,
    tiny_suite: Suite,
    primum: Callable[..., subprocess.CompletedProcess[str]],
    usage: dict[str, Any],
    outcome: str,
    client: str,
) -> None:
    def respond(body: dict[str, Any], _: int) -> Any:
        status, answer, headers = grade_menu(body)
        answer["usage"] = usage and {**usage, "completion_tokens": 50, "total_tokens": 98}
        return status, answer, headers

    chat_server.respond = respond
    case = tiny_suite.cases[0]
    long = case.case.model_copy(update={"presentation": PROMPT + "What now?"})
    suite = tiny_suite.model_copy(
        update={"cases": (case.model_copy(update={"case": long}),), "variants": ()}
    )
    save_suite(suite, tmp_path / "tiny.jsonl", "native")
    model = {"id": "openai/m", "family": "gpt", "access": "open", "api_base": chat_server.url}
    panel = {
        "name": "p",
        "models": {"m": {**model, "client": client}},
        "ensembles": [{"name": "alone", "graph": "solo", "generators": ["m"]}],
    }
    (tmp_path / "panel.yaml").write_text(json.dumps(panel))
    files = ("--panel", tmp_path / "panel.yaml", "--suite", tmp_path / "tiny.jsonl")
    done = primum("run", *files, "--ensemble", "alone", "--workspace", tmp_path / "data", "--json")
    found = {each["name"]: each for each in json.loads(done.stdout)["ensembles"]}
    assert found["alone"]["outcomes"] == {outcome: 1}, done.stderr
