"""Every kind of answer, over HTTP, has the right outcome, whichever client asks."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web

from primum.agents.models.client import ChatClient, Credentials, Message, Request
from primum.agents.models.litellm_client import LiteLLMClient
from primum.agents.models.openai_client import OpenAIClient
from primum.agents.models.outcomes import Outcome
from primum.tests.agents.models.answers import ENDPOINT, FINE, PROVIDERS, ROWS, Sent

SECRET = "sk-very-secret-key"
ASK = (
    Message(role="system", content="Role: generator. Say what to do."),
    Message(role="user", content="A tiny heart case of a man of 41. What now?"),
)
DIRECT, LITELLM = OpenAIClient(), LiteLLMClient()


class Server:
    """A real server that answers everything with one answer, as it is."""

    url = ""
    sent: Sent
    calls = 0

    async def handle(self, request: web.Request) -> web.Response:
        await request.read()
        self.calls += 1
        headers = {"Content-Type": "application/json", **self.sent.headers}
        return web.Response(body=self.sent.raw, status=self.sent.status, headers=headers)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    found, loop = Server(), asyncio.new_event_loop()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", found.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    loop.run_until_complete(runner.setup())
    loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", 0).start())
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield found
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


async def check(client: ChatClient, server: Server, sent: Sent, model: str, path: str) -> None:
    """Ask once, and compare what came of it with what is right."""
    server.sent, server.calls = sent, 0
    request = Request(
        model=model,
        messages=ASK,
        params=sent.params,
        api_base=server.url + path,
        api_version="2024-10-21" if model.startswith("azure/") else None,
    )
    reply = await client.complete(request, Credentials(key_env="TEST_API_KEY", timeout=30))
    assert reply.outcome is sent.outcome, reply
    assert (reply.retry_after is not None) == sent.passes, reply
    assert server.calls == 1
    assert sent.says in reply.reason, reply
    assert (reply.reason == "") == (reply.outcome is Outcome.OK), reply
    assert "\n" not in reply.reason
    assert SECRET not in reply.reason
    if sent.outcome is Outcome.OK:
        assert reply.text == (ROWS if b"GradeAI" in sent.raw else FINE)
    if sent.outcome.is_transient:
        assert reply.text == ""
    assert reply.thinking.strip() == sent.thinking


@pytest.mark.parametrize("kind", ENDPOINT)
@pytest.mark.parametrize("client", [DIRECT, LITELLM], ids=["direct", "litellm"])
async def test_an_endpoints_answer(
    client: ChatClient, kind: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_API_KEY", SECRET)
    await check(client, server, ENDPOINT[kind], "openai/served", "/v1")


@pytest.mark.parametrize(("model", "kind"), PROVIDERS)
async def test_a_providers_answer(
    model: str, kind: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_API_KEY", SECRET)
    await check(LITELLM, server, PROVIDERS[model, kind], model, "")


@pytest.mark.parametrize("client", [DIRECT, LITELLM], ids=["direct", "litellm"])
async def test_what_an_error_repeats_of_prompt_and_key_is_not_kept(
    client: ChatClient, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_API_KEY", SECRET)
    echo: Any = {"error": {"message": f"{SECRET} asked: {ASK[1].content}", "code": 400}}
    for status in (200, 400, 500):
        server.sent = Sent(Outcome.PROVIDER_ERROR, echo, status=status)
        request = Request(model="openai/served", messages=ASK, api_base=f"{server.url}/v1")
        reply = await client.complete(request, Credentials(key_env="TEST_API_KEY"))
        assert "asked: [prompt]" in reply.reason
        assert not any(word in reply.reason for word in (SECRET, "tiny", "heart"))
