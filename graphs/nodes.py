"""The nodes that graphs are made of: each asks one agent and adds one turn; none raises."""

from typing import Protocol

from langgraph.runtime import Runtime

from primum.agents.aggregator import aggregate
from primum.agents.asking import Agent
from primum.agents.client import Outcome
from primum.agents.critic import criticise, guard
from primum.agents.generator import generate
from primum.agents.records import Turn
from primum.graphs.state import Setting, State, Update


class Node(Protocol):
    """What LangGraph runs: parameters go by these very names."""

    async def __call__(self, state: State, *, runtime: Runtime[Setting]) -> Update:
        """The turns to add."""
        ...


def generator(agent: Agent) -> Node:
    """A node that drafts."""

    async def node(state: State, *, runtime: Runtime[Setting]) -> Update:  # noqa: ARG001
        to = runtime.context
        return {"turns": [await generate(agent, to.protocol, to.case, to.call, to.trial)]}

    return node


def critic(agent: Agent, draft_seat: str) -> Node:
    """A node that reads one seat's draft; without a draft it says nothing."""

    async def node(state: State, *, runtime: Runtime[Setting]) -> Update:
        to, draft = runtime.context, _turn(state, draft_seat)
        if draft.outcome is not Outcome.OK:
            return {}
        return {"turns": [await criticise(agent, to.protocol, to.case, draft, to.call, to.trial)]}

    return node


def guardian(agent: Agent) -> Node:
    """A node that rewrites the last draft that could be used; without one it says nothing."""

    async def node(state: State, *, runtime: Runtime[Setting]) -> Update:
        to = runtime.context
        drafts = [turn for turn in state["turns"] if turn.outcome is Outcome.OK]
        if not drafts:
            return {}
        return {"turns": [await guard(agent, to.protocol, to.case, drafts[-1], to.call, to.trial)]}

    return node


def aggregator(agent: Agent) -> Node:
    """A node that consolidates what was said; without any draft it says nothing."""

    async def node(state: State, *, runtime: Runtime[Setting]) -> Update:
        to, turns = runtime.context, state["turns"]
        if not any(t.role == "generator" and t.outcome is Outcome.OK for t in turns):
            return {}
        return {"turns": [await aggregate(agent, to.protocol, to.case, turns, to.call, to.trial)]}

    return node


def _turn(state: State, seat: str) -> Turn:
    return next(turn for turn in state["turns"] if turn.seat == seat)
