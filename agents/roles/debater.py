"""The debater: reads the others' drafts beside its own, and writes its own again."""

from dataclasses import replace

import numpy as np

from primum.agents.roles.record import Material, Question, Reads, Role, Stage
from primum.agents.roles.simulated import OptionWording, SimulatedState, signs
from primum.agents.turns.draft_format import YOURS, show_draft, show_drafts
from primum.agents.turns.exchange import Agent, ask
from primum.agents.turns.transcript import Turn
from primum.core.arrays import Bools


async def revise(agent: Agent, question: Question, material: Material) -> Turn | None:
    """An agent's draft of a round, after its own and the others'; None without one of its own."""
    own = next((turn for turn in material.drafts if turn.seat == agent.seat), None)
    if own is None:
        return None
    protocol, case, reading = question.protocol, question.case, material.reading
    others = [turn for turn in material.drafts if turn is not own]
    prompt = protocol.prompt(
        "debater",
        "draft",
        agent.spec.instructions,
        case,
        draft=show_draft(own, protocol, YOURS if reading.named else None),
        drafts=show_drafts(others, protocol, reading),
    )
    turn = await ask(agent, prompt, protocol.parser("draft", case), question.call, question.trial)
    return replace(turn, role=DEBATER.name, round=material.round)


def decide(state: SimulatedState) -> Bools:
    """What most drafts have, its own among them; on a tie it stays or gives way by chance."""
    votes = np.sum([signs(draft) for draft in state.drafts], axis=0)
    return np.asarray(np.where(votes == 0, state.drafts[0] == state.acts(), votes > 0))


def write(state: SimulatedState, wording: OptionWording) -> str:
    """The revised draft."""
    return wording.answer(decide(state), "Simulated revision of a draft.")


DEBATER = Role(
    name="debater",
    mark="D",
    stage=Stage.REVIEW,
    reads=Reads.OWN,
    returns="draft",
    title="revises its draft after reading the others'",
    ask=revise,
    decide=decide,
    write=write,
)
