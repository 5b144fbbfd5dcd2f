"""A run without calls: which it would make, of what size, and what they may cost."""

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import cycle

from primum.agents.ledger.budget import expected_cost, most_output_tokens
from primum.agents.ledger.database import Record
from primum.agents.ledger.dispatcher import expected_tokens
from primum.agents.models.client import Credentials, Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.specs.model import Price
from primum.cases.menu import parse_menu

SECONDS_A_CALL = (2.0, 20.0)  # where the record does not say how long the model takes
MENU = re.compile(r"<menu>\n(.*?)\n</menu>", re.DOTALL)
OPTION = re.compile(r"^(\d+): ", re.MULTILINE)
ACTIONS = 12
Kind = tuple[str, str]


@dataclass
class DryRunClient:
    """Stands in for every model: what is on record it reads out, the rest it makes up.

    What it makes up has the form of a reply of its role and is no reply: later prompts are about
    as long as real ones, and as many at most (no two drafts agree, so debates last).
    """

    record: Record | None
    prices: dict[str, Price]
    calls: Counter[Kind] = field(default_factory=Counter)
    recorded: Counter[Kind] = field(default_factory=Counter)
    tokens: Counter[Kind] = field(default_factory=Counter)
    low: dict[Kind, float] = field(default_factory=lambda: defaultdict(float))
    high: dict[Kind, float] = field(default_factory=lambda: defaultdict(float))
    unpriced: set[str] = field(default_factory=set)
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    async def complete(self, request: Request, credentials: Credentials) -> Reply:
        """What is on record for a request, or a made-up reply."""
        role = request.messages[0].content.partition("\n")[0].removeprefix("Role: ").strip()
        kind = (request.model, role)
        self.calls[kind] += 1
        known = self.record.get(request.key) if self.record else None
        if known:
            self.recorded[kind] += 1
            self.seconds[request.model].append(known.seconds)
            return known
        text = _made_up(role, request)
        self.tokens[kind] += expected_tokens(request)
        price = credentials.price or self.prices.get(request.model)
        if price is None:
            self.unpriced.add(request.model)
        else:
            least = min(len(text) // 4, most_output_tokens(request))
            self.low[kind] += price.of(expected_tokens(request), least)
            self.high[kind] += expected_cost(request, price)
        return Reply(outcome=Outcome.OK, text=text)

    def duration(self, concurrency: int) -> tuple[float, float]:
        """Seconds that the calls still to be made may take: at least, and at most."""
        low = high = 0.0
        for (model, role), number in self.calls.items():
            left = number - self.recorded[model, role]
            known = self.seconds[model]
            each = (sum(known) / len(known),) * 2 if known else SECONDS_A_CALL
            low, high = low + left * each[0], high + left * each[1]
        return low / concurrency, high / concurrency


def _made_up(role: str, request: Request) -> str:
    user, mark = request.messages[1].content, request.key[:8]
    if role == "matcher":
        options = user.split("<options>\n")[1].split("\n</options>")[0]
        none = [
            {"option": int(n), "verdict": "none", "evidence": ""} for n in OPTION.findall(options)
        ]
        return json.dumps({"actions": [], "options": none})
    if role == "reviewer":
        return '{"overrides": []}'
    if role == "selector":
        return json.dumps({"Draft": 1, "Rationale": f"{mark}: one short sentence."})
    found = MENU.search(user)
    if found is None:
        words = [mark[place : place + 3] for place in range(6)]  # in no two replies the same
        lines = (" ".join(f"{word}{n}" for word in words) for n in range(1, ACTIONS + 1))
        return "\n".join(f"{n}. {line}, and why it is due." for n, line in enumerate(lines, 1))
    numbers = [item.number for item in parse_menu(found[1])[1]]
    graded = numbers[: len(numbers) // 4] if role == "critic" else numbers
    grades = [
        {"Option": n, "GradeAI": grade, "Rationale": f"{mark}: one short sentence."}
        for n, grade in zip(graded, cycle(_mixed(request.key)), strict=False)
    ]
    return json.dumps(grades)


def _mixed(key: str) -> list[str]:
    """Grades as a request's key gives them, for each request others."""
    return ["Appropriate" if digit in "02468ace" else "Inappropriate" for digit in key]
