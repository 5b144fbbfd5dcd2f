"""What passes through a graph: the turns so far, and the setting that stays out of the state."""

import operator
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

from langgraph.graph import StateGraph
from langgraph.graph.state import CompiledStateGraph

from primum.agents.asking import Agent
from primum.agents.records import Caller, Turn
from primum.agents.spec import EnsembleSpec, ModelSpec
from primum.cases.model import PublicCase


class State(TypedDict):
    """What agents said, in the order in which it is reduced."""

    turns: Annotated[list[Turn], operator.add]


@dataclass(frozen=True, slots=True)
class Setting:
    """One question put to an ensemble: the public case, the trial, the way to the models."""

    case: PublicCase
    trial: int
    call: Caller


Builder = StateGraph[State, Setting, State, State]
Compiled = CompiledStateGraph[State, Setting, State, State]
Update = dict[str, Any]


def seated(spec: EnsembleSpec, models: dict[str, ModelSpec]) -> dict[str, Agent]:
    """The ensemble's agents by seat."""
    return {seat: Agent(seat, role, agent, models[agent.model]) for seat, role, agent in spec.seats}
