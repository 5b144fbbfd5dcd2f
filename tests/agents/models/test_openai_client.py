"""agents/models/openai_client.py: endpoints asked directly, at a real HTTP server."""

import asyncio
import gc
import json
import re
import shutil
import ssl
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from primum.agents.ledger.ledger import Ledger
from primum.agents.models.client import Credentials, Message, Request
from primum.agents.models.endpoints.proxies import proxy_of
from primum.agents.models.openai_client import OpenAIClient
from primum.agents.models.outcomes import Outcome
from primum.agents.models.registry import client_version
from primum.agents.specs.model import AgentSpec, ModelSpec, Price
from primum.agents.studies.doctor import run_checks
from primum.agents.studies.panels import call_problems
from primum.agents.turns.exchange import Agent
from primum.cases.load import save_suite
from primum.cases.model import Suite
from primum.tests.conftest import ChatServer, clean_environment, completion

SECRET = "sk-very-secret-key"
ASK = (Message(role="system", content="Role: generator"), Message(role="user", content="Hello?"))
PANEL = """
name: served
models:
  a: {{id: openai/llama-a, family: llama, access: open, api_base: "{url}"}}
  b: {{id: hosted_vllm/org/qwen-b, family: qwen, access: open, api_base: "{url}"}}
ensembles:
  - {{name: team, graph: panel, generators: [a, b], aggregator: a}}
"""


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> OpenAIClient:
    monkeypatch.setenv("TEST_API_KEY", SECRET)
    return OpenAIClient()


KEY = Credentials(key_env="TEST_API_KEY")


def request_to(url: str, **more: Any) -> Request:
    return Request(**{"model": "openai/org/test", "messages": ASK, "api_base": url, **more})


async def test_what_is_sent_and_what_comes_back(
    client: OpenAIClient, chat_server: ChatServer
) -> None:
    chat_server.respond = lambda *_: completion("fine", reasoning_content="Hm.")
    params = {"temperature": 0.2, "extra_body": {"top_k": 5}, "drop_params": True}
    request = request_to(chat_server.url + "/", params=params)
    reply = await client.complete(request, KEY)
    assert (reply.outcome, reply.text, reply.thinking) == (Outcome.OK, "fine", "Hm.")
    assert (reply.input_tokens, reply.output_tokens, reply.finish_reason) == (100, 50, "stop")
    assert (reply.returned_model, reply.cost) == ("served-model-1", None)
    assert chat_server.paths == ["/v1/chat/completions"]
    assert chat_server.headers[0]["Authorization"] == f"Bearer {SECRET}"
    assert chat_server.bodies == [
        {
            "model": "org/test",
            "messages": [message.model_dump() for message in ASK],
            "temperature": 0.2,
            "top_k": 5,
        }
    ]


async def test_no_key_but_the_named_one_leaves(
    client: OpenAIClient, chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login me password {SECRET}")
    monkeypatch.setenv("NETRC", str(netrc))
    await client.complete(request_to(chat_server.url), Credentials())
    assert "Authorization" not in chat_server.headers[0]
    assert SECRET not in str(chat_server.headers)


async def test_a_key_is_sent_as_it_was_meant_and_never_shown(
    client: OpenAIClient, chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"error": {"message": f"bad key {SECRET}; {ASK[0].content} Hello? What is your trouble"}}
    chat_server.respond = lambda *_: (401, said, {})
    monkeypatch.setenv("TEST_API_KEY", SECRET + "\n")
    reply = await client.complete(request_to(chat_server.url), KEY)
    assert chat_server.headers[0]["Authorization"] == f"Bearer {SECRET}"
    assert (reply.outcome, reply.retry_after) == (Outcome.PROVIDER_ERROR, None)
    assert reply.reason.startswith("HTTP 401: bad key [key]")
    monkeypatch.setenv("TEST_API_KEY", "sk-\r\nX-Mine: 1")
    reply = await client.complete(request_to(chat_server.url), KEY)
    assert (reply.outcome, reply.retry_after) == (Outcome.PROVIDER_ERROR, None)
    assert "sk-" not in reply.reason
    assert len(chat_server.bodies) == 1


@pytest.mark.parametrize("status", [302, 307, 308])
async def test_no_prompt_follows_a_redirect(
    client: OpenAIClient, chat_server: ChatServer, status: int
) -> None:
    elsewhere = {"Location": f"{chat_server.url}/elsewhere"}
    chat_server.respond = lambda *_: (status, {}, elsewhere)
    reply = await client.complete(request_to(chat_server.url), KEY)
    assert (reply.outcome, reply.retry_after) == (Outcome.PROVIDER_ERROR, None)
    assert len(chat_server.bodies) == 1


async def test_too_slow_is_a_timeout_that_says_after_how_long(chat_server: ChatServer) -> None:
    chat_server.respond, chat_server.seconds = lambda *_: completion("fine"), 2
    reply = await OpenAIClient().complete(request_to(chat_server.url), Credentials(timeout=0.3))
    assert (reply.outcome, reply.reason) == (Outcome.TIMEOUT, "no answer within 0.3 s")
    assert reply.seconds < 1.5


async def test_no_server_may_be_there_later(client: OpenAIClient) -> None:
    reply = await client.complete(request_to("http://127.0.0.1:9/v1"), KEY)
    assert (reply.outcome, reply.retry_after) == (Outcome.PROVIDER_ERROR, 0)
    assert "Cannot connect to host 127.0.0.1:9" in reply.reason
    reply = await client.complete(request_to("http://127.0.0.1:99999/v1"), KEY)
    assert (reply.outcome, reply.retry_after) == (Outcome.PROVIDER_ERROR, None)


async def test_a_price_is_the_panels(client: OpenAIClient, chat_server: ChatServer) -> None:
    chat_server.respond = lambda *_: completion("fine")
    price = Price(input_per_million=1.0, output_per_million=2.0)
    request = request_to(chat_server.url).model_copy(update={"model": "openai/gpt-4o-mini"})
    assert (await client.complete(request, Credentials())).cost is None
    reply = await client.complete(request, Credentials(price=price))
    assert reply.cost == pytest.approx((100 * 1.0 + 50 * 2.0) / 1e6)
    assert not reply.estimated


async def test_every_call_of_many_is_answered_once(tmp_path: Path, chat_server: ChatServer) -> None:
    chat_server.respond = lambda body, _: completion(body["messages"][0]["content"])
    chat_server.seconds = 0.05
    client, ledger = OpenAIClient(), Ledger(tmp_path / "ledger.sqlite", 256)
    names = [f"question {n}" for n in range(2_000)]
    asks = [
        request_to(chat_server.url, messages=(Message(role="user", content=name),))
        for name in names
    ]
    replies = await asyncio.gather(*(ledger.ask(ask, client, Credentials()) for ask in asks))
    await ledger.drain()
    ledger.close()
    assert [reply.text for reply in replies] == names
    assert {reply.attempts for reply in replies} == {1}
    assert Counter(b["messages"][0]["content"] for b in chat_server.bodies) == Counter(names)
    assert 128 < chat_server.peak <= 256


async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one call as if more could follow, and close the connection."""
    body = json.dumps(completion("fine")[1]).encode()
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(re.findall(rb"(?i)content-length: (\d+)", head)[0]))
        await asyncio.sleep(0.01)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def test_a_server_that_closes_every_connection_loses_no_call(tmp_path: Path) -> None:
    server = await asyncio.start_server(closing, "127.0.0.1", 0, backlog=256)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    client, ledger = OpenAIClient(), Ledger(tmp_path / "ledger.sqlite", 32)
    asks = [request_to(url, trial=n) for n in range(400)]
    replies = await asyncio.gather(*(ledger.ask(ask, client, Credentials()) for ask in asks))
    ledger.close()
    server.close()
    assert {(reply.outcome, reply.attempts) for reply in replies} == {(Outcome.OK, 1)}


def test_one_event_loop_after_another_and_nothing_is_left_open(chat_server: ChatServer) -> None:
    chat_server.respond = lambda *_: completion("fine")
    client, complaints = OpenAIClient(), list[dict[str, Any]]()

    async def once() -> Outcome:
        asyncio.get_running_loop().set_exception_handler(lambda _, told: complaints.append(told))
        return (await client.complete(request_to(chat_server.url), Credentials())).outcome

    assert [asyncio.run(once()) for _ in range(3)] == [Outcome.OK] * 3
    gc.collect()
    assert complaints == []


def test_a_run_of_served_models_never_loads_litellm(
    tmp_path: Path, tiny_suite: Suite, chat_server: ChatServer
) -> None:
    panel, suite = tmp_path / "panel.yaml", tmp_path / "tiny.jsonl"
    panel.write_text(PANEL.format(url=chat_server.url))
    save_suite(tiny_suite, suite, "native")
    words = ["run", "--suite", suite, "--panel", panel, "--workspace", tmp_path / "w"]
    program = """
import sys
from primum.cli import app
for words in (sys.argv[1:], [*sys.argv[1:], "--dry-run"]):
    try:
        app(words)
    except SystemExit as end:
        assert not end.code, end.code
print([name for name in ("litellm", "openai", "aiohttp") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env=clean_environment(),
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "['aiohttp']"
    assert "Unclosed" not in done.stderr
    assert {body["model"] for body in chat_server.bodies} == {"llama-a", "org/qwen-b"}


def spec(model: str, **more: Any) -> ModelSpec:
    return ModelSpec(**{"id": model, "family": "llama", "access": "open", **more})


HERE = {"api_base": "http://127.0.0.1:1/v1"}


@pytest.mark.parametrize(
    ("model", "direct"),
    [
        (spec("openai/x", **HERE), True),
        (spec("hosted_vllm/x", **HERE), True),
        (spec("openrouter/x", client="openai-compatible", **HERE), True),
        (spec("openai/x"), False),
        (spec("openai/x", client="litellm", **HERE), False),
        (spec("ollama_chat/x", **HERE), False),
        (spec("gpt-4o-mini"), False),
    ],
)
def test_who_asks_is_part_of_the_calls_key(model: ModelSpec, direct: bool) -> None:
    assert bool(client_version(model)) == direct
    agent = AgentSpec(model="m")
    request = Agent("s", "generator", agent, model).request(ASK, 1)
    other = model.model_copy(update={"client": "litellm" if direct else "openai-compatible"})
    assert request.key != Agent("s", "generator", agent, other).request(ASK, 1).key
    (shown,) = (check.found for check in run_checks({"m": model}, Path()) if "client" in check.what)
    assert shown == ("openai-compatible, asks for x" if direct else "litellm")


@pytest.mark.parametrize(
    ("model", "field", "said"),
    [
        (spec("openai/x", client="openai-compatible"), "api_base", "names no endpoint"),
        (spec("hosted_vllm/x"), "api_base", "names no endpoint"),
        (spec("openai/x", api_version="2024", **HERE), "api_version", "say client: litellm"),
    ],
)
def test_what_the_client_cannot_do_is_one_line(model: ModelSpec, field: str, said: str) -> None:
    ((found, message),) = call_problems(model)
    assert (found, said in message, "\n" in message) == (field, True, False)


@pytest.mark.parametrize(
    ("model", "params", "sent"),
    [
        ("openai/gpt-5", {"max_tokens": 500}, {"max_completion_tokens": 500}),
        ("openai/openai/o3-mini", {"max_tokens": 500}, {"max_completion_tokens": 500}),
        ("openai/gpt-5.2", {"temperature": 0.2}, {"temperature": 0.2}),
        ("openai/gpt-5-chat-latest", {"max_tokens": 5}, {"max_tokens": 5}),
        ("openai/gpt-oss-20b", {"temperature": 0, "max_tokens": 5}, {"temperature": 0, "max_tokens": 5}),
        ("openai/gpt-5-mini", {"temperature": 0.2}, None),
        ("openai/o4-mini", {"temperature": 0}, None),
    ],
)  # fmt: skip
async def test_parameters_of_models_that_think_are_those_that_they_take(
    client: OpenAIClient,
    chat_server: ChatServer,
    model: str,
    params: dict[str, Any],
    sent: dict[str, Any] | None,
) -> None:
    chat_server.respond = lambda *_: completion("fine")
    reply = await client.complete(request_to(chat_server.url, model=model, params=params), KEY)
    if sent is None:
        assert (reply.outcome, reply.retry_after) == (Outcome.PROVIDER_ERROR, None)
        assert "no temperature but 1: leave it out of params" in reply.reason
        assert not chat_server.bodies
    else:
        (body,) = chat_server.bodies
        assert {k: v for k, v in body.items() if k not in {"model", "messages"}} == sent


def test_proxies_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    assert proxy_of("https://host/v1") is None
    monkeypatch.setenv("HTTPS_PROXY", "proxy:3128")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,.inside")
    assert proxy_of("https://host/v1") == "http://proxy:3128"
    assert proxy_of("http://host/v1") is None
    assert proxy_of("https://127.0.0.1:8000/v1") is None
    assert proxy_of("https://gpu.inside/v1") is None


async def test_a_call_goes_through_the_proxy(
    client: OpenAIClient, chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat_server.respond = lambda *_: completion("through it")
    monkeypatch.setenv("http_proxy", chat_server.url.removesuffix("/v1"))
    monkeypatch.setenv("no_proxy", "")
    reply = await client.complete(request_to("http://nowhere.invalid/v1"), KEY)
    assert reply.text == "through it"
    assert chat_server.headers[0]["Host"] == "nowhere.invalid"


def test_the_reply_on_record_is_json(client: OpenAIClient, chat_server: ChatServer) -> None:
    chat_server.respond = lambda *_: completion("half a \ud83d")
    reply = asyncio.run(client.complete(request_to(chat_server.url), KEY))
    assert json.loads(reply.model_dump_json())["text"] == "half a ?"


@pytest.fixture
def self_signed(tmp_path: Path) -> ssl.SSLContext:
    """A server's context with a certificate that nobody signed."""
    if not shutil.which("openssl"):
        pytest.skip("needs the command openssl, to make a certificate")
    pem, crt = tmp_path / "pem", tmp_path / "crt"
    words = "req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost".split()
    made = ["openssl", *words, "-keyout", str(pem), "-out", str(crt)]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(crt, pem)
    return context


async def test_a_certificate_that_nobody_signed_is_one_line_and_no_retry(
    client: OpenAIClient, self_signed: ssl.SSLContext
) -> None:
    server = await asyncio.start_server(closing, "127.0.0.1", 0, ssl=self_signed)
    url = f"https://localhost:{server.sockets[0].getsockname()[1]}/v1"
    reply = await client.complete(request_to(url), KEY)
    server.close()
    assert (reply.outcome, reply.retry_after) == (Outcome.PROVIDER_ERROR, None)
    assert "certificate verify failed" in reply.reason
