"""What passes through a graph: the turns so far, and the setting that stays out of the state."""

import operator
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

from langgraph.graph import StateGraph
from langgraph.graph.state import CompiledStateGraph

from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.protocol import Protocol
from primum.agents.roles.exchange import Agent
from primum.agents.roles.transcript import Caller, Turn
from primum.agents.specs.ensemble import EnsembleSpec
from primum.agents.specs.model import ModelSpec, Role
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


def usable(turns: Sequence[Turn], role: Role) -> list[Turn]:
    """The turns of a role that can be used."""
    return [turn for turn in turns if turn.role == role and turn.outcome is Outcome.OK]


def latest(turns: Sequence[Turn]) -> list[Turn]:
    """Each debater's latest draft that can be used, its first one included."""
    found: dict[str, Turn] = {}
    for turn in (*usable(turns, "generator"), *usable(turns, "debater")):
        if turn.seat not in found or turn.round > found[turn.seat].round:
            found[turn.seat] = turn
    return list(found.values())


def rounds_so_far(turns: Sequence[Turn]) -> int:
    """The last round in which anybody spoke, whatever came of it; first drafts are the first."""
    return max((turn.round for turn in turns), default=1)


def seated(spec: EnsembleSpec, models: dict[str, ModelSpec]) -> dict[str, Agent]:
    """The ensemble's agents by seat; the second seat of the same kind is a second sample."""
    seen: Counter[tuple[str, str]] = Counter()
    agents = {}
    for seat, role, agent in spec.seats:
        seen[role, agent.label] += 1
        sample = seen[role, agent.label]
        agents[seat] = Agent(seat, role, agent, models[agent.model], sample)
    return agents
