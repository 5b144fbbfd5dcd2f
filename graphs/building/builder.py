"""Compiles an ensemble's wiring to a LangGraph graph: one node per step, edges between steps.

A node asks one agent, or counts drafts by a rule, and adds one turn, or none if it has nothing to
read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Protocol

from langgraph.graph import END, START
from langgraph.runtime import Runtime

from primum.agents.roles.record import Material, Question
from primum.agents.roles.voting import agree
from primum.agents.specs.model import ModelSpec
from primum.agents.studies.extensions import extension_of
from primum.agents.topologies.custom import LangGraphEnsemble
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.wiring import Step, Wiring
from primum.agents.turns.exchange import Agent
from primum.agents.turns.transcript import Turn
from primum.core.errors import DataError, PrimumError
from primum.graphs.building.custom import build_custom
from primum.graphs.building.state import (
    Builder,
    Compiled,
    State,
    Update,
    agents_of,
    latest,
    material_of,
)


class Node(Protocol):
    """The function of a node; LangGraph passes arguments by these names."""

    async def __call__(self, state: State, *, runtime: Runtime[Question]) -> Update:
        """The turns to add."""
        ...


def build(spec: EnsembleSpec, models: Mapping[str, ModelSpec]) -> Compiled:
    """The compiled graph of an ensemble.

    Args:
        spec: the ensemble; one that asks no model has no graph.
        models: the panel's, by name.
    """
    if isinstance(spec, LangGraphEnsemble):
        return build_custom(spec, models)
    graph, wiring = Builder(State, context_schema=Question), spec.wiring
    agents = agents_of(spec, models)
    for step in wiring.steps:
        graph.add_node(step.name, _node(step, spec, agents))
    if wiring.rounds:
        _join_by_rounds(graph, wiring)
    else:
        for step in wiring.steps:
            before = _direct(step, wiring)
            graph.add_edge(list(before) if len(before) > 1 else (*before, START)[0], step.name)
    graph.add_edge(wiring.last.name, END)
    return graph.compile()


def draw(spec: EnsembleSpec, models: Mapping[str, ModelSpec]) -> str:
    """An ensemble's graph as a Mermaid diagram; a user's own graph is drawn as it is."""
    graph = spec.compiled() if isinstance(spec, LangGraphEnsemble) else build(spec, models)
    return str(graph.get_graph().draw_mermaid())


def _direct(step: Step, wiring: Wiring) -> tuple[str, ...]:
    """The steps that a step waits for directly, not through another one."""
    after = {other.name: {*other.after} for other in wiring.steps}
    return tuple(n for n in step.after if not any(n in after[other] for other in step.after))


def _node(step: Step, spec: EnsembleSpec, agents: Mapping[str, Agent]) -> Node:
    reading, stage = spec.reading, spec.wiring.stages[step.name]
    weights = _weights(step, spec)

    async def node(state: State, *, runtime: Runtime[Question]) -> Update:
        question = runtime.context
        material = material_of(step, state["turns"], reading, question.case.id, weights)
        turn = await _checked_turn(step, agents, question, material)
        if turn is None:
            return {}
        read = tuple(other.step for other in (*material.drafts, *material.critiques))
        return {"turns": [replace(turn, step=step.name, reads=read, stage=stage)]}

    return node


async def _checked_turn(
    step: Step, agents: Mapping[str, Agent], question: Question, material: Material
) -> Turn | None:
    """The turn of a step.

    Raises:
        DataError: an extension's role failed, or returned something else than a turn.
    """
    try:
        turn = await _turn_of(step, agents, question, material)
    except PrimumError:
        raise
    except Exception as error:
        if extension_of(step.role) is None:
            raise
        raise _broken(step, f"{type(error).__name__}: {error}") from error
    if turn is not None and not isinstance(turn, Turn):
        raise _broken(step, f"it returned {turn!r:.60}, no primum.extend.Turn")
    return turn


async def _turn_of(
    step: Step, agents: Mapping[str, Agent], question: Question, material: Material
) -> Turn | None:
    if step.rule and step.role.count:
        return step.role.count(step.rule, question, material)
    if step.agent and step.role.ask:
        return await step.role.ask(agents[step.seat], question, material)
    raise _broken(step, "give its step an agent, and the role `ask`; or a rule, and `count`")


def _broken(step: Step, why: str) -> DataError:
    extension = extension_of(step.role)
    of = f" of the extension {extension}" if extension else ""
    return DataError(f"the role {step.role.name}{of} failed in the step {step.name}: {why}")


def _weights(step: Step, spec: EnsembleSpec) -> dict[str, Fraction]:
    """The weights of a rule's drafts by seat, as exact fractions."""
    given = step.rule.weights if step.rule else ()
    seats = [other.seat for other in spec.wiring.steps if other.role.drafts]
    return {seat: Fraction(str(weight)) for seat, weight in zip(seats, given, strict=False)}


def _join_by_rounds(graph: Builder, wiring: Wiring) -> None:
    """START -> drafts -> agreed? -> round 2 -> agreed? -> ... -> the last step."""
    first = [step.name for step in wiring.steps if not step.after]
    for name in first:
        graph.add_edge(START, name)
    last, before, said = wiring.last, first, list(first)
    for number, following in enumerate(wiring.rounds, 2):
        check = f"agreed-{number - 1}"
        graph.add_node(check, _no_turn)
        graph.add_edge(before, check)
        graph.add_conditional_edges(
            check, _next(said, following, last.name), [*following, last.name]
        )
        before = list(following)
        said = [*said, *following]
    graph.add_edge(before, last.name)


class _Next(Protocol):
    """A function that LangGraph calls for the names of the next nodes."""

    def __call__(self, state: State, runtime: Runtime[Question]) -> list[str]:
        """Their names."""
        ...


def _next(said: Sequence[str], following: Sequence[str], last: str) -> _Next:
    said = list(said)

    def next_ones(state: State, runtime: Runtime[Question]) -> list[str]:
        drafts = latest(state["turns"], said)
        over = len(drafts) < 2 or agree(drafts, runtime.context.protocol)  # noqa: PLR2004
        return [last] if over else list(following)

    return next_ones


async def _no_turn(state: State) -> Update:  # noqa: ARG001
    return {}
