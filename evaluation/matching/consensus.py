"""What an ensemble's agents made of one case: who proposed what, who objected, what was dropped.

Actions of different agents are held to be the same by their words (the lexical matcher).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from primum.agents.models.outcomes import Outcome
from primum.agents.replies.lists import ChangeKind
from primum.agents.replies.objections import Objection, draw_objections
from primum.agents.replies.plan import PlannedAction, draw_actions
from primum.agents.roles.registry import ROLES
from primum.agents.turns.transcript import Answer, Turn
from primum.evaluation.matching.lexical.matcher import match_text


@dataclass(frozen=True, slots=True)
class Objector:
    """What one critic said of an action, reading the draft of the seat `on`."""

    by: str
    on: str
    kind: ChangeKind
    action: str
    why: str


@dataclass(frozen=True, slots=True)
class RecommendedAction:
    """One action: what, how urgent, why; who proposed it, who did not, and who objected.

    Names are seats with their models, such as `generator-1 (aspen)`.
    """

    action: str
    urgency: str | None
    why: str
    proposed_by: tuple[str, ...]
    not_by: tuple[str, ...]
    objections: tuple[Objector, ...]

    @property
    def disputed(self) -> bool:
        """Whether the agents disagree about it."""
        return bool(self.not_by and self.proposed_by) or bool(self.objections)


@dataclass(frozen=True, slots=True)
class ConsensusAdvice:
    """A consolidated plan with its dissent.

    `actions` are the plan's, `dropped` those of drafts that it leaves out, `unheeded` the critics'
    objections about actions that are in neither (most often: what they would add).
    """

    text: str
    actions: tuple[RecommendedAction, ...]
    dropped: tuple[RecommendedAction, ...]
    unheeded: tuple[Objector, ...]
    silent: tuple[str, ...]
    simulated: bool


def consolidate(answer: Answer, *, simulated: bool) -> ConsensusAdvice:
    """A usable answer's plan, action by action, beside what its agents said before."""
    last = answer.turns[-1]
    usable = [turn for turn in answer.turns if turn.outcome is Outcome.OK]
    critics = [turn for turn in usable if ROLES[turn.role].objects]
    drafts = [turn for turn in usable if _is_draft(turn) and turn is not last]
    drafts = drafts or [last]  # a solo's plan is its own draft
    said = [(critic, note) for critic in critics for note in draw_objections(critic.text)]
    final = draw_actions(answer.text)
    dropped = list(_dropped(drafts, answer.text))
    listed = [*final, *dropped]
    texts = [action.text for action in listed]
    about = _about(texts, said)
    proposals = [included(texts, draft.text) for draft in drafts]
    advised = [
        RecommendedAction(
            action=action.text,
            urgency=action.urgency,
            why=action.why,
            proposed_by=tuple(
                _name(draft)
                for draft, proposed in zip(drafts, proposals, strict=True)
                if place in proposed
            ),
            not_by=tuple(
                _name(draft)
                for draft, proposed in zip(drafts, proposals, strict=True)
                if place not in proposed
            ),
            objections=tuple(_objector(*said[i]) for i in about.get(place, ())),
        )
        for place, action in enumerate(listed)
    ]
    heard = {i for found in about.values() for i in found}
    return ConsensusAdvice(
        text=answer.text,
        actions=tuple(advised[: len(final)]),
        dropped=tuple(advised[len(final) :]),
        unheeded=tuple(_objector(*note) for i, note in enumerate(said) if i not in heard),
        silent=tuple(f"{_name(t)}: {t.outcome}" for t in answer.turns if t not in usable),
        simulated=simulated,
    )


def _is_draft(turn: Turn) -> bool:
    """Whether a turn is a first draft, or one that was rewritten by another."""
    role = ROLES[turn.role]
    return role.drafts or (role.reads_one and not role.objects)


def included(actions: list[str], text: str) -> set[int]:
    """Which of some actions a text commits to, by its words; positions in the list.

    An item with exactly the words of an action matches that action and no other.
    """
    wanted = [_plain(action) for action in actions]
    found: set[int] = set()
    rest = text
    for item in draw_actions(text):
        same = {i for i, action in enumerate(wanted) if action == _plain(item.text)}
        if same:
            found |= same
            rest = rest[: item.start] + " " * (item.end - item.start) + rest[item.end :]
    others = [(i, "", action) for i, action in enumerate(actions) if i not in found]
    return found | {m.option for m in match_text(others, rest) if m.verdict != "none"}


def _dropped(drafts: list[Turn], plan: str) -> Iterator[PlannedAction]:
    """The drafts' actions that are not in the plan, each once."""
    listed: list[str] = []
    for draft in drafts:
        actions = draw_actions(draft.text)
        texts = [action.text for action in actions]
        kept = included(texts, plan)
        listing = "\n".join(f"{n}. {text}" for n, text in enumerate(listed, 1))
        again = included(texts, listing) if listed else set()
        for i, action in enumerate(actions):
            if i not in kept and i not in again:
                listed.append(action.text)
                yield action


def _about(actions: list[str], said: list[tuple[Turn, Objection]]) -> dict[int, list[int]]:
    """The objections to each action: positions in `said` by position in `actions`.

    One that quotes an action is about that one; only the others are compared by their words.
    """
    found: dict[int, list[int]] = {}
    for i, (_, note) in enumerate(said):
        quoted = {n for n, action in enumerate(actions) if _plain(action) == _plain(note.action)}
        for place in quoted or included(actions, note.action):
            found.setdefault(place, []).append(i)
    return found


def _objector(turn: Turn, note: Objection) -> Objector:
    return Objector(
        by=_name(turn), on=turn.about or "", kind=note.kind, action=note.action, why=note.why
    )


def _name(turn: Turn) -> str:
    return f"{turn.seat} ({turn.model})"


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
