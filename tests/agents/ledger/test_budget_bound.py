"""agents/ledger/budget.py: what a budget holds for a prompt is never less than its tokens."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import tiktoken
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from primum.agents.ledger.budget import most_prompt_tokens
from primum.agents.models.client import Message, Request

Count = Callable[[str], int]
OFFLINE = """
import socket, sys
def refuse(*args, **kwargs): raise AssertionError("a network call")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from primum.agents.ledger.budget import most_prompt_tokens
from primum.agents.models.client import Message, Request
asked = Request(model="openai/gpt-5", messages=(Message(role="user", content="ünd"),))
print(most_prompt_tokens(asked), {"litellm", "tiktoken"} & set(sys.modules))
"""


def shipped() -> Path:
    """The tokenizers that come with LiteLLM."""
    spec = find_spec("litellm")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "litellm_core_utils" / "tokenizers"


def openai(name: str) -> Count:
    os.environ["TIKTOKEN_CACHE_DIR"] = str(shipped())
    encoding = tiktoken.get_encoding(name)
    return lambda text: len(encoding.encode(text, disallowed_special=()))


def anthropic() -> Count:
    tokenizer = Tokenizer.from_file(str(shipped() / "anthropic_tokenizer.json"))
    return lambda text: len(tokenizer.encode(text).ids)


@pytest.fixture(scope="module")
def tokenizers() -> list[Count]:
    return [openai("o200k_base"), openai("cl100k_base"), openai("p50k_base"), anthropic()]


def request(texts: list[str], params: dict[str, Any] | None = None) -> Request:
    messages = tuple(Message(role="user", content=text) for text in texts)
    return Request(model="x/oak", messages=messages, params=params or {})


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4))
@example(["\ufdfa" * 500])  # one character of three bytes, eighteen in the normal form NFKC
@example(["<|endoftext|>" * 50, "\U0001f9d1\u200d\u2695\ufe0f" * 50, "zq7#" * 50])
def test_no_tokenizer_counts_more_tokens_than_a_budget_holds(
    tokenizers: list[Count], texts: list[str]
) -> None:
    bound = most_prompt_tokens(request(texts))
    for count in tokenizers:
        # OpenAI's template: three tokens around a message, its role, and three for the reply.
        assert sum(count(text) + 4 for text in texts) + 3 <= bound


def test_a_schema_is_part_of_the_prompt(tokenizers: list[Count]) -> None:
    schema = {"response_format": {"type": "json_schema", "json_schema": {"name": "n" * 500}}}
    more = most_prompt_tokens(request(["?"], schema)) - most_prompt_tokens(request(["?"]))
    assert all(count(json.dumps(schema)) <= more for count in tokenizers)


def test_half_a_surrogate_pair_is_counted_too() -> None:
    assert most_prompt_tokens(request(["\ud800"])) > most_prompt_tokens(request([""]))


def test_it_takes_no_network_and_loads_no_tokenizer() -> None:
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE], capture_output=True, text=True, check=False
    )
    assert done.stdout.split(" ", 1)[1:] == ["set()\n"], done.stderr
