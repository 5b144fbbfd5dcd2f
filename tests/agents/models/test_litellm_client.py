"""LiteLLM behind the seam, against a real HTTP server: every kind of reply has its outcome."""

import asyncio
import os
from typing import Any

import pytest
from pydantic import JsonValue

from primum.agents.models.client import Credentials, Message, Request
from primum.agents.models.endpoints.completion import MOST_CHARACTERS
from primum.agents.models.litellm_client import LiteLLMClient
from primum.agents.models.litellm_setup import load_litellm
from primum.agents.models.outcomes import Outcome
from primum.agents.specs.model import Price
from primum.agents.studies.clients import ModelClient
from primum.tests.proxy import OLLAMA

SECRET = "sk-very-secret-key"
ASK = (Message(role="system", content="Role: generator"), Message(role="user", content="Hello?"))


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> LiteLLMClient:
    monkeypatch.setenv("TEST_API_KEY", SECRET)
    return LiteLLMClient()


def request_to(url: str, **more: Any) -> Request:
    return Request(model="openai/test-model", messages=ASK, api_base=url, **more)


KEY = Credentials(key_env="TEST_API_KEY")


def chat(
    text: str | None, finish: str = "stop", **message: Any
) -> tuple[int, dict[str, Any], dict[str, str]]:
    choice = {
        "index": 0,
        "finish_reason": finish,
        "message": {"role": "assistant", "content": text, **message},
    }
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    body = {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "served-1",
        "choices": [choice],
        "usage": usage,
    }
    return 200, body, {}


def error(
    status: int, message: str, code: str = "x", **headers: str
) -> tuple[int, dict[str, Any], dict[str, str]]:
    return status, {"error": {"message": message, "type": "error", "code": code}}, headers


@pytest.mark.parametrize(
    ("response", "outcome"),
    [
        (chat("fine"), Outcome.OK),
        (chat(None, refusal="I will not."), Outcome.REFUSAL),
        (chat(None, "content_filter"), Outcome.FILTERED),
        (chat("[{", "length"), Outcome.TRUNCATED),
        (chat("  \n"), Outcome.EMPTY),
        (chat(None), Outcome.EMPTY),
        ((200, {**chat("x")[1], "choices": []}, {}), Outcome.PROVIDER_ERROR),
        (error(400, "bad request"), Outcome.PROVIDER_ERROR),
        (error(401, f"Incorrect API key provided: {SECRET}"), Outcome.PROVIDER_ERROR),
        (error(400, "rejected by our safety system", "content_policy_violation"), Outcome.FILTERED),
        (error(400, "content management policy", "content_filter"), Outcome.FILTERED),
    ],
)
async def test_outcome(
    client: LiteLLMClient, chat_server: Any, response: Any, outcome: Outcome
) -> None:
    chat_server.respond = lambda *_: response
    reply = await client.complete(request_to(chat_server.url), KEY)
    assert reply.outcome is outcome, reply
    assert reply.attempts == len(chat_server.bodies) == 1
    assert SECRET not in reply.model_dump_json()
    assert (outcome is Outcome.OK) == (reply.reason == "")


async def test_reply_keeps_what_came_back(client: LiteLLMClient, chat_server: Any) -> None:
    chat_server.respond = lambda *_: chat("fine")
    reply = await client.complete(request_to(chat_server.url, params={"temperature": 0.2}), KEY)
    assert (reply.text, reply.input_tokens, reply.output_tokens) == ("fine", 10, 5)
    assert reply.cost is None, "an unknown price is not free"
    assert chat_server.bodies[0]["temperature"] == 0.2
    assert chat_server.bodies[0]["messages"] == [message.model_dump() for message in ASK]
    assert chat_server.headers[0]["Authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_one_attempt_is_one_request_and_says_whether_another_may_help(
    client: LiteLLMClient, chat_server: Any, status: int
) -> None:
    chat_server.respond = lambda *_: error(status, "later", **{"Retry-After": "7"})
    reply = await client.complete(request_to(chat_server.url), KEY)
    assert len(chat_server.bodies) == 1
    assert (reply.outcome, reply.rate_limited) == (Outcome.PROVIDER_ERROR, status == 429)
    assert reply.retry_after is not None
    assert status != 429 or reply.retry_after == 7
    assert "again" not in reply.model_dump_json()


async def test_what_cannot_pass_is_not_worth_another_attempt(
    client: LiteLLMClient, chat_server: Any
) -> None:
    chat_server.respond = lambda *_: error(400, "bad request")
    assert (await client.complete(request_to(chat_server.url), KEY)).retry_after is None


async def test_too_slow_is_a_timeout(chat_server: Any) -> None:
    chat_server.respond = lambda *_: chat("fine")
    chat_server.seconds = 2
    quick = Credentials(timeout=0.3)
    reply = await LiteLLMClient().complete(request_to(chat_server.url), quick)
    assert reply.outcome is Outcome.TIMEOUT
    assert reply.seconds < 3


async def test_an_endpoint_without_a_key_gets_no_other_providers_key(
    client: LiteLLMClient, chat_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    chat_server.respond = lambda *_: chat("fine")
    reply = await client.complete(request_to(chat_server.url), Credentials())
    assert reply.outcome is Outcome.OK
    assert SECRET not in str(chat_server.headers)


async def test_no_server_is_a_provider_error(client: LiteLLMClient) -> None:
    reply = await client.complete(request_to("http://127.0.0.1:9/v1"), KEY)
    assert (reply.outcome, reply.retry_after) == (Outcome.PROVIDER_ERROR, 0)


async def test_a_simulated_model_answers_no_foreign_case() -> None:
    profile: JsonValue = {
        "family": "sim-aspen",
        "recall": {"severe": 90, "moderate": 80, "mild": 70},
        "false_positive": {"severe": 1, "moderate": 2, "mild": 3, "uncertain": 4},
    }
    request = Request(model="sim/x", messages=ASK, params={"simulation": profile}, revision="none")
    reply = await ModelClient().complete(request, Credentials())
    assert reply.outcome is Outcome.PROVIDER_ERROR
    assert "only the study's own cases" in reply.reason
    assert reply.attempts == 1


async def test_a_price_of_litellm_s_list_is_an_estimate(
    client: LiteLLMClient, chat_server: Any
) -> None:
    chat_server.respond = lambda *_: chat("fine")
    request = request_to(chat_server.url).model_copy(update={"model": "openai/gpt-4o-mini"})
    reply = await client.complete(request, KEY)
    listed = load_litellm().model_cost["gpt-4o-mini"]
    wanted = 10 * listed["input_cost_per_token"] + 5 * listed["output_cost_per_token"]
    assert wanted > 0
    assert reply.cost == pytest.approx(wanted)
    assert reply.estimated


async def test_no_log_of_litellm_s_hears_of_a_call(
    client: LiteLLMClient, chat_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    litellm: Any = load_litellm()
    heard: list[str] = []

    class Listener(litellm.integrations.custom_logger.CustomLogger):  # type: ignore[misc]
        async def async_log_success_event(self, *_: Any, **__: Any) -> None:
            heard.append("success")

        async def async_log_failure_event(self, *_: Any, **__: Any) -> None:
            heard.append("failure")

        def log_pre_api_call(self, *_: Any, **__: Any) -> None:
            heard.append("before")

    monkeypatch.setattr(litellm, "callbacks", [Listener()])
    for response in (chat("fine"), error(400, "no")):
        chat_server.respond = lambda *_, response=response: response
        await client.complete(request_to(chat_server.url), KEY)
        await asyncio.sleep(0.2)
    assert not heard
    ask = {"model": "openai/x", "messages": [{"role": "user", "content": "Hello?"}]}
    await litellm.acompletion(**ask, api_base=chat_server.url, api_key="none", mock_response="yes")
    await asyncio.sleep(0.2)
    assert "success" in heard, "whoever calls LiteLLM without Primum is heard"


def with_fields(**fields: Any) -> tuple[int, dict[str, Any], dict[str, str]]:
    return 200, {**chat("fine")[1], **fields}, {}


@pytest.mark.parametrize(
    ("fields", "tokens"),
    [
        ({"usage": None}, None),
        ({"usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}}, None),
        ({"usage": {"prompt_tokens": 10, "completion_tokens": -5, "total_tokens": 5}}, None),
        ({"usage": {"prompt_tokens": 10, "completion_tokens": 10**30, "total_tokens": 1}}, None),
        ({"model": "served\ud800"}, 5),
        ({"system_fingerprint": "\udfff"}, 5),
    ],
)
async def test_odd_fields_cost_no_answer(
    client: LiteLLMClient, chat_server: Any, fields: dict[str, Any], tokens: int | None
) -> None:
    chat_server.respond = lambda *_: with_fields(**fields)
    reply = await client.complete(request_to(chat_server.url), KEY)
    assert (reply.outcome, reply.text, reply.output_tokens) == (Outcome.OK, "fine", tokens)
    assert reply.model_dump_json()
    if tokens is None:
        priced = Price(input_per_million=1.0, output_per_million=1.0)
        again = await client.complete(request_to(chat_server.url), Credentials(price=priced))
        assert again.cost is None, "what does not say how much is not free"


async def test_a_free_model_is_free_whatever_it_says(
    client: LiteLLMClient, chat_server: Any
) -> None:
    chat_server.respond = lambda *_: with_fields(usage=None)
    free = Credentials(price=Price(input_per_million=0.0, output_per_million=0.0))
    assert (await client.complete(request_to(chat_server.url), free)).cost == 0.0


@pytest.mark.parametrize("status", [302, 307])
async def test_a_letter_goes_nowhere_else(
    client: LiteLLMClient, chat_server: Any, status: int
) -> None:
    elsewhere = {"Location": f"{chat_server.url}/elsewhere"}
    chat_server.respond = lambda _, n: (status, {}, elsewhere) if n == 1 else chat("followed")
    reply = await client.complete(request_to(chat_server.url), KEY)
    assert (reply.outcome, reply.retry_after) == (Outcome.PROVIDER_ERROR, None)
    assert len(chat_server.bodies) == 1


async def test_a_reply_without_end_is_not_kept(client: LiteLLMClient, chat_server: Any) -> None:
    chat_server.respond = lambda *_: chat("and " * (MOST_CHARACTERS // 4 + 1))
    reply = await client.complete(request_to(chat_server.url), KEY)
    assert (reply.outcome, reply.text) == (Outcome.PROVIDER_ERROR, "")
    assert reply.reason == "the reply has 2,000,004 characters; 2,000,000 are read at most"


async def test_an_unknown_way_of_ending_is_not_told_on_the_terminal(
    client: LiteLLMClient, chat_server: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    chat_server.respond = lambda *_: chat("fine", "\x1b]0;mine\x07")
    await client.complete(request_to(chat_server.url), KEY)
    assert capfd.readouterr() == ("", "")


def test_no_file_of_variables_is_looked_for() -> None:
    """LiteLLM would take endpoints and keys from a .env in any folder above its own."""
    load_litellm()
    assert os.environ["LITELLM_MODE"] == "PRODUCTION"


async def test_about_an_ollama_model_nobody_else_is_asked(
    client: LiteLLMClient, chat_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LiteLLM would ask Ollama on this machine, twice a call, about a model that it does not list."""
    monkeypatch.setenv("OLLAMA_API_BASE", chat_server.url)
    monkeypatch.setenv("OLLAMA_HOST", chat_server.url)
    chat_server.respond = lambda *_: (200, OLLAMA, {})
    request = Request(
        model="ollama_chat/mine:1b", messages=ASK, api_base=f"{chat_server.url}/there"
    )
    assert (await client.complete(request, Credentials())).text == "through it"
    assert chat_server.paths == ["/v1/there/api/chat"]
