"""How any agent is asked: one request, one repair turn at most, one turn on record."""

from collections.abc import Callable
from dataclasses import dataclass

from primum.agents.client import Message, Outcome, Reply, Request
from primum.agents.records import Call, Caller, Turn
from primum.agents.replies import Grade, ReplyError
from primum.agents.spec import AgentSpec, ModelSpec, Role
from primum.prompts.render import Prompt, substitute, template

Parser = Callable[[str], tuple[Grade, ...]]


@dataclass(frozen=True, slots=True)
class Agent:
    """A model in a seat, ready to be asked.

    `sample` counts the seats before it, itself included, that ask the same of the same model.
    """

    seat: str
    role: Role
    spec: AgentSpec
    model: ModelSpec
    sample: int = 1

    def request(self, messages: tuple[Message, ...], trial: int) -> Request:
        """The call for some messages, with the model's parameters and the seat's over them."""
        return Request(
            model=self.model.id,
            messages=messages,
            params={**self.model.params, **self.spec.params},
            api_base=self.model.api_base,
            api_version=self.model.api_version,
            revision=self.model.revision,
            trial=trial,
            sample=self.sample,
        )


async def ask(
    agent: Agent, prompt: Prompt, parse: Parser, call: Caller, trial: int, about: str | None = None
) -> Turn:
    """Ask an agent; where its reply cannot be used, say why and ask once more."""
    messages: tuple[Message, ...] = (
        Message(role="system", content=prompt.system),
        Message(role="user", content=prompt.user),
    )
    calls: list[Call] = []
    grades: tuple[Grade, ...] = ()
    outcome, reason = Outcome.INVALID, ""
    for _ in range(2):
        request = agent.request(messages, trial)
        reply = await call(request, agent.spec.model)
        calls.append(Call(request.key, agent.spec.model, reply))
        outcome, reason, grades = _read(reply, parse)
        if outcome is not Outcome.INVALID:
            break
        repair = substitute(template("repair.menu"), {"reason": reason}).strip()
        messages = (
            *messages,
            Message(role="assistant", content=reply.text),
            Message(role="user", content=repair),
        )
    return Turn(
        seat=agent.seat,
        role=agent.role,
        model=agent.spec.model,
        outcome=outcome,
        reason=reason,
        grades=grades,
        calls=tuple(calls),
        about=about,
    )


def _read(reply: Reply, parse: Parser) -> tuple[Outcome, str, tuple[Grade, ...]]:
    if reply.outcome is not Outcome.OK:
        return reply.outcome, reply.reason, ()
    try:
        return Outcome.OK, "", parse(reply.text)
    except ReplyError as error:
        return Outcome.INVALID, str(error), ()
