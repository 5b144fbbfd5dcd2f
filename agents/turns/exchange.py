"""How an agent is asked: one call, and one more if its reply cannot be used."""

from dataclasses import dataclass, replace
from typing import Generic, NamedTuple, TypeVar

from primum.agents.models.client import RESPONSE_FORMAT, Message, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.models.registry import client_version
from primum.agents.protocols.record import ReplyParser
from primum.agents.replies.menu import Grade
from primum.agents.replies.reader import Read, ReplyError
from primum.agents.replies.refusals import is_refusal
from primum.agents.replies.schemas import BoundForm
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.specs.replies import RepliedAs
from primum.agents.turns.spoken import Spoken
from primum.agents.turns.transcript import Call, Caller, Turn, made_call
from primum.prompts.render import Prompt, substitute, template

T = TypeVar("T")
DECLINED = "the model declined, in prose"


@dataclass(frozen=True, slots=True)
class Agent:
    """A model in a seat.

    Attributes:
        seat: its place in the graph, such as "critic-2".
        role: the name of its role.
        spec: model, instructions and parameters, as in the panel's file.
        model: the model.
        sample: 1, or which of several seats that send the same prompts to the same model it is.
    """

    seat: str
    role: str
    spec: AgentSpec
    model: ModelSpec
    sample: int = 1

    def request(
        self, messages: tuple[Message, ...], trial: int, bound_form: BoundForm | None = None
    ) -> Request:
        """The call for some messages; the seat's parameters take precedence over the model's.

        Args:
            messages: the conversation.
            trial: the number of the trial.
            bound_form: the form to which the reply is bound if the model or seat says so; None for
                free text.
        """
        asked = self.spec.reply_form(self.model)
        sent = bound_form if asked.bound else None
        schema = {RESPONSE_FORMAT: sent.response_format} if sent else {}
        return Request(
            model=self.model.id,
            messages=messages,
            params={**schema, **self.model.params, **self.spec.params},
            api_base=self.model.api_base,
            api_version=self.model.api_version,
            revision=self.model.revision,
            trial=trial,
            sample=self.sample,
            client=client_version(self.model),
            schema_optional=bool(schema) and asked.falls_back,
        )


@dataclass(frozen=True, slots=True)
class Exchange(Generic[T]):
    """The result of asking an agent once or twice.

    Attributes:
        outcome: of the last call; INVALID if its reply could not be parsed.
        reason: why the outcome is not OK; empty if it is.
        value: the last reply as parsed; None unless the outcome is OK.
        calls: the calls, in order.
        messages: the whole conversation, the last reply included; without thinking.
        changes: what was normalised in the last reply.
    """

    outcome: Outcome
    reason: str
    value: T | None
    calls: tuple[Call, ...]
    messages: tuple[Message, ...]
    changes: tuple[str, ...] = ()


def opening(prompt: Prompt) -> tuple[Message, ...]:
    """The first messages of a conversation: system and user."""
    return (
        Message(role="system", content=prompt.system),
        Message(role="user", content=prompt.user),
    )


async def exchange(
    agent: Agent,
    messages: tuple[Message, ...],
    parser: ReplyParser[T],
    call: Caller,
    trial: int,
) -> Exchange[T]:
    """Ask an agent, and once more with the reason if its reply cannot be parsed.

    A reply that declines to answer is not asked for again.

    Args:
        agent: who is asked.
        messages: the conversation so far.
        parser: reads the replies, and names the template of the second request.
        call: sends a request to a model.
        trial: the number of the trial.
    """
    calls: list[Call] = []
    found: Result[T] = Result(Outcome.INVALID, "")
    for turn in range(2):
        if turn:
            text = substitute(template(parser.repair), {"reason": found.reason}).strip()
            messages = (*messages, Message(role="user", content=text))
        request = agent.request(messages, trial, parser.form)
        reply = await call(request, agent.spec)
        made = made_call(request, agent.spec.model, reply)
        said = made.said
        messages = (*messages, Message(role="assistant", content=said.text))
        made, text = _as_asked(made, parser.form)
        found = read_spoken(said._replace(text=text), parser)
        unread = found.reason if found.outcome is Outcome.INVALID else ""
        calls.append(replace(made, unread=unread) if unread else made)
        if found.outcome is not Outcome.INVALID:
            break
    value, changes = found.read or (None, ())
    return Exchange(found.outcome, found.reason, value, tuple(calls), messages, changes)


class Result(NamedTuple, Generic[T]):
    """The outcome of reading a reply, why it is not OK, and what was read if it is."""

    outcome: Outcome
    reason: str
    read: Read[T] | None = None


def read_spoken(said: Spoken, parser: ReplyParser[T]) -> Result[T]:
    """What a reply says, as parsed; REFUSAL if it declines, INVALID if it cannot be parsed.

    A reply in prose is a refusal if it reads as one; a reply of another form only if it cannot be
    parsed, too.
    """
    if said.outcome is not Outcome.OK:
        return Result(said.outcome, said.reason)
    try:
        read = parser.parse(said.text)
    except ReplyError as error:
        declined = is_refusal(said.text)
        return Result(*((Outcome.REFUSAL, DECLINED) if declined else (Outcome.INVALID, str(error))))
    if parser.prose and is_refusal(said.text):
        return Result(Outcome.REFUSAL, DECLINED)
    return Result(Outcome.OK, "", read)


def _as_asked(made: Call, form: BoundForm | None) -> tuple[Call, str]:
    """A call's text as its prompt asks for it; the call says where the schema was ignored."""
    text, outcome = made.said.text, made.said.outcome
    if form is None or outcome is not Outcome.OK:
        return replace(made, replied_as=None), text
    if made.replied_as is None:
        return replace(made, replied_as=RepliedAs.TEXT), text
    bound = form.read(text)
    if bound is None:
        return replace(made, replied_as=RepliedAs.IGNORED), text
    return made, bound


async def ask(
    agent: Agent,
    prompt: Prompt,
    parser: ReplyParser[tuple[Grade, ...]],
    call: Caller,
    trial: int,
) -> Turn:
    """Ask an agent as `exchange` does; returns its turn."""
    found = await exchange(agent, opening(prompt), parser, call, trial)
    return Turn(
        seat=agent.seat,
        role=agent.role,
        model=agent.spec.model,
        outcome=found.outcome,
        reason=found.reason,
        grades=found.value or (),
        calls=found.calls,
        changes=found.changes,
    )
