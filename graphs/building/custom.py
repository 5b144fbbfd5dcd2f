"""Runs a user's own LangGraph graph in one node: calls become turns, its result the answer.

If a call fails and the graph does not catch it, its outcome is that of the answer. Any other error
of the graph is an error of the extension, and ends the run.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from langgraph.graph import END, START
from langgraph.runtime import Runtime

from primum.agents.models.client import Message, Reply
from primum.agents.models.outcomes import Outcome
from primum.agents.replies.menu import Grade
from primum.agents.roles.custom import GRAPH, MEMBER
from primum.agents.roles.record import Question
from primum.agents.specs.model import ModelSpec
from primum.agents.topologies.custom import (
    Answered,
    CallFailedError,
    GraphInput,
    LangGraphEnsemble,
    Messages,
)
from primum.agents.turns.exchange import Agent, read_spoken
from primum.agents.turns.spoken import spoken
from primum.agents.turns.transcript import Turn, made_call
from primum.core.errors import DataError, PrimumError
from primum.graphs.building.state import Builder, Compiled, State, Update, agents_of


class Calls:
    """The calls of one answer, as turns in the order in which they were made."""

    def __init__(
        self, spec: LangGraphEnsemble, question: Question, agents: Mapping[str, Agent]
    ) -> None:
        self._spec, self._question, self._agents = spec, question, agents
        self.turns: list[Turn] = []

    async def __call__(self, seat: str, messages: Messages) -> str:
        """The reply of the agent in a seat, without thinking; see `topologies.custom.Call`."""
        if seat not in self._agents:
            known = ", ".join(self._agents)
            asks = f"{self._spec.name}: the graph {self._spec.graph} asks the seat {seat!r}"
            raise DataError(f"{asks}, and the seats are {known}")
        agent = self._agents[seat]
        asked = tuple(Message.model_validate(message) for message in messages)
        request = agent.request(asked, self._question.trial)
        reply = await self._question.call(request, agent.spec)
        made = made_call(request, agent.spec.model, reply)
        number = sum(turn.seat == seat for turn in self.turns) + 1
        turn = Turn(
            *(seat, MEMBER.name, agent.spec.model, made.said.outcome, made.said.reason, ()),
            calls=(made,),
            round=number,
            step=seat if number == 1 else f"{seat}-{number}",
            stage=len(self.turns),
        )
        self.turns.append(turn)
        if turn.outcome is not Outcome.OK:
            raise CallFailedError(turn)
        return turn.text


def build_custom(spec: LangGraphEnsemble, models: Mapping[str, ModelSpec]) -> Compiled:
    """The compiled graph of an ensemble with a user's own graph.

    Raises:
        DataError: the extension's graph cannot be made.
    """
    agents, graph = agents_of(spec, models), Builder(State, context_schema=Question)
    try:
        own = spec.compiled()
    except Exception as error:
        raise _broken(spec, error) from error

    async def node(state: State, *, runtime: Runtime[Question]) -> Update:  # noqa: ARG001
        question = runtime.context
        calls = Calls(spec, question, agents)
        asked = GraphInput(question.case, question.protocol, calls)
        try:
            answer = (await own.ainvoke({"question": asked}))["answer"]
        except CallFailedError as error:
            return {"turns": [*calls.turns, _failed(error.turn, calls)]}
        except PrimumError:
            raise
        except Exception as error:
            raise _broken(spec, error) from error
        return {"turns": [*calls.turns, _read(spec, answer, question, calls)]}

    graph.add_node("graph", node)
    graph.add_edge(START, "graph")
    graph.add_edge("graph", END)
    return graph.compile()


def _answer(calls: Calls) -> Turn:
    return Turn(
        *(GRAPH.name, GRAPH.name, "", Outcome.OK, "", (), ()),
        step=GRAPH.name,
        reads=tuple(turn.step for turn in calls.turns),
        stage=len(calls.turns),
    )


def _failed(turn: Turn, calls: Calls) -> Turn:
    """The turn of an answer that a call which the graph did not catch has ended."""
    return replace(_answer(calls), outcome=turn.outcome, reason=f"{turn.seat}: {turn.reason}")


def _read(spec: LangGraphEnsemble, answer: Answered, question: Question, calls: Calls) -> Turn:
    """The turn of the graph's answer: text is parsed as any reply is, grades are taken as given."""
    turn = _answer(calls)
    if isinstance(answer, Mapping):
        return replace(turn, grades=_grades(spec, answer, question))
    if not isinstance(answer, str):
        raise _broken(spec, TypeError(f"its answer is {type(answer).__name__}, no text or grades"))
    said = spoken(Reply(outcome=Outcome.OK, text=answer))
    outcome, reason, read = read_spoken(said, question.protocol.parser("draft", question.case))
    turn = replace(turn, outcome=outcome, reason=reason, passed_on=said.text)
    return replace(turn, grades=read.value, changes=read.changes) if read else turn


def _grades(
    spec: LangGraphEnsemble, answer: Mapping[int, bool], question: Question
) -> tuple[Grade, ...]:
    options = [option.number for option in question.case.menu]
    if sorted(answer) != sorted(options):
        raise _broken(spec, ValueError(f"its grades are of {sorted(answer)}, not of {options}"))
    for number, due in answer.items():
        if not isinstance(due, bool | np.bool_):
            raise _broken(
                spec, TypeError(f"its grade of {number} is {due!r:.60}, not True or False")
            )
    words = {True: "Appropriate", False: "Inappropriate"}
    return tuple(
        Grade.model_validate({"Option": n, "GradeAI": words[bool(answer[n])], "Rationale": ""})
        for n in options
    )


def _broken(spec: LangGraphEnsemble, error: Exception) -> DataError:
    return DataError(f"{spec.name}: the graph {spec.graph} failed: {type(error).__name__}: {error}")
