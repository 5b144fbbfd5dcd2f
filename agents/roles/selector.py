"""The selector: an aggregator that picks one of the drafts as it stands."""

import json

import numpy as np

from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.record import ReplyParser
from primum.agents.replies.menu import parse_choice
from primum.agents.replies.schemas import choice_form
from primum.agents.roles.record import Material, Question, Reads, Role, Stage
from primum.agents.roles.simulated import OptionWording, SimulatedState
from primum.agents.turns.draft_format import show_drafts
from primum.agents.turns.exchange import Agent, Exchange, exchange, opening
from primum.agents.turns.transcript import Turn
from primum.core.arrays import Bools, Ints

REPAIR_PROMPT = "repair.object"


async def select(agent: Agent, question: Question, material: Material) -> Turn | None:
    """The best of some drafts as it stands; of a single one no agent is asked."""
    drafts = material.drafts
    if not drafts:
        return None
    found: Exchange[int] = Exchange(Outcome.OK, "", 1, (), ())
    if len(drafts) > 1:
        protocol = question.protocol
        shown = show_drafts(drafts, protocol, material.reading, material.critiques)
        prompt = protocol.prompt(
            "selector", "choice", agent.spec.instructions, question.case, drafts=shown
        )
        parser = ReplyParser(
            lambda text: parse_choice(text, len(drafts), protocol.reader.name),
            REPAIR_PROMPT,
            choice_form(len(drafts)),
        )
        found = await exchange(agent, opening(prompt), parser, question.call, question.trial)
    draft = drafts[found.value - 1] if found.value else None
    return Turn(
        seat=agent.seat,
        role=agent.role,
        model=agent.spec.model,
        outcome=found.outcome,
        reason=found.reason,
        grades=draft.grades if draft else (),
        calls=found.calls,
        about=draft.seat if draft else None,
        passed_on=draft.text if draft else None,
        changes=found.changes,
    )


def choose(state: SimulatedState) -> Ints:
    """The draft that its own beliefs contradict least, the first shown of several; by place."""
    apart = np.stack([(draft != state.own).sum(axis=-1) for draft in state.drafts], axis=-1)
    return np.asarray((apart * len(state.drafts) + state.places).argmin(axis=-1))


def decide(state: SimulatedState) -> Bools:
    """The chosen draft."""
    chosen = choose(state)
    index = chosen[None, ..., None]
    return np.asarray(np.take_along_axis(np.stack(state.drafts), index, axis=0)[0])


def write(state: SimulatedState, _: OptionWording) -> str:
    """The number of the chosen draft."""
    return _choice(int(choose(state)) + 1, "Simulated choice.")


def _choice(number: int, rationale: str) -> str:
    return json.dumps({"Draft": number, "Rationale": rationale})


SELECTOR = Role(
    name="selector",
    mark="S",
    stage=Stage.CONCLUSION,
    reads=Reads.ALL,
    returns="choice",
    title="picks one of the drafts",
    recorded_as="aggregator",
    ask=select,
    decide=decide,
    write=write,
    placeholder=lambda _, mark: _choice(1, f"{mark[:8]}: one short sentence."),
)
