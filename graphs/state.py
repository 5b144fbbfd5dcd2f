"""What passes through a graph: the turns so far, and the setting that stays out of the state."""

import operator
from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

from langgraph.graph import StateGraph
from langgraph.graph.state import CompiledStateGraph

from primum.agents.asking import Agent
from primum.agents.protocol import Protocol
from primum.agents.records import Caller, Turn
from primum.agents.spec import EnsembleSpec, ModelSpec
from primum.cases.model import PublicCase


class State(TypedDict):
    """What agents said, in the order in which it is reduced."""

    turns: Annotated[list[Turn], operator.add]


@dataclass(frozen=True, slots=True)
class Setting:
    """One question put to an ensemble: the public case, how it is asked, the way to the models."""

    protocol: Protocol
    case: PublicCase
    trial: int
    call: Caller


Builder = StateGraph[State, Setting, State, State]
Compiled = CompiledStateGraph[State, Setting, State, State]
Update = dict[str, Any]


def seated(spec: EnsembleSpec, models: dict[str, ModelSpec]) -> dict[str, Agent]:
    """The ensemble's agents by seat; the second seat of the same kind is a second sample."""
    seen: Counter[tuple[str, str]] = Counter()
    agents = {}
    for seat, role, agent in spec.seats:
        seen[role, agent.label] += 1
        sample = seen[role, agent.label]
        agents[seat] = Agent(seat, role, agent, models[agent.model], sample)
    return agents
