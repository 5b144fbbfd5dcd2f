"""Calls that are turned away, and money that runs out, at a real server."""

import asyncio
import json
import random
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from primum.agents.ledger.budget import Budget, BudgetError
from primum.agents.ledger.ledger import Ledger
from primum.agents.ledger.maintenance import open_record, tally_entries
from primum.agents.models.client import Credentials, Message, Reply, Request
from primum.agents.models.litellm_client import LiteLLMClient
from primum.agents.models.outcomes import Outcome
from primum.agents.specs.model import Price
from primum.cases.load import save_suite
from primum.cases.model import Suite
from primum.tests.conftest import ChatServer, Response, completion

pytestmark = pytest.mark.long

# Expected are 1 / (1 - 0.3) = 1.43 requests a call, with a standard deviation of 0.78 / sqrt(600)
# = 0.032: 1.5 is 2.2 of them away.
CALLS, CONCURRENCY, TURNED_AWAY, MOST_REQUESTS_A_CALL = 600, 8, 0.3, 1.5
AWAY: Response = (
    429,
    {"error": {"message": "too many requests", "type": "rate_limit", "code": "rate_limit"}},
    {"Retry-After": "0.005"},
)
PRICE = Price(input_per_million=0.0, output_per_million=20.0)
EACH = 50 * 20.0 / 1e6  # dollars: every reply has 50 tokens
PANEL = """
name: priced
models:
  a: {{id: openai/model-a, family: llama, access: open, api_base: "{url}", params: {{max_tokens: 50}},
      price: {{input_per_million: 0.0, output_per_million: 20.0}}}}
  b: {{id: openai/model-b, family: gemini, access: open, api_base: "{url}", params: {{max_tokens: 50}},
      price: {{input_per_million: 0.0, output_per_million: 20.0}}}}
ensembles:
  - {{name: team, graph: panel, generators: [a, b], critics: [b], aggregator: a}}
"""

Primum = Callable[..., subprocess.CompletedProcess[str]]


def question(server: ChatServer, n: int) -> Request:
    return Request(
        model="openai/model-a",
        messages=(Message(role="user", content=f"question {n}"),),
        api_base=server.url,
        params={"max_tokens": 50},
    )


def asked(server: ChatServer) -> Counter[str]:
    return Counter(body["messages"][0]["content"] for body in server.bodies)


async def test_calls_that_are_turned_away_are_made_again_and_counted(
    tmp_path: Path, chat_server: ChatServer
) -> None:
    chance, rate_limited = random.Random(429), Counter[str]()

    def respond(body: dict[str, Any], _: int) -> Response:
        name = body["messages"][0]["content"]
        if chance.random() < TURNED_AWAY:
            rate_limited[name] += 1
            return AWAY
        return completion(f"answer to {name}")

    chat_server.respond, chat_server.seconds = respond, 0.001
    client, ledger = LiteLLMClient(), Ledger(tmp_path / "ledger.sqlite", CONCURRENCY)
    replies = await asyncio.gather(
        *(ledger.ask(question(chat_server, n), client, Credentials()) for n in range(CALLS))
    )
    await ledger.drain()
    assert {reply.outcome for reply in replies} == {Outcome.OK}
    assert [reply.text for reply in replies] == [f"answer to question {n}" for n in range(CALLS)]
    requests = len(chat_server.bodies)
    assert requests == CALLS + rate_limited.total()
    assert CALLS * 1.3 < requests <= CALLS * MOST_REQUESTS_A_CALL, "again, but no stampede"
    times = asked(chat_server)
    assert [reply.attempts for reply in replies] == [times[f"question {n}"] for n in range(CALLS)]
    assert max(chat_server.peak, ledger.dispatcher.peak) <= CONCURRENCY
    ledger.close()

    (row,) = tally_entries(open_record(tmp_path))
    assert (row.calls, row.outcome, row.attempts) == (CALLS, "ok", requests)
    assert row.retried == len(rate_limited) > 0, "those can be told from the others"


async def test_calls_stop_before_the_budget_is_exceeded(
    tmp_path: Path, chat_server: ChatServer
) -> None:
    chat_server.respond = lambda body, _: completion(body["messages"][0]["content"])
    client, credentials = LiteLLMClient(), Credentials(price=PRICE)

    async def ask_all(dollars: float) -> tuple[list[Reply | BaseException], Ledger]:
        ledger = Ledger(tmp_path / "ledger.sqlite", 4, budget=Budget(dollars, {}))
        asks = (ledger.ask(question(chat_server, n), client, credentials) for n in range(40))
        replies = await asyncio.gather(*asks, return_exceptions=True)
        await ledger.drain()
        ledger.close()
        return list(replies), ledger

    replies, ledger = await ask_all(10.5 * EACH)
    answered = [reply for reply in replies if isinstance(reply, Reply)]
    refused = [error for error in replies if isinstance(error, BudgetError)]
    assert (len(answered), len(refused)) == (10, 30)
    assert {error.exit_code for error in refused} == {4}
    assert not any("\n" in str(error) for error in refused)
    assert ledger.budget
    assert (ledger.budget.held, len(chat_server.bodies)) == (0.0, 10)
    spent = sum(reply.cost or 0.0 for reply in answered)
    assert abs(spent - ledger.budget.spent) < 1e-12
    assert 0 < spent <= ledger.budget.dollars
    (row,) = tally_entries(open_record(tmp_path))
    assert (row.calls, row.cost) == (10, spent)

    replies, ledger = await ask_all(30.5 * EACH)  # the same with more goes on from there
    assert all(isinstance(reply, Reply) for reply in replies)
    assert (ledger.found, ledger.made) == (10, 30)
    assert set(asked(chat_server).values()) == {1}


def test_a_run_without_money_ends_with_its_own_exit_code(
    tmp_path: Path, chat_server: ChatServer, tiny_suite: Suite, primum: Primum
) -> None:
    panel, suite, dollars = tmp_path / "priced.yaml", tmp_path / "tiny.jsonl", 7.5 * EACH
    panel.write_text(PANEL.format(url=chat_server.url))
    save_suite(tiny_suite, suite, "native")
    done = primum(
        *("run", "--panel", panel, "--suite", suite, "--workspace", tmp_path / "ws"),
        *("--concurrency", 2, "--budget", f"{dollars:.6f}", "--json"),
    )
    assert done.returncode == 4, done.stderr
    assert "Traceback" not in done.stderr
    assert "budget of $" in done.stderr
    rows = tally_entries(open_record(tmp_path / "ws"))
    assert 0 < sum(row.calls for row in rows) == len(chat_server.bodies)
    assert sum(row.cost or 0.0 for row in rows) <= dollars
    assert len({json.dumps(body, sort_keys=True) for body in chat_server.bodies}) == len(
        chat_server.bodies
    )
