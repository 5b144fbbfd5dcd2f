"""What several test files need."""

import asyncio
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from primum.agents.models.client import ChatClient, Credentials, Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.cases.menu import parse_menu
from primum.cases.model import (
    Case,
    Consultation,
    Option,
    Suite,
    SuiteInfo,
    Variant,
    VariantMetadata,
)
from primum.tests.forked import Forks
from primum.tests.paths import MAST_OPEN

READ_AT_IMPORT = ("PYTHON", "LANG", "LITELLM", "OPENAI")
Response = tuple[int, dict[str, Any], dict[str, str]]


@pytest.fixture
def mast_open() -> Path:
    """The folder of published cases; they are not part of the repository."""
    if not MAST_OPEN.is_dir():
        pytest.skip("needs the 20 open NOHARM cases in ../shared/mast-open")
    return MAST_OPEN


@pytest.fixture(scope="session")
def tiny_suite() -> Suite:
    """Two cases of two specialties, every kind of option, and one variant."""
    options = (
        Option(
            id=1,
            text="Reassure, nothing more",
            category="Counseling",
            score=1,
            is_harm_of_inaction=True,
        ),
        Option(id=2, text="Order test A", category="Diagnostic", score=9),
        Option(
            id=3,
            text="Start drug B",
            category="Medication",
            score=8,
            abstraction="B or C",
            abstraction_type="alternative",
        ),
        Option(
            id=4,
            text="Start drug C",
            category="Medication",
            score=8,
            abstraction="B or C",
            abstraction_type="alternative",
        ),
        Option(id=5, text="Recheck after B", category="Follow-up", score=7, depends_on=(3,)),
        Option(id=6, text="Order test D", category="Diagnostic", score=5),
        Option(id=7, text="Start drug E", category="Medication", score=2),
    )
    one = Case(
        id="CardTiny1",
        case=Consultation(presentation="A tiny heart case. What now?"),
        options=options,
    )
    two = Case(
        id="EndoTiny1",
        case=Consultation(presentation="A tiny gland case. What now?"),
        options=options,
    )
    variant = Variant(
        id="CardTiny1-0",
        prompt="A tiny heart case, older. What now?",
        metadata=VariantMetadata(base_id="CardTiny1", perturb_id=0, category="Age"),
    )
    return Suite(
        info=SuiteInfo(name="tiny", notice="INVENTED for tests"),
        cases=(one, two),
        variants=(variant,),
    )


@dataclass
class ChatServer:
    """A real OpenAI-compatible server on loopback. `respond` gives status, body and headers.

    Every reply takes `seconds`, or only those of the model `slow` if it is given.
    `bodies` holds every request's JSON in order, `headers` its headers, `paths` its path.
    """

    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    seconds: float = 0.0
    slow: str | None = None
    in_flight: int = 0
    peak: int = 0
    respond: Callable[[dict[str, Any], int], Response] = field(
        default=lambda body, _: grade_menu(body)
    )

    async def handle(self, request: web.Request) -> web.Response:
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        raw = await request.text()
        self.paths.append(request.path)
        self.headers.append(dict(request.headers))
        self.bodies.append(json.loads(raw) if raw.startswith("{") else {"raw": raw})
        status, body, headers = self.respond(self.bodies[-1], len(self.bodies))
        if self.slow in (None, self.bodies[-1].get("model")):
            await asyncio.sleep(self.seconds)
        self.in_flight -= 1
        return web.json_response(body, status=status, headers=headers)


def completion(text: str | None, finish: str = "stop", **message: Any) -> Response:
    """A chat completion as OpenAI's API gives it."""
    choice = {
        "index": 0,
        "finish_reason": finish,
        "message": {"role": "assistant", "content": text, **message},
    }
    usage = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "served-model-1",
        "choices": [choice],
        "usage": usage,
    }
    return 200, body, {}


def grade_menu(body: dict[str, Any]) -> Response:
    """What a docile model answers: as generator or aggregator every even option, as critic nothing."""
    system, user = (message["content"] for message in body["messages"][:2])
    if system.startswith("Role: critic"):
        return completion("[]")
    menu = re.findall(r"^(\d+): ", user.split("<menu>")[1].split("</menu>")[0], re.MULTILINE)
    grades = [
        {
            "Option": int(n),
            "GradeAI": "Inappropriate" if int(n) % 2 else "Appropriate",
            "Rationale": f"because {body['model']}",
        }
        for n in menu
    ]
    return completion(json.dumps(grades))


@contextmanager
def serving() -> Iterator[ChatServer]:
    """The server, running in a thread of its own."""
    server = ChatServer()
    loop = asyncio.new_event_loop()
    app = web.Application(client_max_size=2**24)
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)

    async def start() -> None:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"

    loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield server
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


@pytest.fixture
def chat_server() -> Iterator[ChatServer]:
    """The server, until the test ends."""
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def module_server() -> Iterator[ChatServer]:
    """The server, until the module's tests end."""
    with serving() as server:
        yield server


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """Where commands come from."""
    origin = Forks(clean_environment())
    yield origin
    origin.close()


@pytest.fixture(scope="session")
def primum(forks: Forks) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The real command in a process of its own, with a clean environment and given variables.

    It is forked, but where a variable is one that libraries may read when they are imported.
    """

    def call(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        words, variables = [*map(str, arguments)], clean_environment(**environment)
        if not any(name.startswith(READ_AT_IMPORT) for name in environment):
            return forks.run(words, variables)
        return subprocess.run(
            [sys.executable, "-m", "primum.cli", *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env=variables,
        )

    return call


def clean_environment(**more: str) -> dict[str, str]:
    """PATH and HOME only, and what is given."""
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **more}


class ScriptedClient:
    """A model client without a network: a function of the request gives its replies."""

    def __init__(self, reply: Callable[[Request], Reply]) -> None:
        self._reply = reply

    async def complete(self, request: Request, credentials: Credentials) -> Reply:  # noqa: ARG002
        await asyncio.sleep(0)
        return self._reply(request)


@pytest.fixture
def scripted() -> Callable[[Callable[[Request], Reply]], ChatClient]:
    """A model client made of a function from request to reply."""
    return ScriptedClient


@pytest.fixture
def approving() -> Callable[[Request], Reply]:
    """What a model of few words replies: every option is Appropriate; no draft needs a change."""

    def reply(request: Request) -> Reply:
        if request.messages[0].content.startswith("Role: critic"):
            return Reply(outcome=Outcome.OK, text="[]")
        menu = request.messages[1].content.split("<menu>\n")[1].split("\n</menu>")[0]
        rows = [
            {"Option": item.number, "GradeAI": "Appropriate", "Rationale": "Why not."}
            for item in parse_menu(menu)[1]
        ]
        return Reply(outcome=Outcome.OK, text=json.dumps(rows))

    return reply
