"""The nodes that graphs are made of: each asks one agent and adds one turn; none raises."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Literal, Protocol

from langgraph.runtime import Runtime

from primum.agents.roles.aggregator import aggregate, select
from primum.agents.roles.critic import review
from primum.agents.roles.debater import revise
from primum.agents.roles.draft_format import Reading, in_order
from primum.agents.roles.exchange import Agent
from primum.agents.roles.generator import generate
from primum.agents.roles.transcript import Turn
from primum.agents.roles.voting import agree, count
from primum.agents.specs.ensemble import Rule
from primum.graphs.topologies.state import Setting, State, Update, latest, rounds_so_far, usable


class Node(Protocol):
    """What LangGraph runs: parameters go by these very names."""

    async def __call__(self, state: State, *, runtime: Runtime[Setting]) -> Update:
        """The turns to add."""
        ...


Drafts = Callable[[Sequence[Turn]], list[Turn]]
"""Which of the turns so far are the drafts that an agent reads."""


def generator(agent: Agent) -> Node:
    """A node that drafts."""

    async def node(state: State, *, runtime: Runtime[Setting]) -> Update:  # noqa: ARG001
        to = runtime.context
        return {"turns": [await generate(agent, to.protocol, to.case, to.call, to.trial)]}

    return node


def reviewer(
    agent: Agent, role: Literal["critic", "guardian"], drafts: Drafts, reading: Reading
) -> Node:
    """A node that reads the last of some drafts; without one it says nothing."""

    async def node(state: State, *, runtime: Runtime[Setting]) -> Update:
        to, found = runtime.context, drafts(state["turns"])
        if not found:
            return {}
        turn = await review(
            agent, role, to.protocol, to.case, found[-1], reading, to.call, to.trial
        )
        return {"turns": [turn]}

    return node


def aggregator(
    agent: Agent,
    drafts: Drafts,
    reading: Reading,
    how: Literal["synthesise", "select"] = "synthesise",
) -> Node:
    """A node that consolidates drafts and the critiques of them; without any draft it is silent."""
    consolidate = select if how == "select" else aggregate

    async def node(state: State, *, runtime: Runtime[Setting]) -> Update:
        to, turns = runtime.context, state["turns"]
        found = in_order(drafts(turns), reading, to.case.id)
        if not found:
            return {}
        critiques = usable(turns, "critic")
        turn = await consolidate(
            agent, to.protocol, to.case, found, critiques, reading, to.call, to.trial
        )
        return {"turns": [turn]}

    return node


def debater(agent: Agent, reading: Reading) -> Node:
    """A node that writes its own draft again, after the others'; without its own it is silent."""

    async def node(state: State, *, runtime: Runtime[Setting]) -> Update:
        to, turns = runtime.context, state["turns"]
        drafts, number = latest(turns), rounds_so_far(turns) + 1
        own = next((turn for turn in drafts if turn.seat == agent.seat), None)
        if own is None:
            return {}
        others = in_order([turn for turn in drafts if turn is not own], reading, to.case.id)
        turn = await revise(
            agent, to.protocol, to.case, own, others, reading, number, to.call, to.trial
        )
        return {"turns": [turn]}

    return node


def rule(how: Rule, drafts: Drafts) -> Node:
    """A node that counts drafts; of fewer than its rule needs it says nothing."""
    weights = {f"generator-{n}": Fraction(str(weight)) for n, weight in enumerate(how.weights, 1)}

    async def node(state: State, *, runtime: Runtime[Setting]) -> Update:
        to, found = runtime.context, in_order(drafts(state["turns"]), Reading(), "")
        if len(found) < (how.k or 1):
            return {}
        return {"turns": [count(how, found, weights, to.protocol, to.case)]}

    return node


def settled(rounds: int) -> Callable[[State, Runtime[Setting]], bool]:
    """Whether a debate is over: all latest drafts agree, or so many rounds have been revised."""

    def over(state: State, runtime: Runtime[Setting]) -> bool:
        drafts = latest(state["turns"])
        done = rounds_so_far(state["turns"]) > rounds
        return done or len(drafts) < 2 or agree(drafts, runtime.context.protocol)  # noqa: PLR2004

    return over
