"""The protocol `plan`: no option is shown, and the answer is a plan in free text."""

from collections.abc import Mapping, Sequence

from primum.agents.protocols.plan_wording import ADDED, NO_ACTION, PlanWording
from primum.agents.protocols.record import Changes, Enough, ProtocolRecord, Returns, Said, Tally
from primum.agents.protocols.same_actions import same_actions
from primum.agents.replies.menu import Grade
from primum.agents.replies.objections import extract_objections
from primum.agents.replies.reader import Read, Reader
from primum.cases.model import PublicCase
from primum.prompts.render import inert, template

MADE_UP = 12  # actions of a plan that a dry run makes up


def _values(_case: PublicCase, form: str | None, returns: Returns) -> Mapping[str, str]:
    return {"length": template(f"length.{form}").strip()} if returns == "draft" else {}


def _parse(
    _text: str, _case: PublicCase, _returns: Returns, _reader: Reader
) -> Read[tuple[Grade, ...]]:
    """A plan has no grades; its text is kept unchanged."""
    return Read(())


def _count(drafts: Sequence[Said], enough: Enough, _case: PublicCase) -> Tally:
    """The actions that enough drafts have, as the first of them says each."""
    lines = [line for line, having in same_actions(drafts) if enough(having)]
    listed = (f"{number}. {line}" for number, line in enumerate(lines, 1))
    return Tally(text="\n".join(listed) or NO_ACTION)


def _agree(drafts: Sequence[Said]) -> bool:
    """Whether all drafts have the same actions, by their words."""
    return all(len(having) == len(drafts) for _, having in same_actions(drafts))


def _changes(turn: Said) -> Changes:
    """What is to be added and removed; what is to be done otherwise is neither."""
    said: dict[bool, list[str]] = {True: [], False: []}
    for objection in extract_objections(turn.text):
        if objection.kind in ADDED:
            said[ADDED[objection.kind]].append(objection.action)
    return Changes({}, tuple(said[True]), tuple(said[False]))


def _made_up(_user: str, mark: str, _returns: Returns) -> str:
    words = [mark[place : place + 3] for place in range(6)]  # in no two replies the same
    lines = (" ".join(f"{word}{n}" for word in words) for n in range(1, MADE_UP + 1))
    return "\n".join(f"{n}. {line}, and why it is due." for n, line in enumerate(lines, 1))


PLAN = ProtocolRecord(
    name="plan",
    description="Write a plan in free text; concise is under 200 words.",
    doing="writing plans",
    heading="plans",
    judging="comparing words is no judge (docs/judging.md says how far it errs).",
    items="case",
    forms=("concise", "500-words", "unlimited"),
    shows_options=False,
    values=_values,
    templates=lambda form: (f"length.{form}",) if form else (),
    parse=_parse,
    repair="repair.array",
    show=lambda turn: inert(turn.text.strip()),
    count=_count,
    agree=_agree,
    recommended=lambda _: None,
    changes=_changes,
    grades_matcher=None,
    default_matcher="lexical",
    recognises=lambda user: "<menu>\n" not in user,
    wording=PlanWording,
    made_up=_made_up,
)
