"""How any agent is asked: one request, one repair turn at most, one turn on record."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import JsonValue

from primum.agents.models.client import Message, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.models.registry import client_version
from primum.agents.protocols.record import ReplyParser
from primum.agents.replies.menu import ReplyError
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.turns.transcript import Call, Caller, Turn
from primum.prompts.render import Prompt, substitute, template

T = TypeVar("T")
Parser = Callable[[str], T]


@dataclass(frozen=True, slots=True)
class Agent:
    """A model in a seat, ready to be asked.

    `sample` counts the seats before it, itself included, that ask the same of the same model;
    `form` is what its replies are bound to (LiteLLM's response_format), if anything.
    """

    seat: str
    role: str
    spec: AgentSpec
    model: ModelSpec
    sample: int = 1
    form: JsonValue = None

    def request(self, messages: tuple[Message, ...], trial: int) -> Request:
        """The call for some messages, with the model's parameters and the seat's over them."""
        bound = {"response_format": self.form} if self.form else {}
        return Request(
            model=self.model.id,
            messages=messages,
            params={**bound, **self.model.params, **self.spec.params},
            api_base=self.model.api_base,
            api_version=self.model.api_version,
            revision=self.model.revision,
            trial=trial,
            sample=self.sample,
            client=client_version(self.model.id),
        )


@dataclass(frozen=True, slots=True)
class Exchange(Generic[T]):
    """A question and what came of it: what was read in the last reply, if the outcome is OK.

    `messages` is the whole conversation, the last reply included.
    """

    outcome: Outcome
    reason: str
    value: T | None
    calls: tuple[Call, ...]
    messages: tuple[Message, ...]


def opening(prompt: Prompt) -> tuple[Message, ...]:
    """The messages that a conversation begins with."""
    return (
        Message(role="system", content=prompt.system),
        Message(role="user", content=prompt.user),
    )


async def exchange(
    agent: Agent,
    messages: tuple[Message, ...],
    parse: Parser[T],
    call: Caller,
    trial: int,
    repair: str,
) -> Exchange[T]:
    """Ask an agent; where its reply cannot be used, say why (by `repair`) and ask once more."""
    calls: list[Call] = []
    outcome, reason, value = Outcome.INVALID, "", None
    for turn in range(2):
        if turn:
            text = substitute(template(repair), {"reason": reason}).strip()
            messages = (*messages, Message(role="user", content=text))
        request = agent.request(messages, trial)
        reply = await call(request, agent.spec.model)
        calls.append(Call(request.key, agent.spec.model, reply))
        messages = (*messages, Message(role="assistant", content=reply.text))
        outcome, reason = reply.outcome, reply.reason
        if outcome is Outcome.OK:
            try:
                value = parse(reply.text)
            except ReplyError as error:
                outcome, reason = Outcome.INVALID, str(error)
        if outcome is not Outcome.INVALID:
            break
    return Exchange(outcome, reason, value, tuple(calls), messages)


async def ask(
    agent: Agent,
    prompt: Prompt,
    parser: ReplyParser,
    call: Caller,
    trial: int,
) -> Turn:
    """What an agent says to a prompt, as a turn."""
    found = await exchange(agent, opening(prompt), parser.parse, call, trial, parser.repair)
    return Turn(
        seat=agent.seat,
        role=agent.role,
        model=agent.spec.model,
        outcome=found.outcome,
        reason=found.reason,
        grades=found.value or (),
        calls=found.calls,
    )
