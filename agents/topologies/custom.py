"""Graphs of a user's own: any compiled LangGraph graph, whose model calls go through the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Protocol

from pydantic import Field

from primum.agents.protocols.protocol import Protocol as QuestionProtocol
from primum.agents.roles.custom import GRAPH, MEMBER
from primum.agents.specs.model import AgentSpec, Name
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.wiring import Step, Wiring, names
from primum.agents.turns.transcript import Turn
from primum.cases.model import PublicCase
from primum.prompts.render import inert

Answered = str | Mapping[int, bool]
"""What a graph answers: a reply in the form of the protocol, or whether each option is due."""
Messages = list[dict[str, str]]


class CallFailedError(Exception):
    """A call whose outcome is not OK."""

    def __init__(self, turn: Turn) -> None:
        super().__init__(f"{turn.seat}: {turn.outcome}: {turn.reason}")
        self.turn = turn


class Call(Protocol):
    """Sends the messages of an agent to its model, through the ledger."""

    async def __call__(self, seat: str, messages: Messages) -> str:
        """The reply of the agent in a seat, without its thinking.

        Args:
            seat: a name of the ensemble's `agents`.
            messages: with "role" ("system", "user" or "assistant") and "content".

        Raises:
            CallFailedError: the outcome is not OK; if not caught, it is that of the answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class GraphInput:
    """What a graph of a user's own is invoked with, as `{"question": ...}`.

    `item` is the public part of the item: the case's text and the options, without any score.
    """

    item: PublicCase
    protocol: QuestionProtocol
    call: Call

    def messages(self, role: str, instructions: str = "", **said: str) -> Messages:
        """The messages by which Primum asks a role; `said` are other agents' texts by name."""
        prompt = self.protocol.prompt(role, "draft", instructions, self.item, **said)
        return [
            {"role": "system", "content": prompt.system},
            {"role": "user", "content": prompt.user},
        ]

    def draft(self, text: str) -> str:
        """A reply as it is shown to another agent: in its tag, with tags in the reply escaped."""
        return f"<draft>\n{inert(text.strip())}\n</draft>"


class LangGraphEnsemble(EnsembleSpec):
    """An ensemble whose graph a user has built with LangGraph.

    A subclass sets `graph` and `description`, and returns its compiled graph from `compiled`. The
    graph is invoked with `{"question": GraphInput}` and leaves its answer under "answer".

    Attributes:
        agents: who may be asked, by the names of their seats.
    """

    traceable: ClassVar[bool] = False

    agents: Annotated[dict[Name, AgentSpec], Field(min_length=1)]

    def compiled(self) -> Any:
        """The compiled LangGraph graph."""
        raise NotImplementedError(f"{self.graph}: define `compiled`")

    def wire(self) -> Wiring:
        """Every seat once, then the answer; only the graph knows what each seat reads."""
        seats = tuple(
            Step(name, name, MEMBER, agent, field=f"agents.{name}")
            for name, agent in self.agents.items()
        )
        return Wiring((*seats, Step("graph", "graph", GRAPH, reads=names(seats))))

    @property
    def interchangeable(self) -> bool:
        """Whether another model may take a seat: only the graph knows what a seat does."""
        return False
