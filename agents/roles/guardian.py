"""The guardian: reads one draft and writes it again as it should be."""

import numpy as np

from primum.agents.roles.record import Material, Question, Reads, Role, Stage
from primum.agents.roles.review import review
from primum.agents.roles.simulated import OptionWording, SimulatedState
from primum.agents.turns.exchange import Agent
from primum.agents.turns.transcript import Turn
from primum.core.arrays import Bools


async def rewrite(agent: Agent, question: Question, material: Material) -> Turn | None:
    """An agent's own version of a draft."""
    return await review(agent, "guardian", "draft", question, material)


def decide(state: SimulatedState) -> Bools:
    """The draft, changed where a simulated model believes otherwise and acts on it."""
    draft = state.drafts[-1]
    return np.where((state.own != draft) & state.acts(), state.own, draft)


def write(state: SimulatedState, wording: OptionWording) -> str:
    """The rewritten draft."""
    return wording.answer(decide(state), "Simulated rewriting of a draft.")


GUARDIAN = Role(
    name="guardian",
    mark="U",
    stage=Stage.REVIEW,
    reads=Reads.ONE,
    returns="draft",
    title="rewrites a draft",
    ordered=True,
    ask=rewrite,
    decide=decide,
    write=write,
)
