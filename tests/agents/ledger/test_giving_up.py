"""agents/ledger/giving_up.py: endpoints that answer no call are given up, and asked again later."""

import asyncio
import json
import subprocess
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.agents.ledger.dispatcher import Dispatcher
from primum.agents.ledger.giving_up import Standing, standing_after
from primum.agents.models.client import Credentials, Message, Reply, Request
from primum.agents.models.endpoints.blocked import Blocked
from primum.agents.models.outcomes import Outcome
from primum.cases.load import save_suite
from primum.cases.model import Suite
from primum.tests.conftest import ChatServer, Response, grade_menu

OK = Reply(outcome=Outcome.OK, text="yes")
FILTERED = Reply(outcome=Outcome.FILTERED, reason="filter")
BROKEN = Reply(outcome=Outcome.PROVIDER_ERROR, reason="500", retry_after=0.0)
QUOTA, LIMIT, ACCESS = (
    Reply(outcome=Outcome.PROVIDER_ERROR, reason=f"HTTP: {blocked}", blocked=blocked)
    for blocked in (Blocked.QUOTA, Blocked.LIMIT, Blocked.ACCESS)
)
Primum = Callable[..., subprocess.CompletedProcess[str]]


def request(number: int, model: str = "openai/x") -> Request:
    text = Message(role="user", content=f"hello {number}")
    return Request(model=model, messages=(text,), api_base="http://a")


class Scripted:
    """Answers each model by a script."""

    def __init__(self, **scripts: Callable[[int], Reply]) -> None:
        self.scripts, self.asked = scripts, Counter[str]()

    async def complete(self, request: Request, credentials: Credentials) -> Reply:  # noqa: ARG002
        name = request.model.removeprefix("openai/")
        self.asked[name] += 1
        await asyncio.sleep(0)
        return self.scripts[name](self.asked[name])


def given_up_after(replies: Sequence[Reply]) -> int | None:
    """How many replies it takes, told slowly: by a look back from each reply."""
    for number in range(1, len(replies) + 1):
        seen = replies[:number]
        if seen[-1].blocked in {Blocked.QUOTA, Blocked.LIMIT}:
            return number
        answered = any(reply.outcome in {Outcome.OK, Outcome.FILTERED} for reply in seen)
        if number >= 3 and not answered and all(r.blocked is Blocked.ACCESS for r in seen[-3:]):
            return number
    return None


@given(st.lists(st.sampled_from([OK, FILTERED, BROKEN, QUOTA, LIMIT, ACCESS, ACCESS]), max_size=12))
def test_the_policy(replies: list[Reply]) -> None:
    standing, after = Standing(), None
    for number, reply in enumerate(replies, 1):
        standing = standing_after(standing, reply)
        if standing.is_given_up and after is None:
            after = number
    assert after == given_up_after(replies)


async def test_nothing_more_is_sent_to_a_model_that_is_given_up() -> None:
    client = Scripted(x=lambda n: QUOTA if n > 4 else OK, y=lambda _: OK)
    dispatcher, credentials = Dispatcher(2), Credentials()
    calls = [request(n, f"openai/{name}") for n in range(10) for name in "xy"]
    replies = await asyncio.gather(*(dispatcher.send(c, client, credentials) for c in calls))
    assert client.asked["x"] <= 6, "those in flight come back"
    assert client.asked["y"] == 10, "another model of the same endpoint goes on"
    lost = [reply for reply in replies if reply.outcome is not Outcome.OK]
    assert {reply.outcome for reply in lost} == {Outcome.PROVIDER_ERROR}
    assert {reply.blocked for reply in lost} == {Blocked.QUOTA}
    unsent = [reply for reply in lost if not reply.attempts]
    assert len(unsent) == 10 - client.asked["x"]
    assert {reply.cost for reply in unsent} == {0.0}
    reason = "given up, as its quota or credit is used up: HTTP: its quota or credit is used up"
    assert {reply.reason for reply in unsent} == {reason}


@pytest.mark.parametrize(
    ("script", "asked"),
    [
        (lambda _: ACCESS, 3),
        (lambda n: BROKEN if n == 2 else ACCESS, 5),
        (lambda n: OK if n == 1 else ACCESS, 8),
        (lambda n: OK if n == 3 else ACCESS, 8),
    ],
)
async def test_a_refused_key_is_given_up_after_three(
    script: Callable[[int], Reply], asked: int
) -> None:
    client, dispatcher = Scripted(x=script), Dispatcher(1, pause=0.0)
    for number in range(8):
        await dispatcher.send(request(number), client, Credentials())
    assert client.asked["x"] == asked


async def test_calls_that_wait_for_their_turn_are_given_up_at_once() -> None:
    """A call a minute: without giving up, the last of them would go out in an hour."""
    client, dispatcher = Scripted(x=lambda _: LIMIT), Dispatcher(4)
    calls = (dispatcher.send(request(n), client, Credentials(rpm=1.0)) for n in range(60))
    async with asyncio.timeout(5):
        replies = await asyncio.gather(*calls)
    assert client.asked["x"] == 1
    assert all(reply.given_up for reply in replies)


PANEL = """
name: three
models:
  rich: {{id: openai/rich, family: llama, access: open, api_base: "{url}", client: {client}}}
  poor: {{id: openai/poor, family: gemini, access: open, api_base: "{url}", client: {client}}}
ensembles:
  - {{name: team, graph: panel, generators: [rich, poor], aggregator: rich}}
"""


@pytest.mark.long
@pytest.mark.parametrize("client", ["litellm", "openai-compatible"])
def test_a_run_goes_on_without_it_and_the_same_command_asks_it_again(
    tmp_path: Path, chat_server: ChatServer, tiny_suite: Suite, primum: Primum, client: str
) -> None:
    left = False

    def respond(body: dict[str, Any], _: int) -> Response:
        if body["model"] == "rich" or left:
            return grade_menu(body)
        error = {"message": "nothing is left on this account", "code": "insufficient_quota"}
        return 429, {"error": error}, {}

    chat_server.respond = respond
    (tmp_path / "three.yaml").write_text(PANEL.format(url=chat_server.url, client=client))
    save_suite(tiny_suite, tmp_path / "tiny.jsonl", "native")
    files = ("--panel", tmp_path / "three.yaml", "--suite", tmp_path / "tiny.jsonl")
    words = ("run", *files, "--workspace", tmp_path / "data", "--json")

    def outcomes(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, int]]:
        return {each["name"]: each["outcomes"] for each in json.loads(done.stdout)["ensembles"]}

    done = primum(*words, "--concurrency", "1")
    tasks = 3
    found = outcomes(done)
    assert found["rich"] == found["team"] == {"ok": tasks}
    assert found["poor"] == {"provider_error": tasks}
    assert Counter(body["model"] for body in chat_server.bodies)["poor"] == 1
    lines = [line for line in done.stderr.splitlines() if "given up" in line]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith(
        "primum: poor: given up, as its quota or credit is used up: HTTP 429: nothing is left on "
        "this account. The run goes on without it; the same command asks it again"
    )

    replayed = primum(*words, "--replay")
    assert outcomes(replayed) == found, "what is in the ledger is what came"
    counted = json.loads(primum(*words, "--dry-run").stdout)
    assert counted["to_make"] == 2 * tasks, "those of poor, and of rich which reads poor's"

    left = True
    before = len(chat_server.bodies)
    again = primum(*words)
    assert outcomes(again)["poor"] == outcomes(again)["team"] == {"ok": tasks}
    assert "given up" not in again.stderr
    assert len(chat_server.bodies) - before == 2 * tasks
