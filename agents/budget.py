"""What a run may cost: a call that would go over it is not made."""

from dataclasses import dataclass

from primum.agents.client import Credentials, Outcome, Reply, Request
from primum.agents.dispatch import expected_tokens
from primum.agents.spec import ModelSpec, Price
from primum.cases.errors import DataError, PrimumError

EXPECTED_OUTPUT_TOKENS = 2_000  # of a call whose model has no max_tokens


class BudgetError(PrimumError):
    """The next call would exceed the budget."""

    exit_code = 4


@dataclass
class Budget:
    """US dollars that a run's calls may cost: spent, and reserved for those under way.

    A call reserves its prompt at four characters a token, and the most tokens its reply may have:
    max_tokens where its model has it, else 2,000.
    """

    dollars: float
    prices: dict[str, Price]
    spent: float = 0.0
    held: float = 0.0

    def hold(self, request: Request, credentials: Credentials) -> float:
        """Hold what a call that goes out now may cost; gives that amount.

        Raises:
            BudgetError: it would exceed the budget.
        """
        price = credentials.price or self.prices.get(request.model)
        most = expected_cost(request, price) if price else 0.0
        if self.spent + self.held + most > self.dollars:
            raise BudgetError(
                f"budget of ${self.dollars:.2f}: ${self.spent:.4f} is spent, ${self.held:.4f} "
                f"held by calls under way, and the next one ({request.model}) may cost "
                f"${most:.4f}: no more is asked; the same command with more goes on from there"
            )
        self.held += most
        return most

    def release(self, held: float) -> None:
        """Hold no longer what a call that is over might have cost."""
        self.held -= held

    def spend(self, reply: Reply, held: float) -> None:
        """Count what a call cost: the most it might have, where an answer does not say."""
        unsaid = held if reply.outcome is Outcome.OK else 0.0
        self.spent += unsaid if reply.cost is None else reply.cost


def expected_cost(request: Request, price: Price) -> float:
    """The most US dollars that a call is expected to cost, before it is made."""
    return price.of(expected_tokens(request), most_output_tokens(request))


def most_output_tokens(request: Request) -> int:
    """The most tokens that a reply is expected to have."""
    limit = request.params.get("max_tokens", request.params.get("max_completion_tokens"))
    return limit if isinstance(limit, int) else EXPECTED_OUTPUT_TOKENS


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
