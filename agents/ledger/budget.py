"""What a run may cost: a call that would go over it is not made."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from primum.agents.ledger.dispatcher import expected_tokens
from primum.agents.models.client import Credentials, Reply, Request
from primum.agents.specs.model import TOKENS, AgentSpec, ModelSpec, Price
from primum.core.errors import DataError, PrimumError

FREE = Price(input_per_million=0.0, output_per_million=0.0)
EXPECTED_OUTPUT_TOKENS = 2_000  # of a call whose model has no max_tokens


class BudgetError(PrimumError):
    """The next call would exceed the budget."""

    exit_code = 4


@dataclass
class Budget:
    """US dollars that a run's calls may cost: spent, and held for those under way.

    A call holds its prompt at four characters a token, and the most tokens its reply may have:
    max_tokens where its model has it, else 2,000 or as many as its longest reply yet.
    """

    dollars: float
    prices: dict[str, Price]
    spent: float = 0.0
    _held: list[float] = field(default_factory=list)
    _longest: dict[str, int] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def held(self) -> float:
        """What the calls under way may cost."""
        return sum(self._held)

    async def hold(self, request: Request, credentials: Credentials) -> float:
        """Hold what a call may cost; gives that amount. Where there is no room it waits for others.

        Raises:
            BudgetError: it would exceed the budget, and nothing is under way that may cost less.
        """
        price = credentials.price or self.prices.get(request.model) or FREE
        async with self._turn:
            while self.spent + self.held + (most := self._most(request, price)) > self.dollars:
                if not self._held:
                    raise BudgetError(
                        f"budget of ${self.dollars:.2f}: ${self.spent:.4f} is spent, and the next "
                        f"call ({request.model}) may cost ${most:.4f}: no more is asked; the same "
                        "command goes on from there, with a budget of its own"
                    )
                self._over.clear()
                await self._over.wait()
            self._held.append(most)
        return most

    def release(self, held: float) -> None:
        """Hold no longer what a call that is over might have cost."""
        self._held.remove(held)
        self._over.set()

    def spend(self, request: Request, reply: Reply, held: float) -> None:
        """Count what a call cost: the most it might have, where a reply does not say."""
        said = self._longest.get(request.model, 0)
        self._longest[request.model] = max(said, reply.output_tokens or 0)
        unsaid = 0.0 if reply.outcome.is_transient else held
        self.spent += unsaid if reply.cost is None else reply.cost

    def _most(self, request: Request, price: Price) -> float:
        return expected_cost(request, price, self._longest.get(request.model, 0))


def expected_cost(request: Request, price: Price, longest: int = 0) -> float:
    """The most US dollars that a call is expected to cost, before it is made."""
    return price.of(expected_tokens(request), most_output_tokens(request, longest))


def most_output_tokens(request: Request, longest: int = 0) -> int:
    """The most tokens that a reply is expected to have; `longest` is the longest one yet."""
    limit = request.params.get("max_tokens", request.params.get("max_completion_tokens"))
    if isinstance(limit, int) and limit > 0:
        return limit
    return max(EXPECTED_OUTPUT_TOKENS, longest)


def require_prices(models: dict[str, ModelSpec], known: dict[str, Price]) -> None:
    """Refuse a budget over models whose prices nobody knows.

    Raises:
        DataError: the first of them.
    """
    for name, model in models.items():
        if not (model.price or model.id in known):
            raise DataError(
                f"--budget: the price of {name} ({model.id}) is unknown; give it in the panel: "
                "price: {input_per_million: ..., output_per_million: ...}"
            )


def unlimited(agents: Iterable[AgentSpec], models: Mapping[str, ModelSpec]) -> list[str]:
    """The models of some agents whose replies may be of any length, at a price."""
    found = {
        agent.model
        for agent in agents
        if not TOKENS & {*models[agent.model].params, *agent.params}
        and not models[agent.model].simulated
    }
    return sorted(found)
