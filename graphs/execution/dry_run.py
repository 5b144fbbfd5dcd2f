"""A client that makes no calls, and counts those that a run would make and their cost."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from primum.agents.ledger.budget import most_output_tokens
from primum.agents.ledger.database import Record
from primum.agents.ledger.dispatcher import expected_tokens
from primum.agents.ledger.schema_fallback import recorded_reply
from primum.agents.models.client import Credentials, Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.registry import protocol_of_prompt
from primum.agents.roles.record import Role
from primum.agents.roles.registry import ROLES
from primum.agents.specs.model import Price

SECONDS_A_CALL = (2.0, 20.0)  # where the ledger has no call of the model
Kind = tuple[str, str]


@dataclass
class DryRunClient:
    """Replies for every model: from the ledger where it has the call, else with a placeholder.

    A placeholder has the form of a reply of its role, so that later prompts are about as long as
    real ones, and at least as many (no two placeholders agree, so debates run to their last round).
    """

    record: Record | None
    prices: dict[str, Price]
    calls: Counter[Kind] = field(default_factory=Counter)
    recorded: Counter[Kind] = field(default_factory=Counter)
    tokens: Counter[Kind] = field(default_factory=Counter)
    longest: Counter[Kind] = field(default_factory=Counter)
    low: dict[Kind, float] = field(default_factory=lambda: defaultdict(float))
    high: dict[Kind, float] = field(default_factory=lambda: defaultdict(float))
    unpriced: set[str] = field(default_factory=set)
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    timeouts: dict[Kind, float] = field(default_factory=lambda: defaultdict(float))

    async def complete(self, request: Request, credentials: Credentials) -> Reply:
        """The ledger's reply to a request, or a placeholder."""
        role = request.messages[0].content.partition("\n")[0].removeprefix("Role: ").strip()
        kind = (request.model, role)
        self.calls[kind] += 1
        self.longest[kind] = max(self.longest[kind], expected_tokens(request))
        known = recorded_reply(self.record, request) if self.record else None
        if known and not known.blocked:
            self.recorded[kind] += 1
            self.seconds[request.model].append(known.seconds)
            return known
        self.timeouts[kind] += credentials.timeout
        text = _made_up(ROLES[role], request)
        self.tokens[kind] += expected_tokens(request)
        price = credentials.price or self.prices.get(request.model)
        if price is None:
            self.unpriced.add(request.model)
        else:
            asked, most = expected_tokens(request), most_output_tokens(request)
            self.low[kind] += price.of(asked, min(len(text) // 4, most))
            self.high[kind] += price.of(asked, most)
        return Reply(outcome=Outcome.OK, text=text)

    def duration(self, concurrency: int) -> tuple[float, float]:
        """Shortest and longest time, in seconds, that the calls not in the ledger may take.

        No call takes longer than its timeout.
        """
        low = high = 0.0
        for (model, role), number in self.calls.items():
            left = number - self.recorded[model, role]
            known = self.seconds[model]
            each = (sum(known) / len(known),) * 2 if known else SECONDS_A_CALL
            most = self.timeouts[model, role]
            low, high = low + min(left * each[0], most), high + min(left * each[1], most)
        return low / concurrency, high / concurrency

    def longest_duration(self, concurrency: int) -> float:
        """Seconds that the calls not in the ledger take if each takes as long as its timeout."""
        return sum(self.timeouts.values()) / concurrency


def _made_up(role: Role, request: Request) -> str:
    """A reply of the form that the role's replies have."""
    user = request.messages[1].content
    if role.placeholder:
        return role.placeholder(user, request.key)
    return protocol_of_prompt(user).made_up(user, request.key, role.returns)
