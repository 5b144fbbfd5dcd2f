"""The plan of an ensemble for one case, with the proposals and objections of its agents.

The lexical matcher decides which actions of different agents are the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from primum.agents.models.outcomes import Outcome
from primum.agents.replies.lists import ChangeKind
from primum.agents.replies.objections import Objection, extract_objections
from primum.agents.replies.plan import PlannedAction, extract_actions
from primum.agents.roles.registry import ROLES
from primum.agents.turns.transcript import Answer, Turn
from primum.evaluation.matching.lexical.matcher import match_text


@dataclass(frozen=True, slots=True)
class AgentObjection:
    """The objection of one critic (`by`) to an action, about the draft of the seat `on`."""

    by: str
    on: str
    kind: ChangeKind
    action: str
    why: str


@dataclass(frozen=True, slots=True)
class RecommendedAction:
    """One action with its urgency and reason, the agents for and against it, and objections.

    Names are seats with their models, such as `generator-1 (aspen)`.
    """

    action: str
    urgency: str | None
    why: str
    proposed_by: tuple[str, ...]
    not_by: tuple[str, ...]
    objections: tuple[AgentObjection, ...]

    @property
    def disputed(self) -> bool:
        """Whether the agents disagree about it."""
        return bool(self.not_by and self.proposed_by) or bool(self.objections)


@dataclass(frozen=True, slots=True)
class ConsensusAdvice:
    """A consolidated plan with the disagreement of its agents.

    `actions` are those of the plan, `dropped` those of drafts that the plan leaves out. `unheeded`
    are objections about actions in neither, most often proposed additions. `silent` names the
    agents without a usable reply.
    """

    text: str
    actions: tuple[RecommendedAction, ...]
    dropped: tuple[RecommendedAction, ...]
    unheeded: tuple[AgentObjection, ...]
    silent: tuple[str, ...]
    simulated: bool


def consolidate(answer: Answer, *, simulated: bool) -> ConsensusAdvice:
    """The actions of a usable answer's plan, with the proposals and objections of its agents."""
    last = answer.turns[-1]
    usable = [turn for turn in answer.turns if turn.outcome is Outcome.OK]
    critics = [turn for turn in usable if ROLES[turn.role].objects]
    drafts = [turn for turn in usable if _is_draft(turn) and turn is not last]
    drafts = drafts or [last]  # a solo's plan is its own draft
    said = [(critic, note) for critic in critics for note in extract_objections(critic.text)]
    final = extract_actions(answer.text)
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
    assigned = {i for found in about.values() for i in found}
    return ConsensusAdvice(
        text=answer.text,
        actions=tuple(advised[: len(final)]),
        dropped=tuple(advised[len(final) :]),
        unheeded=tuple(_objector(*note) for i, note in enumerate(said) if i not in assigned),
        silent=tuple(f"{_name(t)}: {t.outcome}" for t in answer.turns if t not in usable),
        simulated=simulated,
    )


def _is_draft(turn: Turn) -> bool:
    """Whether a turn is a first draft, or a revision of a single draft."""
    role = ROLES[turn.role]
    return role.drafts or (role.reads_one and not role.objects)


def included(actions: list[str], text: str) -> set[int]:
    """The positions of the actions that a text recommends, by lexical matching.

    An item with exactly the words of an action matches that action and no other.
    """
    wanted = [_plain(action) for action in actions]
    found: set[int] = set()
    rest = text
    for item in extract_actions(text):
        same = {i for i, action in enumerate(wanted) if action == _plain(item.text)}
        if same:
            found |= same
            rest = rest[: item.start] + " " * (item.end - item.start) + rest[item.end :]
    others = [(i, "", action) for i, action in enumerate(actions) if i not in found]
    return found | {m.option for m in match_text(others, rest) if m.verdict != "none"}


def _dropped(drafts: list[Turn], plan: str) -> Iterator[PlannedAction]:
    """The actions of drafts that are not in the plan, without repetitions."""
    listed: list[str] = []
    for draft in drafts:
        actions = extract_actions(draft.text)
        texts = [action.text for action in actions]
        kept = included(texts, plan)
        listing = "\n".join(f"{n}. {text}" for n, text in enumerate(listed, 1))
        repeated = included(texts, listing) if listed else set()
        for i, action in enumerate(actions):
            if i not in kept and i not in repeated:
                listed.append(action.text)
                yield action


def _about(actions: list[str], said: list[tuple[Turn, Objection]]) -> dict[int, list[int]]:
    """The objections to each action: positions in `said` by position in `actions`.

    An objection that quotes an action belongs to it; others are matched by their words.
    """
    found: dict[int, list[int]] = {}
    for i, (_, note) in enumerate(said):
        quoted = {n for n, action in enumerate(actions) if _plain(action) == _plain(note.action)}
        for place in quoted or included(actions, note.action):
            found.setdefault(place, []).append(i)
    return found


def _objector(turn: Turn, note: Objection) -> AgentObjection:
    return AgentObjection(
        by=_name(turn), on=turn.about or "", kind=note.kind, action=note.action, why=note.why
    )


def _name(turn: Turn) -> str:
    return f"{turn.seat} ({turn.model})"


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
