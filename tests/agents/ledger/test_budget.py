"""agents/ledger/budget.py: what is held, what is spent, and when no more is asked."""

import asyncio
from typing import Any

import pytest

from primum.agents.ledger.budget import Budget, BudgetError
from primum.agents.models.client import Credentials, Message, Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.specs.model import Price

PRICE = Price(input_per_million=0.0, output_per_million=1e4)  # a cent a token
PRICED = Credentials(price=PRICE)


def request(**params: Any) -> Request:
    return Request(model="x/oak", messages=(Message(role="user", content="?"),), params=params)


def said(tokens: int | None, cost: float | None = None, outcome: Outcome = Outcome.OK) -> Reply:
    return Reply(outcome=outcome, output_tokens=tokens, cost=cost)


async def test_a_call_without_room_waits_for_those_under_way() -> None:
    budget, asked = Budget(1.0, {}), request(max_tokens=60)
    held = await budget.hold(asked, PRICED)
    waits = asyncio.create_task(budget.hold(asked, PRICED))
    await asyncio.sleep(0.01)
    assert not waits.done()
    budget.spend(asked, said(10, 0.1), held)
    budget.release(held)
    assert await waits == pytest.approx(0.6)
    assert (budget.spent, budget.held) == pytest.approx((0.1, 0.6))


async def test_with_nothing_under_way_it_is_an_error() -> None:
    budget, asked = Budget(1.0, {}), request(max_tokens=60)
    held = await budget.hold(asked, PRICED)
    waits = [asyncio.create_task(budget.hold(asked, PRICED)) for _ in range(3)]
    await asyncio.sleep(0.01)
    budget.spend(asked, said(60, 0.6), held)
    budget.release(held)
    found = await asyncio.gather(*waits, return_exceptions=True)
    assert all(isinstance(error, BudgetError) for error in found)
    assert str(found[0]).startswith("budget of $1.00: $0.6000 is spent, and the next call (x/oak) ")


async def test_who_gives_up_waiting_leaves_the_others_their_turn() -> None:
    budget, asked = Budget(1.0, {}), request(max_tokens=60)
    held = await budget.hold(asked, PRICED)
    first, second = (asyncio.create_task(budget.hold(asked, PRICED)) for _ in range(2))
    await asyncio.sleep(0.01)
    first.cancel()
    budget.release(held)
    assert await second == pytest.approx(0.6)


@pytest.mark.parametrize("outcome", ["ok", "truncated", "refusal", "filtered", "empty"])
async def test_a_reply_that_does_not_say_is_taken_to_cost_the_most(outcome: str) -> None:
    budget, asked = Budget(1.0, {}), request(max_tokens=60)
    held = await budget.hold(asked, PRICED)
    budget.spend(asked, said(None, outcome=Outcome(outcome)), held)
    assert budget.spent == pytest.approx(0.6)


async def test_without_a_limit_the_longest_reply_yet_is_what_the_next_may_be() -> None:
    budget, asked = Budget(10_000.0, {}), request()
    first = await budget.hold(asked, PRICED)
    assert first == pytest.approx(20)
    budget.spend(asked, said(60_000, 600), first)
    assert await budget.hold(asked, PRICED) == pytest.approx(600)
    assert await budget.hold(request(max_tokens=60), PRICED) == pytest.approx(0.6)
