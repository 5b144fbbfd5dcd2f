"""One ensemble at one item, with models that say what a test lets them say."""

import asyncio
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from primum.agents.models.client import Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.protocol import Protocol
from primum.agents.roles.record import Question
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.registry import ensemble_of
from primum.agents.turns.transcript import Answer
from primum.cases.model import Suite
from primum.graphs.building.builder import build
from primum.graphs.execution.runner import conclude_answer

NAMES = "ash beech cedar date elm fig".split()
MODELS = {name: ModelSpec(id=f"tree/{name}", family="gpt", access="open") for name in NAMES}
MENU, PLAN = Protocol(), Protocol(name="plan", form="concise")
PROTOCOLS = (MENU, PLAN)
OPTIONS = range(1, 8)  # of the tiny suite
FAILURES = [outcome for outcome in Outcome if outcome is not Outcome.OK]
# A plan that is not empty is never invalid.
FAILURES_OF_PLANS = [outcome for outcome in FAILURES if outcome is not Outcome.INVALID]

Say = Callable[[str, Request], Reply]
Asked = list[tuple[str, Request]]


def agents(names: str) -> tuple[AgentSpec, ...]:
    return tuple(AgentSpec(model=name) for name in names.split())


def spec(graph: Any, generators: str, **parts: Any) -> EnsembleSpec:
    """An ensemble whose seats are named by words."""
    for seats in ("critics", "guardians"):
        if seats in parts:
            parts[seats] = agents(parts[seats])
    if "layers" in parts:
        parts["layers"] = tuple(agents(layer) for layer in parts["layers"])
    return ensemble_of(name="team", graph=graph, generators=agents(generators), **parts)


async def run(
    team: EnsembleSpec, suite: Suite, say: Say, protocol: Protocol = MENU, item: int = 0
) -> tuple[Answer, Asked]:
    """Its answer, and who was asked what, in order."""
    asked: Asked = []

    async def call(request: Request, agent: AgentSpec) -> Reply:
        asked.append((agent.model, request))
        await asyncio.sleep(0)
        return say(agent.model, request)

    chosen = list(suite.items())[item]
    question = Question(protocol, chosen.public, 1, call)
    async with asyncio.timeout(10):
        state = await build(team, MODELS).ainvoke({"turns": []}, context=question)
    return conclude_answer(team, chosen.id, 1, state["turns"]), asked


def role_of(request: Request) -> str:
    return request.messages[0].content.partition("\n")[0].removeprefix("Role: ")


def menu(appropriate: Sequence[int], mark: str = "") -> Reply:
    """A graded menu, whose author leaves a mark."""
    rows = [
        {
            "Option": n,
            "GradeAI": "Appropriate" if n in appropriate else "Inappropriate",
            "Rationale": f"mark {mark}",
        }
        for n in OPTIONS
    ]
    return Reply(outcome=Outcome.OK, text=json.dumps(rows))


def plan(*actions: str) -> Reply:
    text = "\n".join(f"{n}. {action}" for n, action in enumerate(actions, 1))
    return Reply(outcome=Outcome.OK, text=text)


def choose(number: int) -> Reply:
    return Reply(outcome=Outcome.OK, text=json.dumps({"Draft": number, "Rationale": "It is."}))


def failed(outcome: Outcome) -> Reply:
    """A reply that comes to an outcome; what is invalid stays so when it is asked again."""
    if outcome is Outcome.INVALID:
        return Reply(outcome=Outcome.OK, text="Let me think.")
    return Reply(outcome=outcome, reason=f"it was {outcome}")


def read(request: Request) -> list[tuple[str, str]]:
    """The drafts and critiques that a request shows: their tags, and the marks in them."""
    text = request.messages[1].content
    found = re.findall(
        r"<((?:draft|critique)[^>]*)>\n(.*?)\n</(?:draft|critique)>", text, re.DOTALL
    )
    return [(tag, "".join(re.findall(r"mark (\w+)", body)[:1])) for tag, body in found]


def shown(asked: Asked, model: str, role: str) -> list[list[tuple[str, str]]]:
    """What a model in a role was shown, request by request."""
    return [read(r) for name, r in asked if name == model and role_of(r) == role]
