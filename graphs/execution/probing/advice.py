"""What to change after a probe: pure functions of what came back."""

from collections.abc import Iterator
from typing import NamedTuple

from primum.agents.models.client import Reply
from primum.agents.models.outcomes import Outcome
from primum.agents.specs.parameters import TOKENS
from primum.agents.specs.replies import RepliedAs
from primum.graphs.execution.probing.probe import Probe, Probed


class Sign(NamedTuple):
    """Words of an endpoint's error, all of which occur, and what to change then."""

    words: tuple[str, ...]
    remedy: str


SIGNS = (
    Sign(("response_format",), "the endpoint binds no replies: set `replies: text`"),
    Sign(("json_schema",), "the endpoint binds no replies: set `replies: text`"),
    Sign(("system", "role"), "the model takes no system message: serve it with another template"),
    Sign(("temperature",), "the model takes no `temperature`: leave it out of `params`"),
    Sign(("max_completion_tokens",), "write `max_completion_tokens` in place of `max_tokens`"),
    Sign(("context length",), "prompt and reply do not fit: serve a longer context"),
    Sign(("context_length",), "prompt and reply do not fit: serve a longer context"),
)


def advice(probed: Probed) -> list[str]:
    """What came back that a user should know, and what to change; empty where all is well."""
    if probed.not_asked:
        return [f"not asked: {probed.not_asked}"]
    if probed.turn is None:
        return ["not asked: there was nothing for it to read"]
    return list(_of_turn(probed))


def _of_turn(probed: Probed) -> Iterator[str]:
    turn = probed.turn
    assert turn
    reply = turn.calls[-1].reply
    if turn.reason:
        yield turn.reason
    if turn.calls[-1].replied_as is RepliedAs.IGNORED:
        yield "the endpoint takes no notice of the schema: write `replies: text`"
    if turn.outcome is not Outcome.OK:
        yield next(
            _signs(turn.reason), turn.outcome.remedy + _limit_set(probed.probe, turn.outcome)
        )
    elif len(turn.calls) > 1:
        yield f"usable only when asked again ({len(turn.calls)} calls)"
    yield from _of_reply(probed.probe, reply)


def _of_reply(probe: Probe, reply: Reply) -> Iterator[str]:
    if reply.outcome is not Outcome.OK:
        return
    if reply.returned_model and not _same(probe.model.id, reply.returned_model):
        yield f"asked for {probe.model.id}, and {reply.returned_model} answered"
    if reply.input_tokens is None:
        yield "the endpoint reports no tokens: a prompt that was cut cannot be noticed, nor a cost"
    elif reply.cost is None:
        yield "its price is unknown: give `price` in the panel"


def _signs(reason: str) -> Iterator[str]:
    said = reason.casefold()
    return (sign.remedy for sign in SIGNS if all(word in said for word in sign.words))


def _limit_set(probe: Probe, outcome: Outcome) -> str:
    """The limit that is set, in brackets, where it is what cut the reply off."""
    if outcome is not Outcome.TRUNCATED:
        return ""
    params = {**probe.model.params, **probe.agent.params}
    limit = next((params[name] for name in sorted(TOKENS) if name in params), None)
    return f" (now {limit})" if limit else " (now the endpoint's own)"


def _same(asked: str, answered: str) -> bool:
    """Whether the name of what answered is that of the model, or of a dated version of it."""
    names = [name.rpartition("/")[2].casefold() for name in (asked, answered)]
    return names[0] in names[1] or names[1] in names[0]
