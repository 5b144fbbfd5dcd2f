"""The state of a graph, and the material that a step is given from it."""

import operator
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Annotated, Any, TypedDict

from langgraph.graph import StateGraph
from langgraph.graph.state import CompiledStateGraph

from primum.agents.models.outcomes import Outcome
from primum.agents.roles.record import Material, Question
from primum.agents.specs.model import ModelSpec
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.wiring import Step
from primum.agents.turns.draft_format import Reading, in_order
from primum.agents.turns.exchange import Agent
from primum.agents.turns.transcript import Turn


class State(TypedDict):
    """The turns so far; the question is passed as LangGraph's runtime context."""

    turns: Annotated[list[Turn], operator.add]


Builder = StateGraph[State, Question, State, State]
Compiled = CompiledStateGraph[State, Question, State, State]
Update = dict[str, Any]


def latest(turns: Sequence[Turn], steps: Sequence[str]) -> list[Turn]:
    """The last usable turn of every seat among some steps, in the steps' order."""
    place = {name: number for number, name in enumerate(steps)}
    found: dict[str, Turn] = {}
    usable = [turn for turn in turns if turn.step in place and turn.outcome is Outcome.OK]
    for turn in sorted(usable, key=lambda turn: place[turn.step]):
        found.pop(turn.seat, None)
        found[turn.seat] = turn
    return list(found.values())


def material_of(
    step: Step, turns: Sequence[Turn], reading: Reading, case: str, weights: Mapping[str, Fraction]
) -> Material:
    """The material of a step.

    Args:
        step: the step.
        turns: the turns so far.
        reading: the order of drafts, and whether their authors are named.
        case: the case's id, on which a random order depends.
        weights: of seats, in a vote.
    """
    found = latest(turns, step.reads)
    own = [turn for turn in found if turn.seat == step.seat]
    others = [turn for turn in found if turn.seat != step.seat]
    if step.role.reads_one:
        drafts = found[-1:]
    else:
        drafts = [*own, *in_order(others, Reading() if step.rule else reading, case)]
    critiques = [t for t in turns if t.step in step.critiques and t.outcome is Outcome.OK]
    return Material(tuple(drafts), tuple(critiques), reading, step.round, weights)


def agents_of(spec: EnsembleSpec, models: Mapping[str, ModelSpec]) -> dict[str, Agent]:
    """The ensemble's agents by seat; seats with the same agent and prompts are separate samples."""
    return {
        seat: Agent(seat, role, agent, models[agent.model], spec.wiring.samples[seat])
        for seat, role, agent in spec.seats
    }
