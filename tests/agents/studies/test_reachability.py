"""agents/studies/reachability.py: doctor and every client take the same way to an endpoint."""

import re
import socket
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest

from primum.agents.models.client import Credentials, Message, Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.models.registry import client_version
from primum.agents.specs.model import ModelSpec
from primum.agents.studies.clients import ModelClient
from primum.agents.studies.doctor import run_checks
from primum.agents.studies.reachability import proxy_settings, reach
from primum.tests.proxy import PASSWORD, USER, Proxy, proxying

NOWHERE = "http://nowhere.invalid/v1"
PROXIED = "http_proxy", "https_proxy", "all_proxy", "no_proxy"


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """The proxy, which no variable names yet."""
    for name in PROXIED:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with proxying() as running:
        yield running


@pytest.fixture
def closed() -> int:
    """A port of loopback that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


async def asked(model: ModelSpec, models: ModelClient | None = None) -> Reply:
    messages = (Message(role="user", content="Hello?"),)
    request = Request(
        model=model.id,
        messages=messages,
        api_base=model.api_base,
        client=client_version(model),
    )
    return await (models or ModelClient()).complete(request, Credentials())


def served(base: str, id_: str, client: str | None) -> ModelSpec:
    fields = {"id": id_, "family": "llama", "access": "open", "api_base": base, "client": client}
    return ModelSpec.model_validate(fields)


CLIENTS = pytest.mark.parametrize(
    ("id_", "client"),
    [("openai/x", "openai-compatible"), ("openai/x", "litellm"), ("ollama_chat/x", None)],
)


@CLIENTS
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
async def test_a_call_and_doctor_go_through_the_proxy(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch, variable: str, id_: str, client: str | None
) -> None:
    monkeypatch.setenv(variable, proxy.url)
    assert reach(NOWHERE) == (True, f"goes through http://127.0.0.1:{proxy.port}, which answers")
    reply = await asked(served(NOWHERE, id_, client))
    assert reply.text == "through it", reply.reason
    (_, target, authorization), *_ = proxy.asked
    assert target.startswith("http://nowhere.invalid/")
    assert b64decode(authorization.removeprefix("Basic ")).decode() == f"{USER}:{PASSWORD}"


@CLIENTS
@pytest.mark.parametrize(
    ("exempt", "through"),
    [("", True), ("elsewhere", True), ("127.0.0.1", False), ("*", False), ("127.0.0.1:{}", True)],
)
async def test_loopback_is_exempt_only_where_no_proxy_names_it(
    proxy: Proxy,
    closed: int,
    monkeypatch: pytest.MonkeyPatch,
    exempt: str,
    through: bool,
    id_: str,
    client: str | None,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", exempt.format(closed))
    here = f"http://127.0.0.1:{closed}"
    assert reach(here).ok == through
    reply = await asked(served(here, id_, client))
    assert (reply.outcome is Outcome.OK) == through == bool(proxy.asked)


@CLIENTS
async def test_a_proxy_that_refuses_is_named_without_its_password(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch, id_: str, client: str | None, tmp_path: Path
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    proxy.tunnel = 407
    model = served("https://nowhere.invalid/v1", id_, client)
    checks = run_checks({"oak": model}, tmp_path)
    (endpoint,) = (check for check in checks if check.what == "model oak: endpoint")
    assert not endpoint.ok
    assert "407" in endpoint.found
    assert f"through http://127.0.0.1:{proxy.port}," in endpoint.found
    (proxies,) = (check for check in checks if check.what == "proxies")
    assert proxies.found == f"HTTPS_PROXY=http://127.0.0.1:{proxy.port}"
    reply = await asked(model)
    assert reply.outcome is Outcome.PROVIDER_ERROR
    assert "407" in reply.reason
    assert PASSWORD not in f"{checks}{reply}"


@CLIENTS
@pytest.mark.parametrize(
    ("settings", "through"),
    [
        ({"HTTP_PROXY": "{}"}, "yes no"),
        ({"HTTPS_PROXY": "{}"}, "no yes"),
        ({"http_proxy": "{}", "HTTPS_PROXY": "{}"}, "yes yes"),
        ({"HTTP_PROXY": "{}", "http_proxy": ""}, "no no"),
        ({"ALL_PROXY": "{}", "NO_PROXY": "*", "no_proxy": ""}, "yes yes"),
        ({"ALL_PROXY": "{}", "NO_PROXY": "other, .invalid"}, "no no"),
        ({"ALL_PROXY": "{}", "no_proxy": "invalid"}, "no no"),
        ({"ALL_PROXY": "{}", "no_proxy": "*.invalid,where.invalid"}, "yes yes"),
    ],
)
async def test_doctor_and_every_client_read_the_variables_alike(
    proxy: Proxy,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, str],
    through: str,
    id_: str,
    client: str | None,
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value.format(proxy.url.removeprefix("http://")))
    models = ModelClient()  # as in a run: one for all calls, also of one host by two schemes
    for scheme, expected in zip(("http", "https"), through.split(), strict=True):
        base = f"{scheme}://nowhere.invalid/v1"
        assert reach(base).ok == (expected == "yes")
        proxy.asked.clear()
        await asked(served(base, id_, client), models)
        assert bool(proxy.asked) == (expected == "yes")


async def test_the_direct_client_names_the_proxy_that_failed(
    proxy: Proxy, closed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value, words in (
        (f"http://ward:open-sesame@127.0.0.1:{closed}", "through the proxy http://127.0.0.1:"),
        (f"socks5://ward:open-sesame@127.0.0.1:{closed}", "does not speak HTTP"),
        (f"http://ward:open/sesame@127.0.0.1:{closed}", "through the proxy http://127.0.0.1:"),
    ):
        monkeypatch.setenv("HTTP_PROXY", value)
        reply = await asked(served(NOWHERE, "openai/x", None))
        assert words in reply.reason
        assert not {"ward", "open", "sesame"} & {*re.findall(r"\w+", reply.reason)}
    assert proxy.asked == []


def test_a_tunnel_is_tried_and_nothing_is_sent_through(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    found = reach("https://nowhere.invalid/v1")
    assert found == (True, f"answers through http://127.0.0.1:{proxy.port}")
    assert [(method, target) for method, target, _ in proxy.asked] == [
        ("CONNECT", "nowhere.invalid:443")
    ]


@pytest.mark.parametrize(
    ("proxied", "base", "words"),
    [
        ("http://127.0.0.1:{}", NOWHERE, "which cannot be reached"),
        ("socks5://u:{}@10.1.1.1:1080", NOWHERE, "only HTTP proxies"),
        ("http://10.1.1.1:3128", "http://localhost:{}", "add localhost to NO_PROXY"),
    ],
)
def test_a_way_that_leads_nowhere_says_what_to_change(
    proxy: Proxy,
    closed: int,
    monkeypatch: pytest.MonkeyPatch,
    proxied: str,
    base: str,
    words: str,
) -> None:
    assert proxy.asked == []
    monkeypatch.setenv("HTTP_PROXY", proxied.format(closed))
    found = reach(base.format(closed))
    assert not found.ok
    assert words in found.found
    assert f"u:{closed}" not in found.found


@pytest.mark.parametrize(
    "value",
    [
        "http://ward:open-sesame@10.1.1.1:3128",
        "ward:open-sesame@10.1.1.1:3128",
        "http://ward:open/sesame@10.1.1.1:3128",
        "http://ward:open@sesame@10.1.1.1:3128",
    ],
)
def test_no_form_of_a_proxy_shows_its_password(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    assert proxy.asked == []
    monkeypatch.setenv("https_proxy", value)
    (setting,) = proxy_settings()
    assert setting.startswith("https_proxy=")
    assert setting.endswith("10.1.1.1:3128")
    assert not {"ward", "open", "sesame"} & {*re.findall(r"\w+", setting)}
