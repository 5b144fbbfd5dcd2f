"""The aggregator: weighs drafts and critiques, and gives one answer of its own."""

import numpy as np

from primum.agents.roles.record import Material, Question, Reads, Role, Stage
from primum.agents.roles.simulated import OptionWording, SimulatedState, signs
from primum.agents.turns.draft_format import show_drafts
from primum.agents.turns.exchange import Agent, ask
from primum.agents.turns.transcript import Turn
from primum.core.arrays import Bools, Floats

OBJECTION_WEIGHT = 0.5  # of a critic's objection, where a draft weighs 1


async def aggregate(agent: Agent, question: Question, material: Material) -> Turn | None:
    """One answer from drafts, in the order given, and critiques of them; None without a draft."""
    if not material.drafts:
        return None
    protocol, case = question.protocol, question.case
    shown = show_drafts(material.drafts, protocol, material.reading, material.critiques)
    prompt = protocol.prompt("aggregator", "draft", agent.spec.instructions, case, drafts=shown)
    return await ask(agent, prompt, protocol.parser("draft", case), question.call, question.trial)


def decide(state: SimulatedState) -> Bools:
    """Drafts and objections weighed; in a tie a simulated model follows its own belief."""
    weights: Floats = np.sum([signs(draft) for draft in state.drafts], axis=0, dtype=float)
    for critique in state.critiques:
        weights += OBJECTION_WEIGHT * signs(critique.appropriate) * critique.given
    return np.where(weights == 0, state.own, weights > 0)


def write(state: SimulatedState, wording: OptionWording) -> str:
    """The consolidated answer."""
    return wording.answer(decide(state), "Simulated weighing of drafts and critiques.")


AGGREGATOR = Role(
    name="aggregator",
    mark="A",
    stage=Stage.CONCLUSION,
    reads=Reads.ALL,
    returns="draft",
    title="merges drafts into one answer",
    ask=aggregate,
    decide=decide,
    write=write,
)
