"""Watches for models whose replies cannot be read, so that a run does not go on for nothing."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from primum.agents.models.outcomes import Outcome
from primum.agents.replies.forms import form_of
from primum.agents.turns.transcript import Answer, Call
from primum.core.console import say
from primum.core.errors import PrimumError

FIRST = 3  # replies of a model, after which it is known to answer in an unknown form
LONGEST_REASON = 160


class UnreadableRepliesError(PrimumError):
    """The run was stopped, since the replies of a model cannot be read."""

    exit_code = 4


@dataclass
class _Replies:
    """The replies of one model so far.

    Attributes:
        read: whether any could be read.
        in_a_row: how many could not be read since the last one that could.
        keys: of those, so that a reply that several ensembles share counts once.
    """

    read: bool = False
    in_a_row: int = 0
    keys: set[str] = field(default_factory=set)


class UnreadableReplies:
    """Says once of each model that none of its first three replies can be read."""

    def __init__(self, study: str, stop_after: int | None = None) -> None:
        """Without `stop_after`, the run goes on whatever the models reply."""
        self._study, self._stop_after = study, stop_after
        self._models: dict[tuple[str, bool], _Replies] = defaultdict(_Replies)
        self._most = max(FIRST, stop_after or 0)

    def add(self, answer: Answer) -> None:
        """Look at the replies behind an answer, those of judges included.

        Raises:
            UnreadableRepliesError: so many replies of a model in a row cannot be read.
        """
        for call, judging in _calls(answer):
            if call.said.outcome is Outcome.OK:
                self._add(self._models[call.model, judging], call)

    def _add(self, replies: _Replies, call: Call) -> None:
        if not call.unread:
            replies.read, replies.in_a_row = True, 0
            replies.keys.clear()
        elif call.key not in replies.keys and replies.in_a_row < self._most:
            replies.keys.add(call.key)
            replies.in_a_row += 1
            self._judge(replies, call)

    def _judge(self, replies: _Replies, call: Call) -> None:
        if replies.in_a_row == self._stop_after:
            raise UnreadableRepliesError(
                f"{call.model}: of its replies, {self._stop_after} in a row cannot be read "
                f"({_seen(call)}): stopped by --stop-after-invalid; replies so far are in the "
                f"ledger, and `primum resume {self._study}` continues"
            )
        if replies.in_a_row == FIRST and not replies.read:
            say(
                f"{call.model}: none of its first {FIRST} replies can be read ({_seen(call)}); the "
                "run may be stopped (Ctrl-C, or --stop-after-invalid N) and continued later"
            )


def _calls(answer: Answer) -> Iterator[tuple[Call, bool]]:
    """The calls behind an answer, and whether they are a judge's."""
    judging = answer.judgement.said if answer.judgement else ()
    for turns, judges in ((answer.turns, False), (judging, True)):
        for turn in turns:
            yield from ((call, judges) for call in turn.calls)


def _seen(call: Call) -> str:
    """The form of a reply and why it cannot be read, without its text."""
    return f"{form_of(call.said.text)}: {call.unread[:LONGEST_REASON]}"
