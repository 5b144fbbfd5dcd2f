"""The budget of a run: no call is made that may bring the run above it.

Before a call the most that it can cost is held, and released when its cost is known. A prompt has
at most as many tokens as bytes (a token of a byte-level tokenizer, or of one that falls back to
bytes, stands for one byte or more), so the bound holds whatever the provider's tokenizer. A reply
has at most `max_tokens`. Two costs can be outside the bound: replies of models without
`max_tokens`, and an attempt that a provider bills though it reported an error or timed out.
"""

import asyncio
import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from primum.agents.models.client import Credentials, Reply, Request
from primum.agents.specs.model import AgentSpec, ModelSpec, Price
from primum.agents.specs.parameters import TOKENS
from primum.core.errors import DataError, PrimumError

FREE = Price(input_per_million=0.0, output_per_million=0.0)
EXPECTED_OUTPUT_TOKENS = 2_000  # of a call whose model has no max_tokens
# Allowances for a chat template: marks around a message, and what a template says by itself.
TOKENS_A_MESSAGE, TOKENS_A_CALL = 16, 128


class BudgetError(PrimumError):
    """The next call would exceed the budget."""

    exit_code = 4


@dataclass
class Budget:
    """US dollars that the calls of a run may cost.

    Attributes:
        dollars: the limit.
        prices: of the models whose credentials have none, by model id.
        spent: cost of the calls that were made.
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
        """The most that the calls in flight can cost."""
        return sum(self._held)

    async def hold(self, request: Request, credentials: Credentials) -> float:
        """Hold the most that a call can cost; returns that amount.

        Where the budget has no room for it, this waits until calls in flight turn out cheaper.

        Raises:
            BudgetError: there is no room, and nothing is in flight.
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
        """Release what was held for a call."""
        self._held.remove(held)
        self._over.set()

    def spend(self, request: Request, reply: Reply, held: float) -> None:
        """Count what a call cost.

        Where a reply does not report it, that is all of `held`; of a transient failure, nothing.
        """
        longest = self._longest.get(request.model, 0)
        self._longest[request.model] = max(longest, reply.output_tokens or 0)
        unreported = 0.0 if reply.outcome.is_transient else held
        self.spent += unreported if reply.cost is None else reply.cost

    def _most(self, request: Request, price: Price) -> float:
        longest = self._longest.get(request.model, 0)
        return price.of(most_prompt_tokens(request), most_output_tokens(request, longest))


def most_prompt_tokens(request: Request) -> int:
    """An upper bound of a prompt's tokens, for any tokenizer whose tokens stand for whole bytes.

    The bytes of the messages in UTF-8 (as they are or in the normal form NFKC, which tokenizers may
    apply, whichever is more), those of the parameters (a schema is part of the prompt), and
    allowances for the chat template.
    """
    messages = sum(_bytes(message.content) for message in request.messages)
    params = len(json.dumps(request.params)) if request.params else 0
    return messages + params + TOKENS_A_MESSAGE * len(request.messages) + TOKENS_A_CALL


def _bytes(text: str) -> int:
    if text.isascii():
        return len(text)
    forms = (text, unicodedata.normalize("NFKC", text))
    return max(len(form.encode("utf-8", "surrogatepass")) for form in forms)


def most_output_tokens(request: Request, longest: int = 0) -> int:
    """The most tokens of a reply: `max_tokens`, else 2,000 or `longest`, its model's longest yet.

    Without `max_tokens` this is an expectation and no bound.
    """
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
